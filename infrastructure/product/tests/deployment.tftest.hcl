# A whole deployment as Terraform would make it, and what must hold of it.

mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "edge"
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  environment      = "production"
  domain           = "rota.example.com"
  zone_id          = "Z0EXAMPLE"
  cidr             = "10.40.0.0/16"
  zones            = ["eu-central-1a", "eu-central-1b"]
  image            = "registry.example/cloudrota@sha256:1111111111111111111111111111111111111111111111111111111111111111"
  collector_image  = "registry.example/collector@sha256:2222222222222222222222222222222222222222222222222222222222222222"
  database_ca_file = "/certificates/rds.pem"
  is_launched      = true
  cache_auth_token = "a-token-of-the-tests-0123456789-abcdef"
  credential_keys  = { ids = ["k1", "k2"], active = "k1" }
  optional_secrets = ["SMTP_URL", "HEARTBEAT_URL", "OTEL_EXPORTER_OTLP_HEADERS"]
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

run "identities_do_no_more_than_they_must" {
  command = plan

  assert {
    condition = toset(flatten([
      for one in data.aws_iam_policy_document.worker.statement : one.actions if one.effect != "Deny"
    ])) == toset(["sts:AssumeRole", "kms:Decrypt", "s3:PutObject", "s3:DeleteObject", "kms:GenerateDataKey"])
    error_message = "The workers' role may do something else than it did."
  }

  assert {
    condition = toset(flatten([
      for one in data.aws_iam_policy_document.worker.statement : [for resource in one.resources : "${join(" ", one.actions)} ${resource}"]
      if one.effect == "Deny"
    ])) == toset(["sts:AssumeRole arn:aws:iam::123456789012:role/cloudrota-production-*"])
    error_message = "The workers must not be able to assume the deployment's own roles."
  }

  assert {
    condition = alltrue([
      for one in data.aws_iam_policy_document.worker.statement :
      toset(one.condition[*].variable) == toset(["kms:EncryptionContext:column"]) if contains(one.actions, "kms:Decrypt")
    ])
    error_message = "Workers open by column: credentials and channels, and no second factors."
  }

  assert {
    condition = toset(flatten([for one in data.aws_iam_policy_document.api.statement : one.actions])) == toset([
      "kms:Decrypt", "kms:GenerateDataKey", "s3:GetObject"
    ])
    error_message = "The API's role may do something else than it did; it assumes no role."
  }

  assert {
    condition = alltrue([
      for one in data.aws_iam_policy_document.api.statement : anytrue([
        for condition in one.condition : toset(condition.values) == toset(["totp"]) || condition.variable == "kms:ViaService"
      ]) if contains(one.actions, "kms:Decrypt")
    ])
    error_message = "The API opens second factors and files, and nothing else."
  }

  assert {
    condition = alltrue(flatten([
      for document in [
        data.aws_iam_policy_document.api, data.aws_iam_policy_document.beat, data.aws_iam_policy_document.worker,
        data.aws_iam_policy_document.rewrap, data.aws_iam_policy_document.erase,
        ] : [
        for one in document.statement : concat(
          [for action in one.actions : !strcontains(action, "*")], [for resource in one.resources : resource != "*"],
        )
      ]
    ]))
    error_message = "A role of a task names its actions and what they are allowed on."
  }

  assert {
    condition     = alltrue([for one in [local.once.bootstrap, local.once.migrate, local.once.partitions] : one.task_role_arn == null])
    error_message = "Migrations and bootstrap have no identity at AWS."
  }
}

run "processes_are_told_what_they_need_and_no_more" {
  command = plan

  assert {
    condition = { for who, secrets in local.secrets_of : who => keys(secrets) } == {
      api     = ["DATABASE_URL", "EVIDENCE_SIGNING_KEY", "OTEL_EXPORTER_OTLP_HEADERS", "REDIS_URL", "SECRET_KEY", "SMTP_URL"]
      worker  = ["DATABASE_SYSTEM_URL", "DATABASE_WORKER_URL", "OTEL_EXPORTER_OTLP_HEADERS", "REDIS_URL", "SECRET_KEY", "SMTP_URL"]
      beat    = ["DATABASE_SYSTEM_URL", "HEARTBEAT_URL", "METRICS_TOKEN", "OTEL_EXPORTER_OTLP_HEADERS", "REDIS_URL", "SECRET_KEY"]
      owner   = ["DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY"]
      migrate = ["DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY"]
      logins  = ["DATABASE_OWNER_URL", "DATABASE_SYSTEM_URL", "DATABASE_URL", "DATABASE_WORKER_URL", "REDIS_URL", "SECRET_KEY"]
    }
    error_message = "A process is given another set of secrets than DEPLOYMENT.md says."
  }

  assert {
    condition = alltrue(flatten([
      for containers in [module.api.containers, module.beat.containers, module.worker["read"].containers, module.once["bootstrap"].containers] : [
        for one in jsondecode(containers) : [
          for setting in one.environment : !contains(local.secrets, setting.name)
        ]
      ]
    ]))
    error_message = "A secret stands in the plain environment of a container."
  }

  assert {
    condition     = length(distinct([for one in jsondecode(module.beat.containers) : one.name])) == 2
    error_message = "A collector stands beside the beat."
  }

  assert {
    condition     = !strcontains(module.beat.containers, "a-token-of-the-tests")
    error_message = "The cache's password is in a container's definition."
  }

  assert {
    condition = { for one in jsondecode(module.worker["mutate"].containers)[0].environment : one.name => one.value if one.name == "WORKER_KIND" || one.name == "WORKER_PROCESSES" } == {
      WORKER_KIND = "mutate", WORKER_PROCESSES = "6"
    }
    error_message = "What changes something has workers of its own, which know how many there may be."
  }
}

run "clients_keys_and_alarms_are_those_that_are_meant" {
  command = plan

  assert {
    condition     = alltrue([for one in values(local.inside) : contains([5432, 6379], one.port)])
    error_message = "Inside the network processes speak to database and cache."
  }

  assert {
    condition     = toset(keys(local.clients)) == toset(["api", "beat", "worker-read", "worker-mutate", "tasks"])
    error_message = "Somebody else may speak to database and cache."
  }

  assert {
    condition     = length(module.credential_key) == 2
    error_message = "Each id of a credential key has a key of KMS."
  }

  assert {
    condition     = alltrue([for name, one in merge(local.ours, local.lags) : one.missing == "breaching"])
    error_message = "If the product's own numbers are missing, somebody must hear of it."
  }
}

run "starts_with_nothing_running" {
  command = plan

  variables {
    is_launched = false
  }

  assert {
    condition     = aws_scheduler_schedule.partitions.state == "DISABLED"
    error_message = "Before the launch nothing runs by itself."
  }
}

run "refuses_more_connections_than_there_are" {
  command = plan

  variables {
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
        max_connections = 100
        backup_days     = 35
      }
      cache            = { node_type = "cache.m7g.large", replicas = 1 }
      api              = { cpu = 512, memory = 1024, least = 2, most = 4 }
      workers          = { cpu = 512, memory = 1024, least = 2, most = 4 }
      mutating_workers = { cpu = 512, memory = 1024, least = 1, most = 2 }
      beats            = { cpu = 512, memory = 1024, least = 2, most = 2 }
    }
  }

  expect_failures = [terraform_data.enough_connections]
}

run "refuses_what_cannot_be_meant" {
  command = plan

  variables {
    environment      = "development"
    domain           = "https://rota.example.com"
    credential_keys  = { ids = ["k1"], active = "k2" }
    optional_secrets = ["STRIPE_API_KEY"]
  }

  expect_failures = [var.environment, var.domain, var.credential_keys, var.optional_secrets]
}
