output "arn" {
  description = "The load balancer's ARN, once it listens."
  value       = aws_lb_listener.this.load_balancer_arn
}

output "domain" {
  description = "Its own name."
  value       = aws_lb.this.dns_name
}

output "target_group_arn" {
  description = "The group that the API's tasks belong to, once something leads there."
  value       = one(aws_lb_listener.this.default_action[*].target_group_arn)
}

output "security_group_id" {
  description = "Who asks the API."
  value       = aws_security_group.this.id
}

output "dimensions" {
  description = "Its names in CloudWatch."
  value = {
    LoadBalancer = aws_lb.this.arn_suffix
    TargetGroup  = aws_lb_target_group.this.arn_suffix
  }
}
