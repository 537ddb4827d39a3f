# What has to be there before anything else can be made: a place for Terraform's state,
# one for the images, and the way by which a release of GitHub reaches the latter. Applied
# once for an account, by whoever administers it.

module "state_key" {
  source      = "../modules/key"
  name        = "cloudrota-state"
  description = "Terraform's state, which holds the password of the cache"
}

module "state" {
  source       = "../modules/bucket"
  name         = var.state_bucket
  key_arn      = module.state_key.arn
  is_versioned = true
}

module "image_key" {
  source      = "../modules/key"
  name        = "cloudrota-images"
  description = "Images in ECR"
}

resource "aws_ecr_repository" "this" {
  for_each             = var.repositories
  name                 = each.value
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = module.image_key.arn
  }
}

# Deployments name images by digest: what has a tag is kept, for it may be gone back to.
resource "aws_ecr_lifecycle_policy" "this" {
  for_each   = aws_ecr_repository.this
  repository = each.value.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "What was pushed and never named"
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
      action       = { type = "expire" }
    }]
  })
}
