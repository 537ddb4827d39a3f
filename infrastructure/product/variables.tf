variable "environment" {
  description = "Which of the two this is. Production is protected from being deleted."
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment must be staging or production."
  }
}

variable "domain" {
  description = "The name that people type, without https://."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain is a host name in small letters, as rota.example.com."
  }
}

variable "zone_id" {
  description = "Route 53's hosted zone of the name."
  type        = string
}

variable "cidr" {
  description = "The private addresses of the network."
  type        = string
}

variable "zones" {
  description = "Availability zones of the region."
  type        = list(string)
}

variable "image" {
  description = "The product's image, by its digest."
  type        = string
}

variable "collector_image" {
  description = "The image of the AWS distribution of the OpenTelemetry collector, by its digest."
  type        = string
}

variable "database_ca_file" {
  description = "Where the image has RDS's certificates, as /srv/cloudrota/certificates/rds.pem."
  type        = string
}

variable "is_launched" {
  description = "Whether the services run; false until the secrets are filled in and the database is migrated."
  type        = bool
}

variable "cache_auth_token" {
  description = "The cache's password, the same as in REDIS_URL."
  type        = string
  sensitive   = true
}

variable "database_snapshot" {
  description = "A snapshot that the database begins with, for a restore; null: empty."
  type        = string
  default     = null
}

variable "credential_keys" {
  description = "Ids of the KMS keys that wrap stored secrets, and which of them wraps what is new."
  type        = object({ ids = set(string), active = string })

  validation {
    condition     = contains(var.credential_keys.ids, var.credential_keys.active)
    error_message = "the active key must be one of the ids."
  }
}

variable "optional_secrets" {
  description = "Secrets that this deployment has beside those that each needs."
  type        = set(string)

  validation {
    condition     = length(setsubtract(var.optional_secrets, ["HEARTBEAT_URL", "OTEL_EXPORTER_OTLP_HEADERS", "SMTP_URL", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRETS"])) == 0
    error_message = "optional_secrets are HEARTBEAT_URL, OTEL_EXPORTER_OTLP_HEADERS, SMTP_URL, STRIPE_API_KEY and STRIPE_WEBHOOK_SECRETS."
  }

  validation {
    condition     = contains(var.optional_secrets, "STRIPE_API_KEY") == contains(var.optional_secrets, "STRIPE_WEBHOOK_SECRETS")
    error_message = "STRIPE_API_KEY and STRIPE_WEBHOOK_SECRETS go together."
  }
}

variable "mail_from" {
  description = "Sender of every mail."
  type        = string
}

variable "onboarding_template_url" {
  description = "Where customers can read the role's CloudFormation template (S3); null: nowhere."
  type        = string
  default     = null
}

variable "settings" {
  description = "Further settings of all processes that are no secrets, by variable."
  type        = map(string)
  default     = {}
}

variable "alarm_emails" {
  description = "Who is told of alarms."
  type        = set(string)
}

variable "size" {
  description = "How large everything is: the one thing in which deployments should differ."
  type = object({
    nat_in_each_zone     = bool
    log_days             = number
    vault_days           = number
    requests_per_address = number
    database = object({
      instance_class  = string
      storage_gib     = number
      max_storage_gib = number
      multi_az        = bool
      max_connections = number
      backup_days     = number
    })
    cache            = object({ node_type = string, replicas = number })
    api              = object({ cpu = number, memory = number, least = number, most = number })
    workers          = object({ cpu = number, memory = number, least = number, most = number })
    mutating_workers = object({ cpu = number, memory = number, least = number, most = number })
    beats            = object({ cpu = number, memory = number, least = number, most = number })
  })

  validation {
    condition     = contains([30, 60, 90, 120, 180, 365, 400], var.size.log_days)
    error_message = "log_days must be 30, 60, 90, 120, 180, 365 or 400."
  }
}
