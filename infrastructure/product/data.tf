# What outlives the processes: database, cache, files, secrets, copies.

locals {
  secrets = setunion(var.optional_secrets, [
    "DATABASE_OWNER_URL", "DATABASE_SYSTEM_URL", "DATABASE_URL", "DATABASE_WORKER_URL",
    "EVIDENCE_SIGNING_KEY", "METRICS_TOKEN", "REDIS_URL", "SECRET_KEY",
  ])

  # By their names one by one: whoever names a whole module waits for all of it.
  clients = {
    api           = module.api.security_group_id
    beat          = module.beat.security_group_id
    tasks         = aws_security_group.tasks.id
    worker-mutate = module.worker["mutate"].security_group_id
    worker-read   = module.worker["read"].security_group_id
  }
}

module "secrets" {
  source = "../modules/secrets"

  name          = local.name
  settings      = local.secrets
  key_arn       = module.secrets_key.arn
  recovery_days = local.is_protected ? 30 : 7
}

module "database" {
  source = "../modules/database"

  name         = local.name
  vpc_id       = module.network.vpc_id
  subnet_ids   = module.network.data_subnet_ids
  clients      = local.clients
  key_arn      = module.data_key.arn
  log_key_arn  = module.log_key.arn
  log_days     = var.size.log_days
  size         = var.size.database
  is_protected = local.is_protected
  snapshot     = var.database_snapshot
}

module "cache" {
  source = "../modules/cache"

  name       = local.name
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.data_subnet_ids
  clients    = local.clients
  key_arn    = module.data_key.arn
  auth_token = var.cache_auth_token
  size       = var.size.cache
}

# Files are deleted by the product when their time is over, and by erasure, so that no old
# versions may stay; kept heads of audit logs stay.
module "artifacts" {
  source = "../modules/bucket"

  name         = "${local.name}-${local.account}-artifacts"
  key_arn      = module.storage_key.arn
  is_versioned = false
}

module "backup" {
  source = "../modules/backup"

  name         = local.name
  database_arn = module.database.arn
  key_arn      = module.backup_key.arn
  days         = var.size.vault_days
  is_locked    = local.is_protected
}
