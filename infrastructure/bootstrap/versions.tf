terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

# No backend: the first state lies beside these files, until it can move into the bucket
# that is made here (infrastructure/README.md).

provider "aws" {
  region = var.region

  default_tags {
    tags = { product = "cloudrota", environment = "all", managed-by = "terraform" }
  }
}
