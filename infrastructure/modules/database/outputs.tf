output "arn" {
  description = "The instance's ARN, for backups."
  value       = aws_db_instance.this.arn
}

output "host" {
  description = "The name that processes connect to, on port 5432."
  value       = aws_db_instance.this.address
}

output "security_group_id" {
  description = "What processes must be let out to."
  value       = aws_security_group.this.id
}

output "master_secret_arn" {
  description = "Where RDS keeps the master's name and password, as JSON."
  value       = one(aws_db_instance.this.master_user_secret[*].secret_arn)
}
