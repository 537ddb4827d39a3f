module "product" {
  source    = "../../product"
  providers = { aws = aws, aws.edge = aws.edge }

  environment             = "production"
  domain                  = var.domain
  zone_id                 = var.zone_id
  cidr                    = "10.40.0.0/16"
  zones                   = var.zones
  image                   = var.image
  collector_image         = var.collector_image
  database_ca_file        = var.database_ca_file
  is_launched             = var.is_launched
  cache_auth_token        = var.cache_auth_token
  database_snapshot       = var.database_snapshot
  credential_keys         = var.credential_keys
  optional_secrets        = var.optional_secrets
  mail_from               = var.mail_from
  onboarding_template_url = var.onboarding_template_url
  settings                = var.settings
  alarm_emails            = var.alarm_emails

  size = {
    nat_in_each_zone     = true
    log_days             = 365
    vault_days           = 90
    requests_per_address = 10000

    database = {
      instance_class  = "db.r7g.xlarge"
      storage_gib     = 200
      max_storage_gib = 2000
      multi_az        = true
      max_connections = 1500
      backup_days     = 35
    }

    cache            = { node_type = "cache.m7g.large", replicas = 1 }
    api              = { cpu = 1024, memory = 2048, least = 2, most = 10 }
    workers          = { cpu = 1024, memory = 2048, least = 2, most = 20 }
    mutating_workers = { cpu = 1024, memory = 2048, least = 2, most = 4 }
    beats            = { cpu = 512, memory = 1024, least = 2, most = 2 }
  }
}
