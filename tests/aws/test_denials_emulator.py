"""A user without any policy is told, operation by operation, which action is missing:
by a server that checks signatures and policies, and words its denials as AWS does."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from app.aws import service_models
from app.aws.call import Guard, call
from app.aws.catalog import sources
from app.aws.catalog.loader import catalog
from app.aws.errors import AWSError, AWSPermissionError, ErrorFacts
from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.core.secret import Secret
from tests.emulator import EmulatorServer

ACCOUNT = "310987654321"
READS = ("Describe", "Get", "List")
THREADS = 8
TRIED = 3  # operations of a service, to see whether the emulator knows it


@dataclass(frozen=True)
class Denial:
    service: str
    operation: str
    facts: ErrorFacts

    @property
    def is_in_the_catalog(self) -> bool:
        return self.operation in catalog().service(self.service).operations


@pytest.fixture(scope="module")
def nobody(emulator: EmulatorServer) -> TenantSession:
    """A user of a fresh account, without any policy."""
    root = TenantSession(emulator.root_of(ACCOUNT), None, Endpoint(emulator.url))
    iam = root.client("iam", "us-east-1")
    iam.create_user(UserName="nobody")
    made = iam.create_access_key(UserName="nobody")["AccessKey"]
    keys = AWSKeys(made["AccessKeyId"], Secret(made["SecretAccessKey"]))
    return TenantSession(keys, None, Endpoint(emulator.url, read_timeout=10))


@pytest.fixture(scope="module")
def denials(nobody: TenantSession) -> list[Denial]:
    """Every permission error that some reading operation is answered with, and that
    names an action: those of the catalog, and of their services all that read."""
    services = sorted(service_models.services())
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(lambda service: _of_service(nobody, service), services)
        return [one for of_service in found for one in of_service]


def _of_service(nobody: TenantSession, service: str) -> list[Denial]:
    listed = list(catalog().service(service).operations)
    tried = _denied(nobody, service, listed[:TRIED])
    if not tried:
        return []
    names = sources.service_model(service).operation_names
    reads = [one for one in names if one.startswith(READS) and one not in listed]
    return tried + _denied(nobody, service, [*listed[TRIED:], *reads])


def _denied(
    nobody: TenantSession, service: str, operations: Iterable[str]
) -> list[Denial]:
    failures = {one: _failure(nobody, service, one) for one in operations}
    return [
        Denial(service, operation, failure.facts)
        for operation, failure in failures.items()
        if isinstance(failure, AWSPermissionError) and failure.facts.missing_action
        # Calls of services it does not know are taken for S3's, in S3's protocol.
        if "ambiguous" not in failure.facts.notes
    ]


def _failure(nobody: TenantSession, service: str, operation: str) -> AWSError | None:
    model = sources.service_model(service).operation_model(operation)
    params = _smallest(model.input_shape, "") if model.input_shape else {}
    try:
        call(
            nobody,
            service=service,
            operation=operation,
            region="us-east-1",
            guard=Guard(),
            params=params,
        )
    except AWSError as failure:
        return failure
    return None


def _smallest(shape: Shape, name: str) -> Any:
    """Required members alone, with values that the SDK lets pass."""
    if isinstance(shape, StructureShape):
        return {
            one: _smallest(shape.members[one], one) for one in shape.required_members
        }
    if isinstance(shape, ListShape):
        return [_smallest(shape.member, name)] * max(1, _least(shape))
    if isinstance(shape, MapShape):
        return {}
    examples = {
        "boolean": True,
        "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
        "blob": b"bytes",
    }
    if shape.type_name == "string":
        return _text(shape, name)
    return examples.get(shape.type_name, max(1, _least(shape)))


def _text(shape: Shape, name: str) -> str:
    if enum := getattr(shape, "enum", None):
        return str(enum[0])
    if name.lower().endswith("arn"):
        return f"arn:aws:iam::{ACCOUNT}:role/an-example"
    return "a" * max(_least(shape), min(12, int(shape.metadata.get("max", 12))))


def _least(shape: Shape) -> int:
    return int(shape.metadata.get("min", 0))


def test_enough_operations_are_denied(denials: list[Denial]) -> None:
    """Counted are List, Describe and Get operations whose denial names an action; that
    many of them are in the catalog."""
    assert len({(one.service, one.operation) for one in denials}) == len(denials)
    assert len(denials) >= 2_400
    assert sum(one.is_in_the_catalog for one in denials) >= 850
    assert len({one.service for one in denials}) >= 75


def test_a_denial_says_who_denied_and_what_to_add(denials: list[Denial]) -> None:
    for one in denials:
        facts = one.facts
        assert facts.category == "AWSPermissionError"
        assert facts.deny_source == "identity_policy"
        assert facts.notes == ("permission",)
        statement = facts.advice.partition("The statement to add: ")[2].rstrip(".")
        assert json.loads(statement)["Action"] == [facts.missing_action]


def test_the_missing_action_is_one_that_the_catalog_knows(
    denials: list[Denial],
) -> None:
    """Where the catalog knows the actions of an operation, the server asks for one of
    them; its own idea of a few is another than AWS's."""
    of_catalog = [one for one in denials if one.is_in_the_catalog]
    known = [
        (one, actions)
        for one in of_catalog
        if (actions := catalog().operation(f"{one.service}:{one.operation}").iam)
    ]
    others = {
        f"{one.service}:{one.operation}"
        for one, actions in known
        if one.facts.missing_action not in actions
    }
    assert others <= {
        "budgets:DescribeBudgetNotificationsForAccount",
        "budgets:DescribeBudgets",
        "lambda:ListFunctionUrlConfigs",
    }
    assert len(known) >= 850
