# A key for each kind of thing, so that who may read one kind may not read another. Those
# that wrap stored secrets (`credential_key`) encrypt nothing that is ever backed up.

module "credential_key" {
  source   = "../modules/key"
  for_each = var.credential_keys.ids

  name        = "${local.name}/credentials/${each.key}"
  description = "Wraps the data keys of stored secrets, as ${each.key}"
  only_roles  = [aws_iam_role.worker.arn, aws_iam_role.task["api"].arn, aws_iam_role.task["rewrap"].arn]
}

module "data_key" {
  source = "../modules/key"

  name        = "${local.name}/data"
  description = "Database and cache"
}

module "backup_key" {
  source = "../modules/key"

  name        = "${local.name}/backup"
  description = "Copies of the database"
}

module "storage_key" {
  source = "../modules/key"

  name        = "${local.name}/storage"
  description = "Artifacts"
}

module "secrets_key" {
  source = "../modules/key"

  name        = "${local.name}/secrets"
  description = "Settings that are secrets"
}

module "log_key" {
  source = "../modules/key"

  name        = "${local.name}/logs"
  description = "Logs and alarms"
  services = {
    "logs.${local.region}.amazonaws.com" = {
      context = "kms:EncryptionContext:aws:logs:arn"
      values  = ["arn:aws:logs:${local.region}:${local.account}:*"]
    }
    "cloudwatch.amazonaws.com" = { context = "aws:SourceAccount", values = [local.account] }
    "events.amazonaws.com"     = { context = "aws:SourceAccount", values = [local.account] }
  }
}

# The firewall before CloudFront has its log in us-east-1.
module "edge_log_key" {
  source    = "../modules/key"
  providers = { aws = aws.edge }

  name        = "${local.name}/edge-logs"
  description = "The log of the firewall before CloudFront"
  services = {
    "logs.us-east-1.amazonaws.com" = {
      context = "kms:EncryptionContext:aws:logs:arn"
      values  = ["arn:aws:logs:us-east-1:${local.account}:*"]
    }
  }
}
