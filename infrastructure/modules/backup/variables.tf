variable "name" {
  description = "The vault's name."
  type        = string
}

variable "database_arn" {
  description = "What is kept: the database, and nothing else."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:rds:[a-z0-9-]+:[0-9]{12}:db:", var.database_arn))
    error_message = "database_arn is that of an RDS instance."
  }
}

variable "key_arn" {
  description = "KMS key of the copies. Never one that wraps stored secrets."
  type        = string
}

variable "days" {
  description = "Days that each daily copy is kept."
  type        = number

  validation {
    condition     = var.days >= 7
    error_message = "days must be at least 7."
  }
}

variable "is_locked" {
  description = "Whether copies cannot be deleted before their time, but by who may take the lock off first."
  type        = bool
}
