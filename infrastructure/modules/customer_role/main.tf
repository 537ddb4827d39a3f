# The role that a customer makes, in the customer's own account: Cloudrota's identity may
# assume it, and only with the ExternalId of the customer's organization.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.principal_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Lets Cloudrota in, with its ExternalId only"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_policy" "this" {
  count       = length(var.policies)
  name        = "${var.role_name}-${count.index + 1}"
  description = "What Cloudrota's tasks need, part ${count.index + 1}"
  policy      = var.policies[count.index]
}

resource "aws_iam_role_policy_attachment" "this" {
  count      = length(var.policies)
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.this[count.index].arn
}
