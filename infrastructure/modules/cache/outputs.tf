output "host" {
  description = "The name for REDIS_URL, on port 6379."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "security_group_id" {
  description = "What processes must be let out to."
  value       = aws_security_group.this.id
}
