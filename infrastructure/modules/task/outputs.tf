output "arn" {
  description = "The task definition with its revision, once its start role may do its part."
  value       = aws_ecs_task_definition.this.arn

  depends_on = [aws_iam_role_policy.start]
}

output "family_arn" {
  description = "The task definition without its revision."
  value       = aws_ecs_task_definition.this.arn_without_revision
}

output "start_role_arn" {
  description = "Who starts it."
  value       = aws_iam_role.start.arn
}

output "containers" {
  description = "The containers as ECS is told of them, for tests."
  value       = aws_ecs_task_definition.this.container_definitions
}
