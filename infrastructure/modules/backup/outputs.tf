output "vault_arn" {
  description = "Where the copies are."
  value       = aws_backup_vault.this.arn
}
