variable "name" {
  description = "Begins the alarms' names."
  type        = string
}

variable "cluster_arn" {
  description = "The cluster whose failed rollouts are told."
  type        = string
}

variable "emails" {
  description = "Who is told; each has to confirm it once."
  type        = set(string)

  validation {
    condition     = length(var.emails) > 0 && alltrue([for one in var.emails : can(regex("^[^@\\s]+@[^@\\s]+$", one))])
    error_message = "emails must be addresses, and at least one: an alarm that nobody hears is none."
  }
}

variable "key_arn" {
  description = "KMS key of what is told, which CloudWatch and EventBridge may use."
  type        = string
}

variable "alarms" {
  description = "What is watched: a metric, the statistic of each minute, and for how many minutes it may be on the wrong side of the threshold. `missing` says what no number means."
  type = map(object({
    description = string
    namespace   = string
    metric      = string
    dimensions  = map(string)
    statistic   = optional(string, "Maximum")
    above       = optional(number)
    below       = optional(number)
    minutes     = number
    missing     = optional(string, "missing")
  }))

  validation {
    condition     = alltrue([for one in values(var.alarms) : (one.above == null) != (one.below == null)])
    error_message = "each alarm has either above or below."
  }
}
