# Database, cache, files and copies.

mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  name        = "cloudrota-test"
  vpc_id      = "vpc-1"
  subnet_ids  = ["subnet-1", "subnet-2"]
  clients     = { api = "sg-1" }
  key_arn     = "arn:aws:kms:eu-central-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  log_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  log_days    = 90
}

run "database" {
  command = plan

  module {
    source = "../modules/database"
  }

  variables {
    is_protected = true
    size = {
      instance_class  = "db.r7g.large"
      storage_gib     = 100
      max_storage_gib = 500
      multi_az        = true
      max_connections = 600
      backup_days     = 35
    }
  }

  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.storage_encrypted
    error_message = "The database is neither public nor unencrypted."
  }

  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && !aws_db_instance.this.delete_automated_backups
    error_message = "A protected database cannot be deleted without a trace."
  }

  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.backup_retention_period == 35
    error_message = "The database has a standby, and backups as long as is asked for."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "RDS keeps the master's password, and Terraform never has it."
  }

  assert {
    condition     = { for one in aws_db_parameter_group.this.parameter : one.name => one.value }["rds.force_ssl"] == "1"
    error_message = "The database takes TLS only."
  }

  assert {
    condition     = { for one in aws_db_parameter_group.this.parameter : one.name => one.value }["log_parameter_max_length"] == "0"
    error_message = "The database's log must not hold values: they are the tenants'."
  }

  assert {
    condition = alltrue([
      for rule in aws_vpc_security_group_ingress_rule.clients : rule.cidr_ipv4 == null && rule.from_port == 5432 && rule.to_port == 5432
    ])
    error_message = "Security groups may connect, to PostgreSQL's port, and no address."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 90 && group.kms_key_id != null])
    error_message = "Its logs are encrypted and end."
  }
}

run "database_refuses_protection_without_a_standby" {
  command = plan

  module {
    source = "../modules/database"
  }

  variables {
    is_protected = true
    size = {
      instance_class  = "db.r7g.large"
      storage_gib     = 100
      max_storage_gib = 500
      multi_az        = false
      max_connections = 600
      backup_days     = 35
    }
  }

  expect_failures = [aws_db_instance.this]
}

run "database_refuses_too_few_backups" {
  command = plan

  module {
    source = "../modules/database"
  }

  variables {
    is_protected = false
    size = {
      instance_class  = "db.r7g.large"
      storage_gib     = 100
      max_storage_gib = 500
      multi_az        = false
      max_connections = 600
      backup_days     = 0
    }
  }

  expect_failures = [var.size]
}

run "cache" {
  command = plan

  module {
    source = "../modules/cache"
  }

  variables {
    auth_token = "a-token-of-the-tests-0123456789-abcdef"
    size       = { node_type = "cache.t4g.small", replicas = 1 }
  }

  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    error_message = "The cache takes TLS only."
  }

  assert {
    condition     = nonsensitive(aws_elasticache_replication_group.this.auth_token == var.auth_token)
    error_message = "The cache asks for a password."
  }

  assert {
    condition     = { for one in aws_elasticache_parameter_group.this.parameter : one.name => one.value } == { "maxmemory-policy" = "noeviction" }
    error_message = "A full cache refuses, and forgets nothing in silence."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.at_rest_encryption_enabled && aws_elasticache_replication_group.this.multi_az_enabled
    error_message = "The cache is encrypted at rest, and with a replica outlives a zone."
  }
}

run "cache_refuses_a_weak_token" {
  command = plan

  module {
    source = "../modules/cache"
  }

  variables {
    auth_token = "short"
    size       = { node_type = "cache.t4g.small", replicas = 0 }
  }

  expect_failures = [var.auth_token]
}

run "bucket" {
  command = plan

  module {
    source = "../modules/bucket"
  }

  variables {
    is_versioned = false
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Nothing in a bucket is public."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "What is stored is encrypted by the key that is named."
  }

  assert {
    condition     = length(aws_s3_bucket_versioning.this) == 0
    error_message = "Where a deletion must be one, no versions stay."
  }

  assert {
    condition = anytrue([
      for one in data.aws_iam_policy_document.this.statement : one.effect == "Deny" && anytrue([for c in one.condition : c.variable == "aws:SecureTransport"])
    ])
    error_message = "Requests without TLS are refused."
  }
}

run "backup" {
  command = plan

  module {
    source = "../modules/backup"
  }

  variables {
    database_arn = "arn:aws:rds:eu-central-1:123456789012:db:cloudrota-test"
    days         = 30
    is_locked    = true
  }

  assert {
    condition     = aws_backup_vault_lock_configuration.this[0].min_retention_days == 30
    error_message = "Copies stay as long as is asked for."
  }

  assert {
    condition     = toset(aws_backup_selection.this.resources) == toset([var.database_arn])
    error_message = "Nothing but the database is copied."
  }
}

run "backup_refuses_to_copy_keys" {
  command = plan

  module {
    source = "../modules/backup"
  }

  variables {
    database_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:cloudrota/SECRET_KEY"
    days         = 30
    is_locked    = true
  }

  expect_failures = [var.database_arn]
}

run "key_only_for_some" {
  command = plan

  module {
    source = "../modules/key"
  }

  variables {
    description = "A key of the tests"
    only_roles  = ["arn:aws:iam::123456789012:role/a"]
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "A key rotates, and is not gone at once."
  }

  assert {
    condition = anytrue([
      for one in data.aws_iam_policy_document.this.statement :
      one.effect == "Deny" && contains(one.actions, "kms:Decrypt") && contains(one.actions, "kms:CreateGrant")
    ])
    error_message = "Nobody else may use a key that is for some."
  }
}
