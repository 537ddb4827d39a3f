"""What must hold of the Terraform as it is written."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.bootstrap import BootstrapSettings
from app.core.settings import Settings
from tests.infrastructure.sources import (
    INFRASTRUCTURE,
    Block,
    blocks,
    files,
    plain,
    read,
)

OPEN = re.compile(r"0\.0\.0\.0/0|::/0")


def _undescribed(found: list[Block]) -> list[str]:
    return [str(one) for one in found if not plain(one.body.get("description", ""))]


def test_every_variable_is_described_and_typed() -> None:
    variables = blocks("variable")
    assert variables
    assert _undescribed(variables) == []
    assert [
        str(one) for one in variables if one.body.get("type") in {None, "any"}
    ] == []


def test_every_output_is_described() -> None:
    assert _undescribed(blocks("output")) == []


def test_every_provider_tags_what_it_makes() -> None:
    providers = blocks("provider")
    assert {one.path.parent.as_posix() for one in providers} == {
        "bootstrap",
        "environments/staging",
        "environments/production",
        "tests/emulator",
    }
    for one in providers:
        tags = one.body["default_tags"][0]["tags"]
        assert {"product", "environment", "managed-by"} <= tags.keys(), str(one)


def test_nobody_may_come_in_from_everywhere() -> None:
    """Not even to the load balancer, which CloudFront alone reaches."""
    assert _open(blocks("resource")) == []


def _open(resources: list[Block]) -> list[str]:
    return [
        str(one)
        for one in resources
        if (
            one.labels[0] == "aws_vpc_security_group_ingress_rule"
            and OPEN.search(str(one.body))
        )
        or (
            one.labels[0] == "aws_security_group"
            and one.body.keys() & {"ingress", "egress"}
        )
        or one.labels[0] == "aws_security_group_rule"
    ]


def test_every_security_group_and_rule_says_what_it_is_for() -> None:
    kinds = {"aws_security_group", "aws_vpc_security_group_ingress_rule"}
    kinds |= {"aws_vpc_security_group_egress_rule"}
    found = [one for one in blocks("resource") if one.labels[0] in kinds]
    assert found
    assert _undescribed(found) == []


def test_every_log_ends_and_is_encrypted() -> None:
    groups = [
        one for one in blocks("resource") if one.labels[0] == "aws_cloudwatch_log_group"
    ]
    assert groups
    for one in groups:
        assert {"retention_in_days", "kms_key_id"} <= one.body.keys(), str(one)


def test_the_identity_that_customers_trust_cannot_be_deleted() -> None:
    (role,) = (
        one for one in blocks("resource") if one.labels == ("aws_iam_role", "worker")
    )
    assert role.body["lifecycle"][0]["prevent_destroy"] is True


def test_copies_and_keys_have_nothing_in_common() -> None:
    """The keys that wrap stored secrets encrypt neither the database nor its copies."""
    modules = {one.labels[0]: one.body for one in blocks("module")}
    assert modules["database"]["key_arn"] == "${module.data_key.arn}"
    assert modules["backup"]["key_arn"] == "${module.backup_key.arn}"
    assert modules["secrets"]["key_arn"] == "${module.secrets_key.arn}"
    assert modules["backup"]["database_arn"] == "${module.database.arn}"
    assert "only_roles" in modules["credential_key"]


def test_the_environments_differ_in_their_size_alone() -> None:
    staging, production = (
        {
            path.name: path.read_text("utf-8").replace(name, "…")
            for path in sorted((INFRASTRUCTURE / "environments" / name).glob("*.tf"))
        }
        for name in ("staging", "production")
    )
    assert staging.keys() == production.keys()
    assert {name for name in staging if staging[name] != production[name]} == {
        "main.tf"
    }
    made = [one for one in blocks("module") if one.path.parts[0] == "environments"]
    kept = [
        {name: value for name, value in one.body.items() if name not in _DIFFERENT}
        for one in made
    ]
    assert len(made) == 2
    assert kept[0] == kept[1]


_DIFFERENT = {"environment", "cidr", "size"}


def test_terraform_knows_which_settings_are_secrets() -> None:
    named = {
        name.upper()
        for model in (Settings, BootstrapSettings)
        for name, field in model.model_fields.items()
        if _is_secret(field.annotation)
    }
    text = (INFRASTRUCTURE / "modules/task/main.tf").read_text("utf-8")
    found = re.search(r"secret_settings = \[(.*?)\]", text, re.DOTALL)
    assert found
    assert set(re.findall(r'"(\w+)"', found[1])) == named


def _is_secret(annotation: object) -> bool:
    return SecretStr.__name__ in str(annotation) or "StripeKey" in str(annotation)


def test_what_processes_are_told_are_settings() -> None:
    text = (INFRASTRUCTURE / "product/processes.tf").read_text("utf-8")
    known = {name.upper() for name in Settings.model_fields}
    told = set(re.findall(r"^\s+([A-Z][A-Z_]+)\s+=", text, re.MULTILINE))
    assert {"ENVIRONMENT", "PUBLIC_URL", "CREDENTIAL_KMS_KEYS"} <= told
    assert told - known == set()


def test_no_file_is_long() -> None:
    paths = [INFRASTRUCTURE / path for path in files()]
    paths += INFRASTRUCTURE.rglob("*.hcl")
    long = [
        path.name for path in paths if len(path.read_text("utf-8").splitlines()) > 400
    ]
    assert long == []


_RULE = 'resource "aws_vpc_security_group_ingress_rule" "a" {{ {} }}'
_GROUP = 'resource "aws_security_group" "a" {\n  ingress {\n    to_port = 1\n  }\n}'


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        (_RULE.format('cidr_ipv4 = "0.0.0.0/0"'), True),
        (_RULE.format('cidr_ipv6 = "::/0"'), True),
        (_RULE.format('cidr_ipv4 = "10.0.0.0/8"'), False),
        (_GROUP, True),
    ],
)
def test_tells_what_is_open(text: str, is_found: bool) -> None:
    assert bool(_open(list(read(text, Path("a.tf"))))) == is_found


def test_tells_a_variable_without_description() -> None:
    found = list(read('variable "a" {\n  type = string\n}', Path("a.tf")))
    assert _undescribed(found) == ["a.tf variable.a"]
