variable "region" {
  description = "The region of the state and the images; that of the environments."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-\\d$", var.region))
    error_message = "region must be a region of AWS, such as eu-central-1."
  }
}

variable "state_bucket" {
  description = "Name of the bucket for Terraform's state. Names of buckets are the whole world's: put the account's number or your domain into it."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must have 3 to 63 small letters, digits and hyphens, and begin and end with a letter or digit."
  }
}

variable "repositories" {
  description = "Repositories of images: the product's, and the collector's beside the beats."
  type        = set(string)
  default     = ["cloudrota", "cloudrota-collector"]

  validation {
    condition     = alltrue([for name in var.repositories : can(regex("^[a-z0-9]+([._/-][a-z0-9]+)*$", name))]) && contains(var.repositories, "cloudrota")
    error_message = "repositories must be names of ECR, in small letters, with cloudrota among them."
  }
}

variable "github" {
  description = "The repository on GitHub whose releases push images, and the environment of GitHub that they run in; null: nobody outside of AWS pushes."
  type        = object({ repository = string, environment = optional(string, "release") })
  default     = null

  validation {
    condition     = var.github == null ? true : can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github.repository)) && can(regex("^[A-Za-z0-9_.-]+$", var.github.environment))
    error_message = "github.repository must be owner/name and github.environment one name, without wildcards."
  }
}
