# The state, the images and the role of releases.

mock_provider "aws" {
  source          = "../tests/mocks"
  override_during = plan
}

variables {
  region       = "eu-central-1"
  state_bucket = "cloudrota-state-123456789012"
  github       = { repository = "acme/cloudrota" }
}

run "state" {
  command = plan

  assert {
    condition     = output.backend.bucket == module.state.name && output.backend.kms_key_id == module.state_key.arn && output.backend.region == "eu-central-1"
    error_message = "The environments' backend is the bucket that is made here, with its key."
  }
}

run "images" {
  command = plan

  assert {
    condition     = toset(keys(aws_ecr_repository.this)) == toset(["cloudrota", "cloudrota-collector"])
    error_message = "There is a repository for each image."
  }

  assert {
    condition = alltrue([
      for one in aws_ecr_repository.this :
      one.image_tag_mutability == "IMMUTABLE" && one.image_scanning_configuration[0].scan_on_push && one.encryption_configuration[0].encryption_type == "KMS"
    ])
    error_message = "A tag stays what it is; images are scanned and encrypted."
  }

  assert {
    condition     = alltrue([for one in aws_ecr_lifecycle_policy.this : jsondecode(one.policy).rules[*].selection.tagStatus == ["untagged"]])
    error_message = "What has a tag may be gone back to and is kept."
  }
}

run "release" {
  command = plan

  assert {
    condition = {
      for one in data.aws_iam_policy_document.trust[0].statement[0].condition : one.variable => one.values if one.test == "StringEquals"
      } == {
      "token.actions.githubusercontent.com:aud" = tolist(["sts.amazonaws.com"])
      "token.actions.githubusercontent.com:sub" = tolist(["repo:acme/cloudrota:environment:release"])
    }
    error_message = "Only this repository's environment gets the role."
  }

  assert {
    condition = {
      for one in data.aws_iam_policy_document.push[0].statement : one.sid => one.resources
      } == {
      SignIn = toset(["*"])
      Push   = toset(["arn:aws:ecr:eu-central-1:123456789012:repository/mocked"])
    }
    error_message = "A release pushes the product's image and signs in, and that is all."
  }

  assert {
    condition     = length([for action in flatten(data.aws_iam_policy_document.push[0].statement[*].actions) : action if strcontains(action, "*") || strcontains(action, "Delete")]) == 0
    error_message = "A release pushes, and deletes nothing."
  }
}

run "nobody_outside" {
  command = plan

  variables {
    github = null
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && output.image_role_arn == null
    error_message = "Without a repository nobody outside gets a role."
  }
}

run "refuses_what_cannot_be_meant" {
  command = plan

  variables {
    region       = "Frankfurt"
    state_bucket = "My_State"
    repositories = ["Other"]
    github       = { repository = "acme/*" }
  }

  expect_failures = [var.region, var.state_bucket, var.repositories, var.github]
}
