variable "name" {
  description = "The web ACL's name."
  type        = string
}

variable "scope" {
  description = "REGIONAL, before a load balancer, or CLOUDFRONT, which is made in us-east-1."
  type        = string

  validation {
    condition     = contains(["REGIONAL", "CLOUDFRONT"], var.scope)
    error_message = "scope must be REGIONAL or CLOUDFRONT."
  }
}

variable "managed" {
  description = "Groups of rules that AWS keeps, and of each the rules that count only."
  type        = map(list(string))
}

variable "requests_per_address" {
  description = "Requests of one address in five minutes; null: not limited here."
  type        = number
  default     = null

  validation {
    condition     = var.requests_per_address == null ? true : var.requests_per_address >= 100
    error_message = "requests_per_address must be at least 100."
  }
}

variable "log_key_arn" {
  description = "KMS key of its log, in the web ACL's region."
  type        = string
}

variable "log_days" {
  description = "Days that its log is kept."
  type        = number
}
