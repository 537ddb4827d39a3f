# A whole deployment. Staging and production are this, with other variables.

data "aws_caller_identity" "this" {}

data "aws_region" "this" {}

locals {
  name         = "cloudrota-${var.environment}"
  account      = data.aws_caller_identity.this.account_id
  region       = data.aws_region.this.name
  is_protected = var.environment == "production"

  # In a rollout there are old tasks beside new ones. Each pool has ten connections; the
  # API's event streams have two more, workers and beats one more for their heartbeat.
  connections = 10 + 2 * (
    var.size.api.most * 12 + (var.size.workers.most + var.size.mutating_workers.most) * 21 + var.size.beats.most * 11
  )
}

module "network" {
  source = "../modules/network"

  name             = local.name
  cidr             = var.cidr
  zones            = var.zones
  nat_in_each_zone = var.size.nat_in_each_zone
  log_key_arn      = module.log_key.arn
  log_days         = var.size.log_days
}

resource "aws_ecs_cluster" "this" {
  name = local.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "terraform_data" "enough_connections" {
  input = local.connections

  lifecycle {
    precondition {
      condition     = local.connections <= var.size.database.max_connections
      error_message = "At most ${local.connections} connections are opened, and the database takes ${var.size.database.max_connections} (size.database.max_connections)."
    }
  }
}
