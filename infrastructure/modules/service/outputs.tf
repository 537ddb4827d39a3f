output "name" {
  description = "The service's name."
  value       = aws_ecs_service.this.name
}

output "security_group_id" {
  description = "The security group of its tasks."
  value       = aws_security_group.this.id
}

output "containers" {
  description = "Its containers as ECS is told of them, for tests."
  value       = module.task.containers
}
