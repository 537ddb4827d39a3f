terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Bucket, region and KMS key of the state: -backend-config=backend.hcl, which is not
  # committed. The state holds the cache's password.
  backend "s3" {
    key          = "cloudrota/staging.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { product = "cloudrota", environment = "staging", managed-by = "terraform" }
  }
}

# CloudFront takes its certificate and its firewall from there alone.
provider "aws" {
  alias  = "edge"
  region = "us-east-1"

  default_tags {
    tags = { product = "cloudrota", environment = "staging", managed-by = "terraform" }
  }
}
