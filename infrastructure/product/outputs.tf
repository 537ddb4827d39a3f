output "cluster" {
  description = "The cluster's name."
  value       = aws_ecs_cluster.this.name
}

output "once" {
  description = "What `infrastructure/run_once` needs: task definitions by name, subnets and security group."
  value = {
    tasks          = { for name, task in module.once : name => task.arn }
    subnets        = module.network.private_subnet_ids
    security_group = aws_security_group.tasks.id
  }
}

output "secrets" {
  description = "Secrets to be filled in, by setting."
  value       = module.secrets.arns
}

output "database_host" {
  description = "The host of the four database URLs, on port 5432, to end with ?ssl=verify-full."
  value       = module.database.host
}

output "cache_host" {
  description = "The host of REDIS_URL, on port 6379."
  value       = module.cache.host
}

output "console_bucket" {
  description = "Where the console's assets go."
  value       = module.console.bucket
}

output "platform_principal_arn" {
  description = "Whom customers' roles trust."
  value       = aws_iam_role.worker.arn
}
