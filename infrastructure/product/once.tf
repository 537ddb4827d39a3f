# Programs that run once and end: `infrastructure/run_once` starts them. That which makes
# partitions is also started twice a month.

locals {
  # RDS keeps and rotates the master's password, so that the URL is made as it is needed.
  bootstrap = <<-PYTHON
    import os, runpy
    from urllib.parse import quote
    who = quote(os.environ.pop("MASTER_NAME"), safe="") + ":" + quote(os.environ.pop("MASTER_PASSWORD"), safe="")
    os.environ["DATABASE_BOOTSTRAP_URL"] = f"postgresql://{who}@${module.database.host}:5432/postgres?ssl=verify-full"
    runpy.run_module("app.cli", run_name="__main__")
  PYTHON

  master = {
    MASTER_NAME     = "${module.database.master_secret_arn}:username::"
    MASTER_PASSWORD = "${module.database.master_secret_arn}:password::"
  }

  once = {
    bootstrap = {
      command       = ["python", "-c", local.bootstrap, "bootstrap"]
      secrets       = merge(local.secrets_of["logins"], local.master)
      environment   = {}
      task_role_arn = null
    }
    migrate = {
      command       = ["python", "-m", "app.cli", "migrate"]
      secrets       = local.secrets_of["migrate"]
      environment   = {}
      task_role_arn = null
    }
    partitions = {
      command       = ["python", "-m", "app.cli", "partitions"]
      secrets       = local.secrets_of["migrate"]
      environment   = {}
      task_role_arn = null
    }
    rewrap = {
      command       = ["python", "-m", "app.cli", "rotate-keys", "--json"]
      secrets       = local.secrets_of["migrate"]
      environment   = local.sealing
      task_role_arn = aws_iam_role.task["rewrap"].arn
    }
    erase = {
      command       = ["python", "-m", "app.cli", "erase", "--json"]
      secrets       = local.secrets_of["owner"]
      environment   = local.files
      task_role_arn = aws_iam_role.task["erase"].arn
    }
  }
}

module "once" {
  source   = "../modules/task"
  for_each = local.once

  name            = "${local.name}-${each.key}"
  image           = var.image
  command         = each.value.command
  cpu             = 512
  memory          = 1024
  environment     = merge(local.every_process, each.value.environment)
  secrets         = each.value.secrets
  secret_key_arns = concat([module.secrets_key.arn], each.key == "bootstrap" ? [module.data_key.arn] : [])
  task_role_arn   = each.value.task_role_arn
  log_key_arn     = module.log_key.arn
  log_days        = var.size.log_days
}

resource "aws_security_group" "tasks" {
  name        = "${local.name}-once"
  description = "Programs that run once and end"
  vpc_id      = module.network.vpc_id
  tags        = { Name = "${local.name}-once" }
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  security_group_id = aws_security_group.tasks.id
  description       = "AWS and Stripe"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
  tags              = { Name = "${local.name}-once" }
}

# ── twice a month ───────────────────────────────────────────────────────────────────

data "aws_iam_policy_document" "scheduled_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "scheduled" {
  statement {
    actions   = ["ecs:RunTask"]
    resources = ["${module.once["partitions"].family_arn}:*"]
    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.this.arn]
    }
  }

  statement {
    actions   = ["iam:PassRole"]
    resources = [module.once["partitions"].start_role_arn]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "scheduled" {
  name               = "${local.name}-scheduled"
  assume_role_policy = data.aws_iam_policy_document.scheduled_trust.json
}

resource "aws_iam_role_policy" "scheduled" {
  name   = "run-partitions"
  role   = aws_iam_role.scheduled.id
  policy = data.aws_iam_policy_document.scheduled.json
}

resource "aws_scheduler_schedule" "partitions" {
  name                = "${local.name}-partitions"
  description         = "The next months' partitions, and those gone that retention has emptied"
  schedule_expression = "cron(0 4 1,15 * ? *)"
  state               = var.is_launched ? "ENABLED" : "DISABLED"
  kms_key_arn         = module.data_key.arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_ecs_cluster.this.arn
    role_arn = aws_iam_role.scheduled.arn

    ecs_parameters {
      task_definition_arn = module.once["partitions"].arn
      launch_type         = "FARGATE"
      network_configuration {
        subnets         = module.network.private_subnet_ids
        security_groups = [aws_security_group.tasks.id]
      }
    }
  }
}
