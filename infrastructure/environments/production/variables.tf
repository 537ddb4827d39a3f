variable "region" {
  description = "The region of everything but CloudFront."
  type        = string
}

variable "zones" {
  description = "Two to four availability zones of the region."
  type        = list(string)
}

variable "domain" {
  description = "The name that people type, without https://."
  type        = string
}

variable "zone_id" {
  description = "Route 53's hosted zone of the name."
  type        = string
}

variable "image" {
  description = "The product's image, by its digest."
  type        = string
}

variable "collector_image" {
  description = "The collector's image, by its digest."
  type        = string
}

variable "database_ca_file" {
  description = "Where the product's image has RDS's certificates."
  type        = string
}

variable "is_launched" {
  description = "Whether the services run; false until secrets are filled in and the database is migrated."
  type        = bool
}

variable "cache_auth_token" {
  description = "The cache's password, given as TF_VAR_cache_auth_token and written down nowhere."
  type        = string
  sensitive   = true
}

variable "database_snapshot" {
  description = "A snapshot to restore the database from when it is made; null: empty."
  type        = string
  default     = null
}

variable "credential_keys" {
  description = "Ids of the KMS keys that wrap stored secrets, and the one that wraps what is new."
  type        = object({ ids = set(string), active = string })
}

variable "optional_secrets" {
  description = "Which of HEARTBEAT_URL, OTEL_EXPORTER_OTLP_HEADERS, SMTP_URL, STRIPE_API_KEY and STRIPE_WEBHOOK_SECRETS there are."
  type        = set(string)
}

variable "mail_from" {
  description = "Sender of every mail."
  type        = string
}

variable "onboarding_template_url" {
  description = "Where customers can read the role's CloudFormation template; null: nowhere."
  type        = string
  default     = null
}

variable "settings" {
  description = "Further settings that are no secrets, by variable."
  type        = map(string)
  default     = {}
}

variable "alarm_emails" {
  description = "Who is told of alarms."
  type        = set(string)
}
