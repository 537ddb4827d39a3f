"""An inventory shows that a secret exists, never what it is."""

import json
from typing import Any

import pytest
from botocore.model import ServiceModel, Shape

from app.aws import service_models
from app.aws.redaction import MASK, is_masked, mask_secrets, redact

CANARY = "canary-5d1f"


def item_shape(service: str, shape: str) -> Shape:
    model = service_models.LOADER.load_service_model(service, "service-2")
    found: Shape = ServiceModel(model, service).shape_for(shape)
    return found


def text_of(document: Any) -> str:
    return json.dumps(document)


@pytest.mark.parametrize(
    ("service", "operation", "document"),
    [
        ("ec2", "DescribeInstanceAttribute", {"UserData": {"Value": CANARY}}),
        ("ec2", "DescribeLaunchTemplateVersions", {"Data": {"UserData": CANARY}}),
        ("autoscaling", "DescribeLaunchConfigurations", {"UserData": CANARY}),
        (
            "ec2",
            "DescribeVpnConnections",
            {
                "CustomerGatewayConfiguration": f"<psk>{CANARY}</psk>",
                "Options": {"TunnelOptions": [{"PreSharedKey": CANARY}]},
            },
        ),
        ("lambda", "ListFunctions", {"Environment": {"Variables": {"NAME": CANARY}}}),
        ("lambda", "ListFunctions", {"Environment": {"Variables": {"Key": CANARY}}}),
        (
            "codebuild",
            "BatchGetProjects",
            {"environment": {"environmentVariables": [{"name": "A", "value": CANARY}]}},
        ),
        (
            "batch",
            "DescribeJobDefinitions",
            {"containerProperties": {"environment": [{"name": "A", "value": CANARY}]}},
        ),
        (
            "ecs",
            "DescribeTaskDefinition",
            {
                "containerDefinitions": [
                    {"environment": [{"name": "A", "value": CANARY}]}
                ]
            },
        ),
        (
            "cloudformation",
            "DescribeStacks",
            {
                "Parameters": [{"ParameterKey": "P", "ParameterValue": CANARY}],
                "Outputs": [{"OutputKey": "O", "OutputValue": CANARY}],
            },
        ),
        ("glue", "GetJobs", {"DefaultArguments": {"--key": CANARY}}),
        ("glue", "GetConnections", {"ConnectionProperties": {"PASSWORD": CANARY}}),
        ("apigateway", "GetApiKeys", {"name": "k", "value": CANARY}),
        ("apigateway", "GetStages", {"variables": {"db": CANARY}}),
        ("apigatewayv2", "GetStages", {"StageVariables": {"db": CANARY}}),
        ("amplify", "ListApps", {"environmentVariables": {"A": CANARY}}),
        (
            "elasticbeanstalk",
            "DescribeConfigurationSettings",
            {"OptionSettings": [{"OptionName": "DB", "Value": CANARY}]},
        ),
        ("ssm", "ListCommands", {"Parameters": {"commands": [CANARY]}}),
        ("dms", "DescribeEndpoints", {"ExtraConnectionAttributes": CANARY}),
        ("events", "ListTargetsByRule", {"Input": CANARY}),
        ("cloudfront", "GetDistribution", {"Items": [{"HeaderValue": CANARY}]}),
        ("sagemaker", "DescribeModel", {"Environment": {"KEY": CANARY}}),
        ("stepfunctions", "DescribeExecution", {"input": CANARY}),
        ("cognito-idp", "DescribeUserPoolClient", {"ClientSecret": CANARY}),
        ("apprunner", "X", {"RuntimeEnvironmentVariables": {"A": CANARY}}),
        ("cloudhsmv2", "DescribeClusters", {"PreCoPassword": CANARY}),
        ("codepipeline", "ListWebhooks", {"SecretToken": CANARY}),
        ("grafana", "ListWorkspaces", {"grafanaToken": CANARY}),
        (
            "directconnect",
            "DescribeVirtualInterfaces",
            {"customerRouterConfig": f"<auth>{CANARY}</auth>"},
        ),
        ("ecs", "DescribeTaskDefinition", {"options": {"splunk-token": CANARY}}),
        ("batch", "DescribeJobDefinitions", {"command": ["run", CANARY]}),
        ("firehose", "DescribeDeliveryStream", {"HECToken": CANARY}),
        ("mediaconvert", "ListJobs", {"StaticKeyValue": CANARY}),
        ("apigateway", "GetResources", {"requestParameters": {"h": CANARY}}),
        (
            "securityhub",
            "GetFindings",
            {"Environment": [{"Name": "A", "Value": CANARY}]},
        ),
    ],
)
def test_members_that_hold_secrets_are_masked(
    service: str, operation: str, document: dict[str, Any]
) -> None:
    kept = text_of(redact(document, service=service, operation=operation))
    assert CANARY not in kept
    assert MASK in kept


def test_names_stay_so_that_one_sees_what_is_there() -> None:
    document = {
        "environmentVariables": [{"name": "A", "value": CANARY, "type": "PLAINTEXT"}]
    }
    assert redact(document, service="codebuild", operation="BatchGetProjects") == {
        "environmentVariables": [{"name": "A", "value": MASK, "type": "PLAINTEXT"}]
    }
    variables = {"Variables": {"A": CANARY, "B": None}}
    assert redact(variables, service="lambda", operation="ListFunctions") == {
        "Variables": {"A": MASK, "B": None}
    }


def test_what_holds_no_secret_is_left_as_it_is() -> None:
    document = {
        "InstanceId": "i-0123456789abcdef0",
        "State": {"Code": 16, "Name": "running"},
        "value": "kept outside of the one answer that holds keys",
        "Tags": [{"Key": "Name", "Value": "web"}, {"Key": "commit", "Value": "a" * 40}],
    }
    for service in ("ec2", "apigateway"):
        assert redact(document, service=service, operation="GetRestApis") == document
    assert document["InstanceId"] == "i-0123456789abcdef0"


def test_what_the_model_calls_sensitive_is_masked() -> None:
    shape = item_shape("guardduty", "Member")
    document = {"AccountId": "1", "Email": f"{CANARY}@example.org"}
    kept = redact(document, service="guardduty", operation="ListMembers", shape=shape)
    assert kept == {"AccountId": "1", "Email": MASK}


@pytest.mark.parametrize(
    "tags",
    [
        {"Tags": [{"Key": "db_password", "Value": CANARY}]},
        {"tags": {"API-Key": CANARY}},
        {"TagList": [{"key": "ClientSecret", "value": CANARY}]},
        {"TagSet": [{"Key": "note", "Value": f"password={CANARY}"}]},
        {"Tags": [{"Key": "url", "Value": f"https://user:{CANARY}@example.org/"}]},
        {"Nested": {"Tags": [{"Key": "AuthToken", "Value": CANARY}]}},
        {"CertificateTags": [{"Key": "AuthToken", "Value": CANARY}]},
        {"tagList": [{"TagKey": "AuthToken", "TagValue": CANARY}]},
    ],
)
def test_secrets_in_tags_are_masked(tags: dict[str, Any]) -> None:
    kept = text_of(redact(tags, service="ec2", operation="DescribeTags"))
    assert CANARY not in kept


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1B2" * 9,
        "glpat-" + "a1B2" * 5,
        "xoxb-1234567890-abcdef",
        "sk_live_" + "a1B2" * 6,
        "AIza" + "a1B2c" * 7,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n",
    ],
)
def test_shapes_of_secrets_are_known(secret: str) -> None:
    assert mask_secrets(f"see {secret}") == f"see {MASK}"


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::123456789012:role/Cloudrota",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "https://example.org:8443/path?x=1",
        "sg-0123456789abcdef0",
        "The quick brown fox",
    ],
)
def test_ordinary_text_is_no_secret(text: str) -> None:
    assert mask_secrets(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"https://user:{CANARY}@example.org/hook",
        f"-----BEGIN PRIVATE KEY-----\n{CANARY.replace('-', '')}\n",
    ],
)
def test_a_secret_that_gives_itself_away_is_masked_in_any_member(text: str) -> None:
    document = {"Description": text, "Endpoints": [text]}
    kept = text_of(redact(document, service="sns", operation="ListSubscriptions"))
    assert CANARY not in kept
    assert CANARY.replace("-", "") not in kept
    assert kept.count(MASK) == 2


def test_says_of_a_member_whether_it_is_ever_kept() -> None:
    stacks = ("cloudformation", "DescribeStacks")
    assert is_masked("ParameterValue", service=stacks[0], operation=stacks[1])
    assert not is_masked("StackName", service=stacks[0], operation=stacks[1])
    email = item_shape("guardduty", "Email")
    assert is_masked("Email", email, service="guardduty", operation="ListMembers")


def test_a_value_too_long_for_a_tag_is_masked_whole() -> None:
    tags = {"Tags": [{"Key": "a", "Value": "x" * 100_000}]}
    assert redact(tags, service="ec2", operation="DescribeTags") == {
        "Tags": [{"Key": "a", "Value": MASK}]
    }


def test_what_no_document_may_hold_is_not_hidden_from_who_refuses_it() -> None:
    huge = {"Tags": [{"Key": "a", "Value": "x" * 1024 * 1024}]}
    assert redact(huge, service="ec2", operation="DescribeTags") == huge


@pytest.mark.parametrize("member", ["Configuration", "Tags", "Password"])
def test_any_depth_is_read_without_running_out_of_stack(member: str) -> None:
    deep: Any = CANARY
    for _ in range(3000):
        deep = {"a": [deep]}
    redact({member: deep}, service="ec2", operation="DescribeInstances")
