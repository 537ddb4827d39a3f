# What the programs may do at AWS: each no more than it does. The beats' is for their
# collector; migrations and the bootstrap have none.

locals {
  credential_key_arns = [for key in module.credential_key : key.arn]
  artifacts           = "${module.artifacts.arn}/artifacts/*"
  policies = {
    api    = data.aws_iam_policy_document.api.json
    beat   = data.aws_iam_policy_document.beat.json
    rewrap = data.aws_iam_policy_document.rewrap.json
    erase  = data.aws_iam_policy_document.erase.json
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

# Customers' roles trust this very role, by an id that a new one of the same name would not
# have: were it ever deleted, each customer would have to be asked for a new role.
resource "aws_iam_role" "worker" {
  name                 = "${local.name}-worker"
  description          = "Cloudrota's own identity, which customers' roles trust"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_iam_role_policy" "worker" {
  name   = "work"
  role   = aws_iam_role.worker.id
  policy = data.aws_iam_policy_document.worker.json
}

resource "aws_iam_role" "task" {
  for_each           = toset(["api", "beat", "erase", "rewrap"])
  name               = "${local.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "task" {
  for_each = local.policies
  name     = "work"
  role     = aws_iam_role.task[each.key].id
  policy   = each.value
}

data "aws_iam_policy_document" "worker" {
  # Customers call their roles as they like, so that no narrower name would do.
  statement {
    sid       = "CustomersRoles"
    actions   = ["sts:AssumeRole"]
    resources = ["arn:aws:iam::*:role/*"]
  }

  statement {
    sid       = "NeverOurOwn"
    effect    = "Deny"
    actions   = ["sts:AssumeRole"]
    resources = ["arn:aws:iam::${local.account}:role/${local.name}-*"]
  }

  statement {
    sid       = "OpenCredentialsAndChannels"
    actions   = ["kms:Decrypt"]
    resources = local.credential_key_arns
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:column"
      values   = ["aws_credential_versions.ciphertext", "channel_secrets.ciphertext"]
    }
  }

  statement {
    sid       = "WriteFiles"
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = [local.artifacts]
  }

  statement {
    sid       = "EncryptFiles"
    actions   = ["kms:GenerateDataKey"]
    resources = [module.storage_key.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "api" {
  statement {
    sid       = "SealSecrets"
    actions   = ["kms:GenerateDataKey"]
    resources = local.credential_key_arns
  }

  statement {
    sid       = "OpenSecondFactors"
    actions   = ["kms:Decrypt"]
    resources = local.credential_key_arns
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:column"
      values   = ["totp"]
    }
  }

  statement {
    sid       = "ReadFiles"
    actions   = ["s3:GetObject"]
    resources = [local.artifacts]
  }

  statement {
    sid       = "DecryptFiles"
    actions   = ["kms:Decrypt"]
    resources = [module.storage_key.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "beat" {
  statement {
    sid       = "TellMetrics"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.metrics.arn}:*"]
  }
}

data "aws_iam_policy_document" "rewrap" {
  statement {
    sid       = "WrapAnew"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = local.credential_key_arns
  }
}

data "aws_iam_policy_document" "erase" {
  statement {
    sid       = "DeleteFiles"
    actions   = ["s3:DeleteObject"]
    resources = [local.artifacts]
  }

  # Whom a restored database brings back is read from what was noted here.
  statement {
    sid       = "NoteErasures"
    actions   = ["s3:PutObject"]
    resources = ["${module.artifacts.arn}/artifacts/erasures/*"]
  }

  statement {
    sid       = "ListErasures"
    actions   = ["s3:ListBucket"]
    resources = [module.artifacts.arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["artifacts/erasures/*"]
    }
  }

  statement {
    sid       = "EncryptNotes"
    actions   = ["kms:GenerateDataKey"]
    resources = [module.storage_key.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}
