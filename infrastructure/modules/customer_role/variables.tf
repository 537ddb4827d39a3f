variable "principal_arn" {
  description = "Cloudrota's own identity, as its onboarding page shows it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:(root|(role|user)/[A-Za-z0-9_+=,.@/-]{1,512})$", var.principal_arn))
    error_message = "principal_arn is the ARN of an account, a role or a user."
  }
}

variable "external_id" {
  description = "The ExternalId that Cloudrota's onboarding page shows."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 16 && length(var.external_id) <= 1224
    error_message = "external_id is that of the onboarding page, 16 characters or more: without it anybody's Cloudrota could be led into this account."
  }
}

variable "role_name" {
  description = "The role's name."
  type        = string
  default     = "Cloudrota"

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,62}$", var.role_name))
    error_message = "role_name has at most 62 characters that IAM takes."
  }
}

variable "policies" {
  description = "What it may do, as JSON policy documents: those of the onboarding page, or fewer."
  type        = list(string)

  validation {
    condition     = length(var.policies) >= 1 && length(var.policies) <= 10
    error_message = "a role has 1 to 10 policies."
  }

  validation {
    condition     = alltrue([for policy in var.policies : can(jsondecode(policy).Statement)])
    error_message = "policies are JSON policy documents."
  }

  validation {
    condition     = alltrue([for policy in var.policies : length(replace(policy, "/\\s/", "")) <= 6144])
    error_message = "IAM takes 6,144 characters of a policy, blanks not counted."
  }

  validation {
    condition = alltrue(flatten([
      for policy in var.policies : [
        for statement in try(jsondecode(policy).Statement, []) : [
          for action in flatten([try(statement.Action, "*")]) : !strcontains(action, "*") if statement.Effect == "Allow"
        ]
      ]
    ]))
    error_message = "policies name each action that they allow: Cloudrota needs no wildcard."
  }
}
