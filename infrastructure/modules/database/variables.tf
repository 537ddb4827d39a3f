variable "name" {
  description = "The instance's name."
  type        = string
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
  description = "KMS key of storage, snapshots, insights and the master password. Never one that wraps stored secrets."
  type        = string
}

variable "log_key_arn" {
  description = "KMS key of its logs."
  type        = string
}

variable "log_days" {
  description = "Days that its logs are kept."
  type        = number
}

variable "engine_version" {
  description = "Major version of PostgreSQL; RDS chooses the minor one and keeps it up to date. Ids are made and built on 18."
  type        = string
  default     = "18"

  validation {
    condition     = can(regex("^[0-9]{2}$", var.engine_version))
    error_message = "engine_version is a major version, as 18."
  }
}

variable "size" {
  description = "Instance class, storage in GiB and how far it may grow, whether a standby waits in another zone, the most connections, days of backups."
  type = object({
    instance_class  = string
    storage_gib     = number
    max_storage_gib = number
    multi_az        = bool
    max_connections = number
    backup_days     = number
  })

  validation {
    condition     = var.size.storage_gib >= 20 && var.size.max_storage_gib > var.size.storage_gib
    error_message = "storage begins with at least 20 GiB and must have room to grow."
  }

  validation {
    condition     = var.size.backup_days >= 7 && var.size.backup_days <= 35
    error_message = "backup_days must be 7 to 35."
  }
}

variable "is_protected" {
  description = "Whether it cannot be deleted, and leaves a last snapshot where it is."
  type        = bool
}

variable "snapshot" {
  description = "A snapshot that the instance begins with, for a restore; null: empty."
  type        = string
  default     = null
}
