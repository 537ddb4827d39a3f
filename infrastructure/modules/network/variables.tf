variable "name" {
  description = "Begins the name of everything in the network."
  type        = string
}

variable "cidr" {
  description = "The network's private addresses, a /16 to /20."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && try(tonumber(split("/", var.cidr)[1]), 0) >= 16 && try(tonumber(split("/", var.cidr)[1]), 99) <= 20
    error_message = "cidr must be an IPv4 network of /16 to /20."
  }
}

variable "zones" {
  description = "Availability zones, in each of which there is one subnet of each kind."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones must be two to four different availability zones."
  }
}

variable "nat_in_each_zone" {
  description = "Whether each zone has a way out of its own, or all share that of the first."
  type        = bool
}

variable "log_key_arn" {
  description = "KMS key of the flow log."
  type        = string
}

variable "log_days" {
  description = "Days that the flow log is kept."
  type        = number
}
