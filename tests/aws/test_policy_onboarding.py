"""What an account's owner is given makes the role we need, and nothing else."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from cfnlint import decode
from cfnlint.api import lint_all

from app.aws.onboarding import (
    NotOnboardable,
    cloudformation_template,
    quick_create_link,
    terraform_snippet,
    trust_policy,
)
from app.aws.policy import policy_for

PRINCIPAL = "arn:aws:iam::829940517736:role/cloudrota-worker"
EXTERNAL_ID = "k3J_Zs-9hQm2"
POLICIES = policy_for(["ec2:DescribeInstances", "s3:ListAllMyBuckets"])


def test_the_trust_names_one_principal_and_one_external_id() -> None:
    assert trust_policy(PRINCIPAL, EXTERNAL_ID) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": PRINCIPAL},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("principal", "external_id"),
    [
        ("*", EXTERNAL_ID),
        ("arn:aws:iam::*:root", EXTERNAL_ID),
        ("arn:aws-cn:iam::829940517736:root", EXTERNAL_ID),
        (PRINCIPAL, ""),
        (PRINCIPAL, "x"),
        (PRINCIPAL, "with space"),
        (PRINCIPAL, '"}}],"*'),
        (PRINCIPAL, "${aws:PrincipalTag/x}"),
    ],
)
def test_a_trust_for_anyone_cannot_be_made(principal: str, external_id: str) -> None:
    with pytest.raises(NotOnboardable):
        trust_policy(principal, external_id)


def test_the_template_passes_cloudformations_linter() -> None:
    policies = [*POLICIES, *policy_for(["rds:DescribeDBInstances"])]
    template = json.dumps(cloudformation_template(policies))
    assert decode.decode_str(template)[1] == []
    # What begins with I is information, not a fault.
    faults = [one for one in lint_all(template) if not one.rule.id.startswith("I")]
    assert not faults


def test_the_template_makes_one_role_with_exactly_the_policies() -> None:
    template = cloudformation_template(POLICIES)
    resources = template["Resources"]
    assert {one["Type"] for one in resources.values()} == {
        "AWS::IAM::Role",
        "AWS::IAM::ManagedPolicy",
    }
    assert resources["Policy1"]["Properties"]["PolicyDocument"] == POLICIES[0]
    role = resources["Role"]["Properties"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": {"Ref": "PrincipalArn"}}
    assert trust["Condition"] == {
        "StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}
    }
    assert role["MaxSessionDuration"] == 3600
    parameters = template["Parameters"]
    assert re.fullmatch(parameters["PrincipalArn"]["AllowedPattern"], PRINCIPAL)
    assert re.fullmatch(parameters["ExternalId"]["AllowedPattern"], EXTERNAL_ID)
    assert len(json.dumps(template)) < 51_200


def test_the_link_fills_in_everything_and_sends_none_of_it_to_a_server() -> None:
    link = quick_create_link(
        "https://templates.s3.amazonaws.com/role.json",
        principal_arn=PRINCIPAL,
        external_id=EXTERNAL_ID,
        region="eu-west-1",
    )
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc) == ("https", "console.aws.amazon.com")
    assert EXTERNAL_ID not in parts.path + parts.query
    page, _, query = parts.fragment.partition("?")
    assert page == "/stacks/quickcreate"
    assert parse_qs(query) == {
        "templateURL": ["https://templates.s3.amazonaws.com/role.json"],
        "stackName": ["Cloudrota"],
        "param_RoleName": ["Cloudrota"],
        "param_PrincipalArn": [PRINCIPAL],
        "param_ExternalId": [EXTERNAL_ID],
    }


def test_terraform_gets_the_same_trust_and_policies() -> None:
    snippet = terraform_snippet(
        POLICIES, principal_arn=PRINCIPAL, external_id=EXTERNAL_ID
    )
    encoded = re.findall(r"jsonencode\((.*?)\)\n", snippet, re.DOTALL)
    assert [json.loads(one) for one in encoded] == [
        trust_policy(PRINCIPAL, EXTERNAL_ID),
        *POLICIES,
    ]
    assert snippet.count('resource "aws_iam_role" ') == 1
    assert snippet.count('resource "aws_iam_policy" ') == len(POLICIES)
    assert snippet.count("aws_iam_role_policy_attachment") == len(POLICIES)
    assert snippet.count("{") == snippet.count("}")


@pytest.mark.parametrize("name", ["", "a b", '"', "${x}", "x" * 65, "rôle"])
def test_a_role_name_cannot_break_out(name: str) -> None:
    with pytest.raises(NotOnboardable):
        cloudformation_template(POLICIES, role_name=name)
    with pytest.raises(NotOnboardable):
        terraform_snippet(
            POLICIES,
            principal_arn=PRINCIPAL,
            external_id=EXTERNAL_ID,
            role_name=name,
        )
