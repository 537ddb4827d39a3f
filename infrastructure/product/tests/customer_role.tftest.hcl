# The role that a customer makes.

mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  principal_arn = "arn:aws:iam::123456789012:role/cloudrota-production-worker"
  external_id   = "an-external-id-of-the-tests"
  policies      = ["{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:DescribeInstances\"],\"Resource\":\"*\"}]}"]
}

run "role" {
  command = plan

  module {
    source = "../modules/customer_role"
  }

  assert {
    condition = [
      for one in data.aws_iam_policy_document.trust.statement[0].condition : join(" ", concat([one.test, one.variable], one.values))
    ] == ["StringEquals sts:ExternalId an-external-id-of-the-tests"]
    error_message = "The role is assumed with the ExternalId only."
  }

  assert {
    condition     = toset(one(data.aws_iam_policy_document.trust.statement[0].principals).identifiers) == toset([var.principal_arn])
    error_message = "Cloudrota's own identity assumes the role, and nobody else."
  }

  assert {
    condition     = length(aws_iam_role_policy_attachment.this) == 1 && aws_iam_role.this.max_session_duration == 3600
    error_message = "The role has its policies, and sessions of an hour."
  }
}

run "refuses_what_cannot_be_meant" {
  command = plan

  module {
    source = "../modules/customer_role"
  }

  variables {
    principal_arn = "*"
    external_id   = "short"
    policies      = ["{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"]
  }

  expect_failures = [var.principal_arn, var.external_id, var.policies]
}
