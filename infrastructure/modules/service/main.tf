# A program that always runs, in so many tasks as there is work for. A rollout whose
# tasks do not become healthy is ended and taken back by itself.

module "task" {
  source = "../task"

  name            = var.name
  image           = var.task.image
  command         = var.task.command
  cpu             = var.size.cpu
  memory          = var.size.memory
  environment     = var.task.environment
  secrets         = var.task.secrets
  secret_key_arns = var.task.secret_key_arns
  task_role_arn   = var.task.task_role_arn
  port            = var.task.port
  health_command  = var.task.health_command
  stop_seconds    = var.task.stop_seconds
  sidecars        = var.task.sidecars
  log_key_arn     = var.log_key_arn
  log_days        = var.log_days
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "The tasks of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = { Name = var.name }
}

resource "aws_vpc_security_group_egress_rule" "internet" {
  for_each          = var.ports_out
  security_group_id = aws_security_group.this.id
  description       = each.key
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = "0.0.0.0/0"
  tags              = { Name = "${var.name}-${each.value}" }
}

resource "aws_ecs_service" "this" {
  name                               = var.name
  cluster                            = var.cluster
  task_definition                    = module.task.arn
  launch_type                        = "FARGATE"
  platform_version                   = "LATEST"
  desired_count                      = var.is_launched ? var.size.least : 0
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = var.target_group_arn == null ? null : 60
  enable_execute_command             = false
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = var.target_group_arn == null ? [] : [var.target_group_arn]
    content {
      target_group_arn = load_balancer.value
      container_name   = "main"
      container_port   = var.task.port
    }
  }

  lifecycle {
    ignore_changes = [desired_count] # it is the scaling's
  }
}
