variable "domain" {
  description = "The name that people type."
  type        = string
}

variable "zone_id" {
  description = "The hosted zone of the name."
  type        = string
}
