variable "name" {
  description = "The replication group's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "name has at most 40 small letters, digits and hyphens."
  }
}

variable "vpc_id" {
  description = "Its network."
  type        = string
}

variable "subnet_ids" {
  description = "Its subnets, from which no way leads out."
  type        = list(string)
}

variable "clients" {
  description = "Security groups that may connect, by a name for each."
  type        = map(string)
}

variable "key_arn" {
  description = "KMS key of what it writes to disk."
  type        = string
}

variable "auth_token" {
  description = "Its password, of which REDIS_URL is made. Terraform's state holds it."
  type        = string
  sensitive   = true

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{32,128}$", var.auth_token))
    error_message = "auth_token must be 32 to 128 letters, digits, _ or -, so that a URL can hold it."
  }
}

variable "engine_version" {
  description = "Version of Valkey. The product is built and tested on 9."
  type        = string
  default     = "8.1"
}

variable "size" {
  description = "Node type, and how many replicas wait in other zones."
  type        = object({ node_type = string, replicas = number })

  validation {
    condition     = var.size.replicas >= 0 && var.size.replicas <= 5
    error_message = "replicas must be 0 to 5."
  }
}
