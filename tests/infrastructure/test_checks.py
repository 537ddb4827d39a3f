"""The checks of the Terraform tell what is wrong, and are silent otherwise."""

import json

import pytest

from tests.infrastructure import emulated, weaknesses

POLICY = ("a.b", "aws_iam_role_policy")
SECRET = ("s", "aws_secretsmanager_secret", {"name": "cloudrota/SECRET_KEY"})


def _policy(**statement: object) -> tuple[str, str, dict[str, str]]:
    allowed = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:…"}
    return (*POLICY, {"policy": json.dumps({"Statement": [allowed | statement]})})


@pytest.mark.parametrize(
    ("statement", "is_wrong"),
    [
        ({}, False),
        ({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}, False),
        ({"Action": "ecr:GetAuthorizationToken", "Resource": "*"}, False),
        ({"Action": "s3:*"}, True),
        ({"Action": ["s3:GetObject", "kms:*"]}, True),
        ({"Resource": "*"}, True),
    ],
)
def test_tells_a_policy_that_allows_too_much(
    statement: dict[str, object], is_wrong: bool
) -> None:
    assert bool(list(emulated.judged([SECRET, _policy(**statement)]))) == is_wrong


def test_tells_a_secret_in_plain_sight() -> None:
    plain = [{"environment": [{"name": "SECRET_KEY", "value": "x"}]}]
    task = {"container_definitions": json.dumps(plain)}
    told = list(emulated.judged([SECRET, ("t", "aws_ecs_task_definition", task)]))
    assert told == ["t: ['SECRET_KEY'] in plain sight"]


def test_tells_a_log_without_an_end() -> None:
    group = {"retention_in_days": 0, "kms_key_id": "arn:…"}
    told = list(emulated.judged([SECRET, ("l", "aws_cloudwatch_log_group", group)]))
    assert told == ["l: its log never ends, or is not encrypted"]


def test_tells_that_nothing_was_made() -> None:
    assert list(emulated.judged([])) == ["there is no secret"]


def test_tells_what_checkov_found_and_what_it_no_longer_finds() -> None:
    failed = {
        "check_id": "CKV_1",
        "file_path": "/modules/key/main.tf",
        "resource": 'module.a["k.1"].aws_kms_key.this["x"]',
    }
    found = weaknesses.places([failed, failed])
    assert found == {"CKV_1 modules/key aws_kms_key.this"}
    assert weaknesses.compared(found, {"CKV_2 a b.c"}) == [
        "found, and not accepted: CKV_1 modules/key aws_kms_key.this",
        "accepted, and not found: CKV_2 a b.c",
    ]


def test_refuses_what_is_accepted_without_a_reason() -> None:
    with pytest.raises(ValueError, match="needs check, at and reason"):
        weaknesses.accepted_in("- {check: CKV_1, at: a b.c, reason: ''}")
