output "name" {
  description = "The bucket's name, once it is as private as it will be."
  value       = aws_s3_bucket_policy.this.bucket
}

output "arn" {
  description = "The bucket's ARN."
  value       = aws_s3_bucket.this.arn
}

output "domain" {
  description = "The bucket's host in its region."
  value       = aws_s3_bucket.this.bucket_regional_domain_name
}
