output "arn" {
  description = "What Cloudrota is told."
  value       = aws_iam_role.this.arn
}
