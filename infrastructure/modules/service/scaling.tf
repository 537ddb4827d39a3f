# Two reasons for more tasks: busy processors, and work that waits though they are idle,
# for workers mostly wait for AWS. Each reason asks for a number of tasks, and the larger
# one counts; fewer run only when neither objects. A metric that is missing objects.

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster}/${aws_ecs_service.this.name}"
  min_capacity       = var.is_launched ? var.size.least : 0
  max_capacity       = var.is_launched ? var.size.most : 0
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "${var.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "lag" {
  count              = var.lag == null ? 0 : 1
  name               = "${var.name}-lag"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.lag.seconds
    scale_in_cooldown  = 300
    scale_out_cooldown = 120

    customized_metric_specification {
      namespace   = var.lag.namespace
      metric_name = var.lag.metric
      statistic   = "Maximum" # every beat tells the same

      dynamic "dimensions" {
        for_each = var.lag.dimensions
        content {
          name  = dimensions.key
          value = dimensions.value
        }
      }
    }
  }
}
