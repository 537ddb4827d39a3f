"""What an account's owner runs to let Cloudrota in: trust policy, CloudFormation
template with its quick-create link, Terraform snippet."""

import json
import re
from collections.abc import Sequence
from shlex import quote as quoted
from typing import Any
from urllib.parse import quote, urlencode

from app.aws.policy import Policy

ROLE_NAME = "Cloudrota"
WRITE_ROLE_NAME = "CloudrotaWrite"
SESSION_SECONDS = 3600  # the longest session the role gives

_PRINCIPAL = re.compile(
    r"arn:aws:iam::\d{12}:(?:root|(?:role|user)/[\w+=,.@/-]{1,512})"
)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


class NotOnboardable(ValueError):
    """This principal, external id or role name is none that AWS accepts."""


def trust_policy(principal_arn: str, external_id: str) -> Policy:
    """Who may assume the role, and only with this ExternalId."""
    _must_match(_PRINCIPAL, principal_arn, "principal")
    _must_match(_EXTERNAL_ID, external_id, "external id")
    return _trust(principal_arn, external_id)


def cloudformation_template(
    policies: Sequence[Policy], *, role_name: str = ROLE_NAME
) -> dict[str, Any]:
    """A template, for a stack or a StackSet, that makes the role with its policies.

    Principal and ExternalId are its parameters, so that one stored template serves
    every organization whose work needs the same actions.
    """
    _must_match(_ROLE_NAME, role_name, "role name")
    does = "change" if role_name == WRITE_ROLE_NAME else "list and check"
    managed = {
        f"Policy{number}": _managed_policy(number, policy)
        for number, policy in enumerate(policies, 1)
    }
    principal, external_id = {"Ref": "PrincipalArn"}, {"Ref": "ExternalId"}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": {"Ref": "RoleName"},
            "Description": f"Lets Cloudrota {does}, with its ExternalId only",
            "MaxSessionDuration": SESSION_SECONDS,
            "AssumeRolePolicyDocument": _trust(principal, external_id),
            "ManagedPolicyArns": [{"Ref": name} for name in managed],
        },
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The role Cloudrota assumes to {does} this account",
        "Parameters": _parameters(role_name),
        "Resources": {**managed, "Role": role},
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


def quick_create_link(
    template_url: str,
    *,
    principal_arn: str,
    external_id: str,
    region: str,
    role_name: str = ROLE_NAME,
) -> str:
    """The address that opens the CloudFormation console with everything filled in.

    `template_url` is the https address of the template in S3: CloudFormation takes
    templates from nowhere else. All of it stands behind `#`, which browsers send to no
    server.
    """
    trust_policy(principal_arn, external_id)
    _must_match(_ROLE_NAME, role_name, "role name")
    query = urlencode(
        {
            "templateURL": template_url,
            "stackName": role_name,
            "param_RoleName": role_name,
            "param_PrincipalArn": principal_arn,
            "param_ExternalId": external_id,
        },
        quote_via=quote,
    )
    home = "https://console.aws.amazon.com/cloudformation/home"
    return f"{home}?region={quote(region)}#/stacks/quickcreate?{query}"


def stack_set_commands(
    *, principal_arn: str, external_id: str, region: str, role_name: str = ROLE_NAME
) -> tuple[str, str]:
    """The AWS CLI commands that make a StackSet of the template, saved as
    `cloudrota.json`, and roll it out: to the accounts of the organizational units, new
    ones included. One region is enough, for roles are global."""
    trust_policy(principal_arn, external_id)
    _must_match(_ROLE_NAME, role_name, "role name")
    parameters = {
        "RoleName": role_name,
        "PrincipalArn": principal_arn,
        "ExternalId": external_id,
    }
    given = " ".join(
        f"ParameterKey={name},ParameterValue={quoted(value)}"
        for name, value in parameters.items()
    )
    create = (
        f"aws cloudformation create-stack-set --stack-set-name {quoted(role_name)}"
        " --template-body file://cloudrota.json --capabilities CAPABILITY_NAMED_IAM"
        " --permission-model SERVICE_MANAGED"
        " --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false"
        f" --region {region} --parameters {given}"
    )
    deploy = (
        "aws cloudformation create-stack-instances"
        f" --stack-set-name {quoted(role_name)} --region {region}"
        f" --regions {region} --deployment-targets OrganizationalUnitIds=ou-…"
    )
    return create, deploy


def terraform_snippet(
    policies: Sequence[Policy],
    *,
    principal_arn: str,
    external_id: str,
    role_name: str = ROLE_NAME,
) -> str:
    """The role and its policies in Terraform's language, for the AWS provider."""
    _must_match(_ROLE_NAME, role_name, "role name")
    trust = _encoded(trust_policy(principal_arn, external_id))
    role, output = "cloudrota", "role_arn"
    if role_name == WRITE_ROLE_NAME:  # both may stand in one module
        role, output = "cloudrota_write", "write_role_arn"
    blocks = [_ROLE.format(role=role, name=json.dumps(role_name), trust=trust)]
    blocks += [
        _POLICY.format(
            role=role,
            label=f"{role}_{number}",
            name=json.dumps(f"{role_name}-{number}"),
            policy=_encoded(policy),
        )
        for number, policy in enumerate(policies, 1)
    ]
    return "\n".join([*blocks, _OUTPUT.format(role=role, output=output)])


_ROLE = f"""\
resource "aws_iam_role" "{{role}}" {{{{
  name                 = {{name}}
  max_session_duration = {SESSION_SECONDS}
  assume_role_policy   = {{trust}}
}}}}
"""
_POLICY = """\
resource "aws_iam_policy" "{label}" {{
  name   = {name}
  policy = {policy}
}}

resource "aws_iam_role_policy_attachment" "{label}" {{
  role       = aws_iam_role.{role}.name
  policy_arn = aws_iam_policy.{label}.arn
}}
"""
_OUTPUT = """\
output "{output}" {{
  value = aws_iam_role.{role}.arn
}}
"""


def _encoded(policy: Policy) -> str:
    """JSON is an expression of Terraform's language; only its `${` must be doubled."""
    text = json.dumps(policy, indent=2).replace("${", "$${").replace("%{", "%%{")
    return "jsonencode({})".format(text.replace("\n", "\n  "))


def _trust(
    principal: str | dict[str, str], external_id: str | dict[str, str]
) -> Policy:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }


def _managed_policy(number: int, policy: Policy) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "Description": f"What Cloudrota's tasks need, part {number}",
            "PolicyDocument": policy,
        },
    }


def _parameters(role_name: str) -> dict[str, Any]:
    return {
        "PrincipalArn": {
            "Type": "String",
            "Description": "Cloudrota's own identity, as its onboarding page shows it",
            "AllowedPattern": _PRINCIPAL.pattern.replace("(?:", "("),
        },
        "ExternalId": {
            "Type": "String",
            "Description": "The ExternalId that Cloudrota's onboarding page shows",
            "AllowedPattern": r"[\w+=,.@:/-]{2,1224}",
        },
        "RoleName": {
            "Type": "String",
            "Default": role_name,
            "AllowedPattern": r"[\w+=,.@-]{1,64}",
        },
    }


def _must_match(pattern: re.Pattern[str], text: str, what: str) -> None:
    if not pattern.fullmatch(text):
        raise NotOnboardable(f"{text!r} is no {what} that AWS accepts")
