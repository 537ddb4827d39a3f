variable "name" {
  description = "The family of the task, as cloudrota-staging-api."
  type        = string
}

variable "image" {
  description = "The product's image, by its digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must end with its digest (@sha256:…): a tag can be moved to another one."
  }
}

variable "command" {
  description = "What the container runs."
  type        = list(string)

  validation {
    condition     = length(var.command) > 0
    error_message = "command must not be empty."
  }
}

variable "cpu" {
  description = "CPU units, of which 1024 are one processor."
  type        = number

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.cpu)
    error_message = "cpu must be 256, 512, 1024, 2048 or 4096."
  }
}

variable "memory" {
  description = "Memory in MiB, 2 to 8 for each unit of CPU."
  type        = number
}

variable "environment" {
  description = "Settings that everybody may know, by variable."
  type        = map(string)

  validation {
    condition     = length(setintersection(keys(var.environment), local.secret_settings)) == 0
    error_message = "environment holds a setting that is a secret: it belongs into secrets, by its ARN."
  }

  validation {
    condition     = alltrue([for value in values(var.environment) : !can(regex("://[^/@]*:[^/@]*@", value))])
    error_message = "environment holds a URL with a password in it."
  }
}

variable "secrets" {
  description = "Where settings that are secrets are kept, by variable: the ARN of a secret, with :member:: for a member of one."
  type        = map(string)

  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:aws:secretsmanager:", arn))])
    error_message = "secrets takes ARNs of Secrets Manager, never the secrets themselves."
  }
}

variable "secret_key_arns" {
  description = "KMS keys that encrypt those secrets."
  type        = list(string)
}

variable "task_role_arn" {
  description = "The identity the programs have at AWS; null: none."
  type        = string
  default     = null
}

variable "port" {
  description = "The port it listens on for others; null: none."
  type        = number
  default     = null
}

variable "health_command" {
  description = "Ends with 0 while all is well; null: nothing is asked."
  type        = list(string)
  default     = null
}

variable "stop_seconds" {
  description = "Seconds between SIGTERM and SIGKILL."
  type        = number
  default     = 30

  validation {
    condition     = var.stop_seconds >= 2 && var.stop_seconds <= 120
    error_message = "stop_seconds must be 2 to 120."
  }
}

variable "sidecars" {
  description = "Containers beside it, which are begun again when they end and whose end is not the task's."
  type = map(object({
    image       = string
    environment = map(string)
    secrets     = map(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for one in values(var.sidecars) : can(regex("@sha256:[0-9a-f]{64}$", one.image))])
    error_message = "the image of each sidecar must end with its digest (@sha256:…)."
  }
}

variable "log_key_arn" {
  description = "KMS key of its log."
  type        = string
}

variable "log_days" {
  description = "Days that its log is kept."
  type        = number
}
