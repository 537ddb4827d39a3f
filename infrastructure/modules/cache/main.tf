# Valkey, which carries hints and counts requests. It refuses writes when it is full,
# for a hint that is dropped in silence is worse than one that is known not to be sent.

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = "${var.name}-cache"
  description = "Valkey, for the processes alone"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-cache" }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each                     = var.clients
  security_group_id            = aws_security_group.this.id
  description                  = "Valkey from ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
  referenced_security_group_id = each.value
  tags                         = { Name = "${var.name}-${each.key}" }
}

resource "aws_elasticache_parameter_group" "this" {
  name   = var.name
  family = "valkey${split(".", var.engine_version)[0]}"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = var.name
  description                = "Hints of ${var.name}"
  engine                     = "valkey"
  engine_version             = var.engine_version
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  node_type                  = var.size.node_type
  num_cache_clusters         = 1 + var.size.replicas
  automatic_failover_enabled = var.size.replicas > 0
  multi_az_enabled           = var.size.replicas > 0
  port                       = 6379
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.this.id]
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token                 = var.auth_token
  auth_token_update_strategy = "ROTATE"
  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  auto_minor_version_upgrade = true
  maintenance_window         = "sun:04:30-sun:05:30"
  snapshot_retention_limit   = 0 # what is lost here is found again in PostgreSQL
}
