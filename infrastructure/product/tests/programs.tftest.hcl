# The programs, how they are rolled out and scaled.

mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  name        = "cloudrota-test-worker"
  cluster     = "cloudrota-test"
  vpc_id      = "vpc-1"
  subnet_ids  = ["subnet-1"]
  size        = { cpu = 512, memory = 1024, least = 2, most = 4 }
  is_launched = true
  ports_out   = { AWS = 443 }
  log_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  log_days    = 90
  lag         = { namespace = "cloudrota-test", metric = "lag", dimensions = { kind = "read" }, seconds = 20 }

  task = {
    image           = "registry.example/cloudrota@sha256:1111111111111111111111111111111111111111111111111111111111111111"
    command         = ["celery"]
    environment     = { ENVIRONMENT = "staging" }
    secrets         = { SECRET_KEY = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf:member::" }
    secret_key_arns = ["arn:aws:kms:eu-central-1:123456789012:key/33333333-3333-3333-3333-333333333333"]
  }
}

run "service" {
  command = plan

  module {
    source = "../modules/service"
  }

  assert {
    condition     = aws_ecs_service.this.deployment_circuit_breaker[0].enable && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "A rollout that fails is taken back."
  }

  assert {
    condition     = !aws_ecs_service.this.network_configuration[0].assign_public_ip && !aws_ecs_service.this.enable_execute_command
    error_message = "Tasks have no public address, and nobody enters them."
  }

  assert {
    condition     = aws_appautoscaling_target.this.min_capacity == 2 && aws_appautoscaling_target.this.max_capacity == 4
    error_message = "The scaling keeps to the size."
  }

  assert {
    condition     = aws_appautoscaling_policy.lag[0].target_tracking_scaling_policy_configuration[0].customized_metric_specification[0].metric_name == "lag"
    error_message = "Work that waits calls for more tasks."
  }

  assert {
    condition     = toset(values(aws_vpc_security_group_egress_rule.internet)[*].from_port) == toset([443])
    error_message = "Tasks reach those ports of the Internet that are named."
  }
}

run "nothing_runs_before_the_launch" {
  command = plan

  module {
    source = "../modules/service"
  }

  variables {
    is_launched = false
  }

  assert {
    condition     = aws_ecs_service.this.desired_count == 0 && aws_appautoscaling_target.this.max_capacity == 0
    error_message = "Before the launch nothing runs, and the scaling starts nothing."
  }
}

run "task" {
  command = plan

  module {
    source = "../modules/task"
  }

  variables {
    image           = var.task.image
    command         = var.task.command
    cpu             = 512
    memory          = 1024
    environment     = var.task.environment
    secrets         = var.task.secrets
    secret_key_arns = var.task.secret_key_arns
  }

  assert {
    condition     = local.main.readonlyRootFilesystem && jsonencode(local.main.linuxParameters.capabilities.drop) == jsonencode(["ALL"])
    error_message = "A container writes to /tmp alone, and has no capability."
  }

  assert {
    condition     = jsonencode(local.main.secrets) == jsonencode([{ name = "SECRET_KEY", valueFrom = var.secrets.SECRET_KEY }])
    error_message = "Secrets are given by their ARNs."
  }

  assert {
    condition = toset(data.aws_iam_policy_document.start.statement[0].resources) == toset([
      "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf"
    ])
    error_message = "Who starts a task reads the secrets of this task and no others."
  }

  assert {
    condition     = aws_ecs_task_definition.this.task_role_arn == null
    error_message = "A program has no identity at AWS unless it is given one."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 90 && aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn
    error_message = "Its log is encrypted and ends."
  }
}

run "task_refuses_secrets_in_plain_sight" {
  command = plan

  module {
    source = "../modules/task"
  }

  variables {
    image           = "registry.example/cloudrota:latest"
    command         = []
    cpu             = 500
    memory          = 1024
    environment     = { SECRET_KEY = "in plain sight" }
    secrets         = { REDIS_URL = "rediss://:word@cache:6379" }
    secret_key_arns = []
    stop_seconds    = 600
  }

  expect_failures = [var.image, var.command, var.cpu, var.environment, var.secrets, var.stop_seconds]
}

run "task_refuses_a_url_with_a_password" {
  command = plan

  module {
    source = "../modules/task"
  }

  variables {
    image           = var.task.image
    command         = ["celery"]
    cpu             = 512
    memory          = 1024
    environment     = { ANY = "https://user:word@example.com" }
    secrets         = {}
    secret_key_arns = []
  }

  expect_failures = [var.environment]
}

run "task_refuses_memory_that_does_not_exist" {
  command = plan

  module {
    source = "../modules/task"
  }

  variables {
    image           = var.task.image
    command         = ["celery"]
    cpu             = 512
    memory          = 512
    environment     = {}
    secrets         = {}
    secret_key_arns = []
  }

  expect_failures = [aws_ecs_task_definition.this]
}
