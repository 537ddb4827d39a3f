# The processes that always run. Each is told what DEPLOYMENT.md says it needs, and no
# secret more. Notices are sent by the workers that read: there is no process of its own
# for that, and so no role of its own either.

locals {
  metrics_port = 9100
  image        = { image = var.image, secret_key_arns = [module.secrets_key.arn] }

  every_process = merge(var.settings, {
    ENVIRONMENT      = var.environment
    PUBLIC_URL       = "https://${var.domain}"
    DATABASE_CA_FILE = var.database_ca_file
  })

  sealing = {
    CREDENTIAL_KMS_KEYS   = jsonencode({ for id, key in module.credential_key : id => key.arn })
    CREDENTIAL_ACTIVE_KEY = var.credential_keys.active
  }

  files = {
    ARTIFACT_BUCKET        = module.artifacts.name
    ARTIFACT_BUCKET_REGION = local.region
    ARTIFACT_PREFIX        = "artifacts/"
    ARTIFACT_KMS_KEY_ID    = module.storage_key.arn
  }

  liveness = {
    METRICS_PORT = tostring(local.metrics_port)
    METRICS_HOST = "127.0.0.1"
  }

  # Of these each has what the deployment has.
  wanted = {
    api     = ["DATABASE_URL", "EVIDENCE_SIGNING_KEY", "OTEL_EXPORTER_OTLP_HEADERS", "SMTP_URL", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRETS"]
    worker  = ["DATABASE_SYSTEM_URL", "DATABASE_WORKER_URL", "OTEL_EXPORTER_OTLP_HEADERS", "SMTP_URL", "STRIPE_API_KEY"]
    beat    = ["DATABASE_SYSTEM_URL", "HEARTBEAT_URL", "METRICS_TOKEN", "OTEL_EXPORTER_OTLP_HEADERS"]
    owner   = ["DATABASE_OWNER_URL", "STRIPE_API_KEY"]
    migrate = ["DATABASE_OWNER_URL"]
    logins  = ["DATABASE_OWNER_URL", "DATABASE_SYSTEM_URL", "DATABASE_URL", "DATABASE_WORKER_URL"]
  }

  secrets_of = {
    for who, names in local.wanted : who => {
      for name in setintersection(concat(names, ["REDIS_URL", "SECRET_KEY"]), local.secrets) :
      name => module.secrets.arns[name]
    }
  }
}

module "api" {
  source = "../modules/service"

  name             = "${local.name}-api"
  cluster          = aws_ecs_cluster.this.name
  vpc_id           = module.network.vpc_id
  subnet_ids       = module.network.private_subnet_ids
  size             = var.size.api
  is_launched      = var.is_launched
  target_group_arn = module.balancer.target_group_arn
  ports_out        = { "AWS and Stripe" = 443 }
  log_key_arn      = module.log_key.arn
  log_days         = var.size.log_days

  task = merge(local.image, {
    command = [
      "uvicorn", "app.main:create_app", "--factory", "--host", "0.0.0.0", "--port", "8000", "--loop", "uvloop",
      "--http", "httptools", "--no-proxy-headers", "--no-server-header", "--timeout-graceful-shutdown", "20",
    ]
    port           = 8000
    health_command = ["python", "-m", "app.core.alive", "8000"]
    task_role_arn  = aws_iam_role.task["api"].arn
    secrets        = local.secrets_of["api"]
    environment = merge(
      local.every_process, local.sealing, local.files,
      {
        TRUSTED_PROXIES        = "2" # CloudFront and the load balancer
        PLATFORM_PRINCIPAL_ARN = aws_iam_role.worker.arn
        MAIL_FROM              = var.mail_from
      },
      var.onboarding_template_url == null ? {} : { AWS_ONBOARDING_TEMPLATE_URL = var.onboarding_template_url },
    )
  })
}

module "worker" {
  source   = "../modules/service"
  for_each = { read = var.size.workers, mutate = var.size.mutating_workers }

  name        = "${local.name}-worker-${each.key}"
  cluster     = aws_ecs_cluster.this.name
  vpc_id      = module.network.vpc_id
  subnet_ids  = module.network.private_subnet_ids
  size        = each.value
  is_launched = var.is_launched
  log_key_arn = module.log_key.arn
  log_days    = var.size.log_days

  ports_out = merge(
    { "AWS, Stripe, webhooks" = 443 },
    each.key == "read" ? { "Webhooks" = 8443, "Mail (STARTTLS)" = 587, "Mail (TLS)" = 465 } : {},
  )

  lag = {
    namespace  = local.name
    metric     = "cloudrota_queue_lag_seconds"
    dimensions = { deployment = local.name, kind = each.key }
    seconds    = 20
  }

  task = merge(local.image, {
    command = [
      "celery", "-A", "app.tasks.celery_app", "worker", "-P", "threads", "-c", "16",
      "--without-gossip", "--without-mingle", "--loglevel", "INFO",
    ]
    stop_seconds   = 90 # it gives back what it holds at its next call to AWS
    health_command = ["python", "-m", "app.core.alive", tostring(local.metrics_port)]
    task_role_arn  = aws_iam_role.worker.arn
    secrets        = local.secrets_of["worker"]
    environment = merge(local.every_process, local.sealing, local.files, local.liveness, {
      WORKER_KIND      = each.key
      WORKER_PROCESSES = tostring(var.size.workers.most + var.size.mutating_workers.most)
      MAIL_FROM        = var.mail_from
    })
  })
}

module "beat" {
  source = "../modules/service"

  name        = "${local.name}-beat"
  cluster     = aws_ecs_cluster.this.name
  vpc_id      = module.network.vpc_id
  subnet_ids  = module.network.private_subnet_ids
  size        = var.size.beats
  is_launched = var.is_launched
  ports_out   = { "AWS and the heartbeat" = 443 }
  log_key_arn = module.log_key.arn
  log_days    = var.size.log_days

  task = merge(local.image, {
    command        = ["celery", "-A", "app.tasks.celery_app", "beat", "--loglevel", "INFO"]
    health_command = ["python", "-m", "app.core.alive", tostring(local.metrics_port)]
    task_role_arn  = aws_iam_role.task["beat"].arn
    secrets        = local.secrets_of["beat"]
    environment    = merge(local.every_process, local.liveness)
    sidecars       = { collector = local.collector }
  })
}
