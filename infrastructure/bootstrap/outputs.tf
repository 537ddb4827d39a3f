output "backend" {
  description = "What backend.hcl of each environment holds."
  value = {
    bucket     = module.state.name
    region     = var.region
    kms_key_id = module.state_key.arn
  }
}

output "repositories" {
  description = "Where images are pushed, by the repository's name. IMAGE_REPOSITORY of GitHub's environment is cloudrota's."
  value       = { for name, one in aws_ecr_repository.this : name => one.repository_url }
}

output "image_role_arn" {
  description = "IMAGE_ROLE_ARN of GitHub's environment; null where nobody outside of AWS pushes."
  value       = one(aws_iam_role.github[*].arn)
}
