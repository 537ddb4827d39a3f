variable "name" {
  description = "The bucket's name."
  type        = string
}

variable "key_arn" {
  description = "KMS key that encrypts what is stored; null: S3's own, for services that take no other."
  type        = string
  default     = null
}

variable "is_versioned" {
  description = "Whether what is replaced or deleted is kept for a while. Not where a deletion must be one."
  type        = bool
}

variable "expire_days" {
  description = "Days after which everything is deleted; null: never."
  type        = number
  default     = null

  validation {
    condition     = var.expire_days == null ? true : var.expire_days >= 1
    error_message = "expire_days must be at least 1."
  }
}

variable "more_policy" {
  description = "Statements (JSON policy documents) beside that which refuses requests without TLS."
  type        = list(string)
  default     = []
}
