variable "name" {
  description = "The key's alias, without `alias/`."
  type        = string
}

variable "description" {
  description = "What the key encrypts."
  type        = string
}

variable "services" {
  description = "Services of AWS that use the key by themselves, and on whose behalf: a key of the request's context and the values it may have."
  type        = map(object({ context = string, values = list(string) }))
  default     = {}
}

variable "only_roles" {
  description = "ARNs of the only roles that may use the key, whatever else is allowed to others; empty: whoever IAM allows to."
  type        = list(string)
  default     = []
}
