# A whole deployment and a customer's role in one emulated account: what is applied for
# the sake of seeing it applied (tests/infrastructure/emulated.py).

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region            = "eu-central-1"
  s3_use_path_style = true
  max_retries       = 2 # an emulator that fails once fails always

  default_tags {
    tags = { product = "cloudrota", environment = "emulated", managed-by = "terraform" }
  }
}

provider "aws" {
  alias             = "edge"
  region            = "us-east-1"
  s3_use_path_style = true
  max_retries       = 2 # an emulator that fails once fails always

  default_tags {
    tags = { product = "cloudrota", environment = "emulated", managed-by = "terraform" }
  }
}

resource "aws_route53_zone" "this" {
  name = "example.com"
}

module "product" {
  source    = "../../product"
  providers = { aws = aws, aws.edge = aws.edge }

  environment      = "production"
  domain           = "rota.example.com"
  zone_id          = aws_route53_zone.this.zone_id
  cidr             = "10.40.0.0/16"
  zones            = ["eu-central-1a", "eu-central-1b"]
  image            = "registry.example/cloudrota@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  collector_image  = "registry.example/collector@sha256:2222222222222222222222222222222222222222222222222222222222222222"
  database_ca_file = "/certificates/rds.pem"
  is_launched      = true
  cache_auth_token = "a-token-of-the-tests-0123456789-abcdef"
  credential_keys  = { ids = ["k1", "k2"], active = "k2" }
  optional_secrets = ["HEARTBEAT_URL", "SMTP_URL", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRETS"]
  mail_from        = "Cloudrota <rota@example.com>"
  alarm_emails     = ["operator@example.com"]

  size = {
    nat_in_each_zone     = true
    log_days             = 90
    vault_days           = 30
    requests_per_address = 10000
    database = {
      instance_class  = "db.r7g.large"
      storage_gib     = 100
      max_storage_gib = 500
      multi_az        = true
      max_connections = 600
      backup_days     = 35
    }
    cache            = { node_type = "cache.m7g.large", replicas = 1 }
    api              = { cpu = 512, memory = 1024, least = 2, most = 4 }
    workers          = { cpu = 512, memory = 1024, least = 2, most = 4 }
    mutating_workers = { cpu = 512, memory = 1024, least = 1, most = 2 }
    beats            = { cpu = 512, memory = 1024, least = 2, most = 2 }
  }
}

# The policies are those that the product itself offers its customers.
variable "onboarding_template" {
  description = "A file with what `cloudrota onboarding-template` prints."
  type        = string
}

module "customer" {
  source = "../../modules/customer_role"

  principal_arn = module.product.platform_principal_arn
  external_id   = "an-external-id-of-the-tests"
  policies = [
    for one in values(jsondecode(file(var.onboarding_template)).Resources) : jsonencode(one.Properties.PolicyDocument)
    if one.Type == "AWS::IAM::ManagedPolicy"
  ]
}
