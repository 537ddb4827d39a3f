module "product" {
  source    = "../../product"
  providers = { aws = aws, aws.edge = aws.edge }

  environment             = "staging"
  domain                  = var.domain
  zone_id                 = var.zone_id
  cidr                    = "10.20.0.0/16"
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
    nat_in_each_zone     = false
    log_days             = 30
    vault_days           = 7
    requests_per_address = 10000

    database = {
      instance_class  = "db.t4g.medium"
      storage_gib     = 20
      max_storage_gib = 100
      multi_az        = false
      max_connections = 350
      backup_days     = 7
    }

    cache            = { node_type = "cache.t4g.small", replicas = 0 }
    api              = { cpu = 512, memory = 1024, least = 1, most = 2 }
    workers          = { cpu = 512, memory = 1024, least = 1, most = 3 }
    mutating_workers = { cpu = 512, memory = 1024, least = 1, most = 1 }
    beats            = { cpu = 512, memory = 1024, least = 1, most = 1 }
  }
}
