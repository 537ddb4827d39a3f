output "region_arn" {
  description = "The certificate for the load balancer, once it is valid."
  value       = aws_acm_certificate_validation.region.certificate_arn
}

output "edge_arn" {
  description = "The certificate for CloudFront, once it is valid."
  value       = aws_acm_certificate_validation.edge.certificate_arn
}
