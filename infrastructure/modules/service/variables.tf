variable "name" {
  description = "The service's name, which begins with that of its cluster."
  type        = string
}

variable "cluster" {
  description = "The cluster's name."
  type        = string
}

variable "vpc_id" {
  description = "Its network."
  type        = string
}

variable "subnet_ids" {
  description = "Its subnets."
  type        = list(string)
}

variable "task" {
  description = "What the module `task` is told, but for name and logs."
  type = object({
    image           = string
    command         = list(string)
    environment     = map(string)
    secrets         = map(string)
    secret_key_arns = list(string)
    task_role_arn   = optional(string)
    port            = optional(number)
    health_command  = optional(list(string))
    stop_seconds    = optional(number, 30)
    sidecars = optional(map(object({
      image       = string
      environment = map(string)
      secrets     = map(string)
    })), {})
  })
}

variable "size" {
  description = "CPU units and MiB of memory of each task, the fewest and the most tasks."
  type        = object({ cpu = number, memory = number, least = number, most = number })

  validation {
    condition     = var.size.least >= 1 && var.size.most >= var.size.least
    error_message = "least must be at least 1, and most no less than that."
  }
}

variable "is_launched" {
  description = "Whether anything runs; false while there is no database to speak to yet."
  type        = bool
}

variable "target_group_arn" {
  description = "The load balancer's group that the tasks belong to; null: none."
  type        = string
  default     = null

  validation {
    condition     = var.target_group_arn == null ? true : var.task.port != null
    error_message = "behind a load balancer the task needs a port."
  }
}

variable "ports_out" {
  description = "TCP ports of the Internet that the tasks may ask, by what for."
  type        = map(number)
}

variable "lag" {
  description = "A metric in seconds that calls for more tasks while it is above `seconds`; null: CPU alone does."
  type = object({
    namespace  = string
    metric     = string
    dimensions = map(string)
    seconds    = number
  })
  default = null
}

variable "log_key_arn" {
  description = "KMS key of its log."
  type        = string
}

variable "log_days" {
  description = "Days that its log is kept."
  type        = number
}
