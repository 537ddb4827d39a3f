output "bucket" {
  description = "Where the console's assets go before a version is rolled out."
  value       = module.bucket.name
}

output "distribution_id" {
  description = "The distribution's id."
  value       = aws_cloudfront_distribution.this.id
}
