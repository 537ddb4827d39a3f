# PostgreSQL. The master password is made, kept and rotated by RDS: nobody has to know
# it, and no state of Terraform holds it.

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "PostgreSQL, for the processes alone"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each                     = var.clients
  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = each.value
  tags                         = { Name = "${var.name}-${each.key}" }
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "postgres${var.engine_version}"
  description = "TLS only, and what a busy database should tell"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"                       = "1"
      "max_connections"                     = tostring(var.size.max_connections)
      "log_connections"                     = "1"
      "log_disconnections"                  = "1"
      "log_lock_waits"                      = "1"
      "log_min_duration_statement"          = "2000"
      "log_parameter_max_length"            = "0" # values are the tenants'
      "log_parameter_max_length_on_error"   = "0"
      "idle_in_transaction_session_timeout" = "60000"
    }
    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = parameter.key == "max_connections" ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each          = toset(["postgresql", "upgrade"])
  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_db_instance" "this" {
  identifier                   = var.name
  engine                       = "postgres"
  engine_version               = var.engine_version
  auto_minor_version_upgrade   = true
  allow_major_version_upgrade  = false
  instance_class               = var.size.instance_class
  allocated_storage            = var.size.storage_gib
  max_allocated_storage        = var.size.max_storage_gib
  storage_type                 = "gp3"
  storage_encrypted            = true
  kms_key_id                   = var.key_arn
  multi_az                     = var.size.multi_az
  publicly_accessible          = false
  db_subnet_group_name         = aws_db_subnet_group.this.name
  vpc_security_group_ids       = [aws_security_group.this.id]
  parameter_group_name         = aws_db_parameter_group.this.name
  ca_cert_identifier           = "rds-ca-rsa2048-g1"
  snapshot_identifier          = var.snapshot
  backup_retention_period      = var.size.backup_days
  backup_window                = "02:00-03:00"
  maintenance_window           = "sun:03:30-sun:04:30"
  copy_tags_to_snapshot        = true
  delete_automated_backups     = !var.is_protected
  deletion_protection          = var.is_protected
  skip_final_snapshot          = !var.is_protected
  final_snapshot_identifier    = var.is_protected ? "${var.name}-last" : null
  performance_insights_enabled = true

  performance_insights_kms_key_id = var.key_arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn

  username                      = "cloudrota_master"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.key_arn

  # Made first, or RDS makes them, and keeps them for ever.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]

  lifecycle {
    # Counts where the instance begins, and never again.
    ignore_changes = [snapshot_identifier]

    precondition {
      condition     = !var.is_protected || var.size.multi_az
      error_message = "A protected database has a standby in another zone (multi_az)."
    }
  }
}

data "aws_iam_policy_document" "monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "monitoring" {
  name               = "${var.name}-database-monitoring"
  assume_role_policy = data.aws_iam_policy_document.monitoring_trust.json
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
