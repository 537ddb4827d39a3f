# A release of GitHub may push the product's image and nothing else: no key is stored
# there, and other repositories, branches and environments get no role.

locals {
  issuer = "token.actions.githubusercontent.com"
  github = var.github == null ? [] : [var.github]
}

resource "aws_iam_openid_connect_provider" "github" {
  count          = length(local.github)
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
  count = length(local.github)

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = aws_iam_openid_connect_provider.github[*].arn
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = ["repo:${var.github.repository}:environment:${var.github.environment}"]
    }
  }
}

data "aws_iam_policy_document" "push" {
  count = length(local.github)

  statement {
    sid       = "SignIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "Push"
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
      "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
    ]
    resources = [aws_ecr_repository.this["cloudrota"].arn]
  }
}

resource "aws_iam_role" "github" {
  count                = length(local.github)
  name                 = "cloudrota-release"
  description          = "A release of ${var.github.repository} pushes its image"
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "github" {
  count  = length(local.github)
  name   = "push"
  role   = aws_iam_role.github[0].name
  policy = data.aws_iam_policy_document.push[0].json
}
