variable "name" {
  description = "The load balancer's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "name has at most 32 small letters, digits and hyphens."
  }
}

variable "vpc_id" {
  description = "Its network."
  type        = string
}

variable "subnet_ids" {
  description = "Its subnets, which are private."
  type        = list(string)
}

variable "certificate_arn" {
  description = "The certificate that it proves itself with."
  type        = string
}

variable "web_acl_arn" {
  description = "What refuses requests before it takes them."
  type        = string
}

variable "log_bucket" {
  description = "Where its access log goes."
  type        = string
}

variable "port" {
  description = "The port that its targets listen on."
  type        = number
}

variable "is_protected" {
  description = "Whether it cannot be deleted."
  type        = bool
}
