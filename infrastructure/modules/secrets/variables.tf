variable "name" {
  description = "Begins the secrets' names."
  type        = string
}

variable "settings" {
  description = "Settings of the product that are secrets, by the names of their variables."
  type        = set(string)

  validation {
    condition     = alltrue([for setting in var.settings : can(regex("^[A-Z][A-Z0-9_]+$", setting))])
    error_message = "settings are names of environment variables."
  }
}

variable "key_arn" {
  description = "KMS key that encrypts them."
  type        = string
}

variable "recovery_days" {
  description = "Days in which a deleted secret can be had back; 0: none."
  type        = number

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "recovery_days must be 0, or 7 to 30."
  }
}
