variable "name" {
  description = "The distribution's name."
  type        = string
}

variable "domain" {
  description = "The name that people type."
  type        = string
}

variable "zone_id" {
  description = "The hosted zone of the name."
  type        = string
}

variable "bucket_name" {
  description = "The bucket's name, which holds what the console's build writes to assets/."
  type        = string
}

variable "certificate_arn" {
  description = "Its certificate in us-east-1."
  type        = string
}

variable "web_acl_arn" {
  description = "What refuses requests first."
  type        = string
}

variable "balancer" {
  description = "The load balancer before the API."
  type        = object({ arn = string, domain = string })
}
