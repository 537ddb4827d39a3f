# One program of the product in a container: what it runs, what it is told, what it may
# read while it starts, and where its log goes.

data "aws_region" "this" {}

data "aws_caller_identity" "this" {}

locals {
  # app/core/settings.py has these as secrets; a test compares the two.
  secret_settings = [
    "CREDENTIAL_KEYS", "DATABASE_BOOTSTRAP_URL", "DATABASE_OWNER_URL", "DATABASE_SYSTEM_URL",
    "DATABASE_URL", "DATABASE_WORKER_URL", "EVIDENCE_SIGNING_KEY", "HEARTBEAT_URL", "METRICS_TOKEN", "OTEL_EXPORTER_OTLP_HEADERS",
    "PLATFORM_SECRET_ACCESS_KEY", "REDIS_URL", "SECRET_KEY", "SMTP_URL", "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRETS",
  ]

  # Of `arn:…:name-suffix:member::` the secret itself.
  secret_arns = distinct([
    for arn in concat(values(var.secrets), flatten([for one in values(var.sidecars) : values(one.secrets)])) :
    join(":", slice(split(":", arn), 0, 7))
  ])

  logs = {
    for container in concat(["main"], keys(var.sidecars)) : container => {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.this.name
        awslogs-stream-prefix = container
      }
    }
  }

  health = var.health_command == null ? null : {
    command     = concat(["CMD"], var.health_command)
    interval    = 30
    timeout     = 10
    retries     = 10
    startPeriod = 60
  }

  main = {
    name                   = "main"
    image                  = var.image
    command                = var.command
    essential              = true
    readonlyRootFilesystem = true
    stopTimeout            = var.stop_seconds
    environment            = [for name, value in var.environment : { name = name, value = value }]
    secrets                = [for name, arn in var.secrets : { name = name, valueFrom = arn }]
    healthCheck            = local.health
    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    portMappings           = var.port == null ? [] : [{ containerPort = var.port, hostPort = var.port, protocol = "tcp" }]
    linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    logConfiguration       = local.logs["main"]
  }

  beside = [for name, one in var.sidecars : {
    name                   = name
    image                  = one.image
    essential              = false
    restartPolicy          = { enabled = true }
    readonlyRootFilesystem = true
    environment            = [for variable, value in one.environment : { name = variable, value = value }]
    secrets                = [for variable, arn in one.secrets : { name = variable, valueFrom = arn }]
    linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    logConfiguration       = local.logs[name]
  }]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.start.arn
  task_role_arn            = var.task_role_arn
  container_definitions = jsonencode([
    for one in concat([local.main], local.beside) : { for key, value in one : key => value if value != null }
  ])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  # The image says VOLUME /tmp, so that whoever the programs run as may write there.
  volume {
    name = "tmp"
  }

  lifecycle {
    precondition {
      condition     = var.memory >= 2 * var.cpu && var.memory <= 8 * var.cpu
      error_message = "${var.name}: Fargate has 2 to 8 MiB of memory for each unit of CPU."
    }
  }
}
