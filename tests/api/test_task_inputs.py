"""What is refused about a task, each time with the member named, and saved nowhere."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.aws_account import AWSAccount, CredentialsPurpose, CredentialsStatus
from app.models.task import Task
from tests.builders import a_task, make_account, make_credentials
from tests.conftest import Client
from tests.personae import People

TASKS = "/api/v1/tasks"


@pytest.fixture
async def account(people: People, owner: AsyncSession) -> AWSAccount:
    account = await make_account(owner, people.alice.organization_id)
    await owner.commit()
    return account


NO_SUCH_DAY = {"kind": "cron", "expression": "0 9 31 2 *"}
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown member": ({"colour": "red"}, "/colour", "extra_forbidden"),
    "no name": ({"name": ""}, "/name", "string_too_short"),
    "long name": ({"name": "x" * 121}, "/name", "string_too_long"),
    "NUL in name": ({"name": "a\x00b"}, "/name", "control_character"),
    "text that turns": ({"name": "a\u202eb"}, "/name", "control_character"),
    "wrong type": ({"services": "ec2"}, "/services", "list_type"),
    "unknown type": ({"type": "make_coffee"}, "/type", "enum"),
    "type for rehearsals": ({"type": "rehearsal"}, "/type", "enum"),
    "no service": ({"services": []}, "/services", "too_short"),
    "unknown service": ({"services": ["ec2", "ec3"]}, "/services/1", "unknown"),
    "service twice": ({"services": ["ec2", "ec2"]}, "/services", "duplicate"),
    "service without resources": (
        {"services": ["ec2", "sts"]},
        "/services/1",
        "nothing_to_do",
    ),
    "unknown region": ({"regions": ["eu-middle-1"]}, "/regions/0", "unknown"),
    "all regions and one": (
        {"regions": ["eu-central-1", "all_enabled"]},
        "/regions/1",
        "not_alone",
    ),
    "no target": ({"targets": {}}, "/targets", "one_of"),
    "both targets": (
        {"targets": {"account_ids": [], "selector": {"a": "b"}}},
        "/targets/account_ids",
        "too_short",
    ),
    "no account": (
        {"targets": {"account_ids": []}},
        "/targets/account_ids",
        "too_short",
    ),
    "account that is no id": (
        {"targets": {"account_ids": ["123456789012"]}},
        "/targets/account_ids/0",
        "uuid_parsing",
    ),
    "empty selector": (
        {"targets": {"selector": {}}},
        "/targets/selector",
        "too_short",
    ),
    "label without value": (
        {"targets": {"selector": {"client": []}}},
        "/targets/selector/client",
        "too_short",
    ),
    "unknown parameter": (
        {"parameters": {"speed": 9}},
        "/parameters/speed",
        "extra_forbidden",
    ),
    "unknown operation": (
        {"parameters": {"operations": ["ec2:DescribeInstances", "ec2:DescribeX"]}},
        "/parameters/operations/1",
        "unknown",
    ),
    "operation of an unknown service": (
        {"parameters": {"operations": ["ec9:DescribeX"]}},
        "/parameters/operations/0",
        "unknown",
    ),
    "operation of another service": (
        {"parameters": {"operations": ["rds:DescribeDBInstances"]}},
        "/parameters/operations/0",
        "nothing_to_do",
    ),
    "service left out by the operations": (
        {
            "services": ["ec2", "rds"],
            "parameters": {"operations": ["ec2:DescribeInstances"]},
        },
        "/services/1",
        "nothing_to_do",
    ),
    "parameter of another type": (
        {"parameters": {"checks": ["ec2:instance_status"]}},
        "/parameters/checks",
        "extra_forbidden",
    ),
    "unknown check": (
        {"type": "health_check", "parameters": {"checks": ["ec2:mood"]}},
        "/parameters/checks/0",
        "unknown",
    ),
    "no kind of schedule": ({"schedule": {}}, "/schedule/kind", "missing"),
    "unknown kind": (
        {"schedule": {"kind": "yearly"}},
        "/schedule/kind",
        "literal_error",
    ),
    "31 February": ({"schedule": NO_SUCH_DAY}, "/schedule/expression", "never_fires"),
    "unknown zone": (
        {"schedule": {"kind": "daily", "time": "09:00", "timezone": "Mars/Base"}},
        "/schedule/timezone",
        "unknown_timezone",
    ),
    "no time": ({"schedule": {"kind": "daily"}}, "/schedule/time", "required"),
    "25 o'clock": (
        {"schedule": {"kind": "daily", "time": "25:00"}},
        "/schedule/time",
        "not_a_time",
    ),
    "day 32": (
        {"schedule": {"kind": "monthly", "day": 32, "time": "09:00"}},
        "/schedule/day",
        "not_a_day",
    ),
    "a past instant": (
        {"schedule": {"kind": "once", "at": "2020-01-01T00:00:00Z"}},
        "/schedule/at",
        "in_the_past",
    ),
    "parameters of one run": (
        {
            "schedule": {
                "kind": "once",
                "at": "2100-01-01T00:00:00Z",
                "parameters": {"operations": ["ec2:DescribeX"]},
            }
        },
        "/schedule/parameters/operations/0",
        "unknown",
    ),
    "too short a timeout": (
        {"timeout_seconds": 1},
        "/timeout_seconds",
        "greater_than_equal",
    ),
    "too long a grace": (
        {"misfire_grace_seconds": 90_000},
        "/misfire_grace_seconds",
        "less_than_equal",
    ),
    "priority": ({"priority": "urgent"}, "/priority", "enum"),
    "on_error": ({"on_error": "ignore"}, "/on_error", "enum"),
    "overlap": ({"overlap": "kill"}, "/overlap", "enum"),
    "retried category": (
        {"retry_policy": {"categories": ["Everything"], "retries": 1}},
        "/retry_policy/categories/0",
        "literal_error",
    ),
    "retries without number": (
        {"retry_policy": {"categories": ["AWSServiceError"]}},
        "/retry_policy/retries",
        "missing",
    ),
    "retries without a category": (
        {"retry_policy": {"categories": [], "retries": 1}},
        "/retry_policy/categories",
        "too_short",
    ),
    "retries of what is no category": (
        {"retry_policy": {"categories": ["Everything"], "retries": 1}},
        "/retry_policy/categories/0",
        "literal_error",
    ),
    "too many retries": (
        {"retry_policy": {"categories": ["AWSServiceError"], "retries": 6}},
        "/retry_policy/retries",
        "less_than_equal",
    ),
    "after an unknown task": (
        {"after": [{"task_id": "01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10"}]},
        "/after/0/task_id",
        "unknown",
    ),
    "after an unknown end": (
        {
            "after": [
                {"task_id": "01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10", "on": "sleeping"}
            ]
        },
        "/after/0/on",
        "enum",
    ),
    "after a task twice": (
        {"after": [{"task_id": "01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10"}] * 2},
        "/after",
        "duplicate",
    ),
    "notifications": (
        {"notifications": {"mail": "me"}},
        "/notifications/mail",
        "extra_forbidden",
    ),
}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"), CASES.values(), ids=CASES.keys()
)
async def test_names_the_member_at_fault(
    client: Client,
    people: People,
    account: AWSAccount,
    owner: AsyncSession,
    changes: dict[str, Any],
    pointer: str,
    code: str,
) -> None:
    olga = client(people.olga)
    for path in (TASKS, f"{TASKS}/preview"):
        answer = await olga.post(path, json=a_task(account) | changes)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        found = [(e["pointer"], e["code"]) for e in answer.json()["errors"]]
        assert found == [(pointer, code)]
    assert await owner.scalar(select(func.count()).select_from(Task)) == 0


async def test_names_every_unknown_service_and_region_at_once(
    client: Client, people: People, account: AWSAccount
) -> None:
    body = a_task(account, services=["ecc2", "rds", "s4"], regions=["eu-central1"])
    answer = await client(people.olga).post(TASKS, json=body)
    errors = answer.json()["errors"]
    assert [error["pointer"] for error in errors] == [
        "/services/0",
        "/services/2",
        "/regions/0",
    ]
    assert "did you mean ec2?" in errors[0]["message"]
    assert "did you mean eu-central-1?" in errors[2]["message"]


@pytest.mark.parametrize("status", [None, *CredentialsStatus])
async def test_an_account_needs_verified_credentials(
    client: Client,
    people: People,
    owner: AsyncSession,
    status: CredentialsStatus | None,
) -> None:
    account = await make_account(
        owner, people.alice.organization_id, credentials=status
    )
    await owner.commit()
    answer = await client(people.olga).post(TASKS, json=a_task(account))
    if status is CredentialsStatus.VERIFIED:
        assert answer.status_code == 201
        return
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert error["pointer"] == "/targets/account_ids/0"
    assert error["code"] == "no_verified_credentials"


async def test_credentials_for_writing_do_not_read(
    client: Client, people: People, owner: AsyncSession
) -> None:
    organization_id = people.alice.organization_id
    account = await make_account(owner, organization_id, credentials=None)
    await make_credentials(
        owner, organization_id, account, purpose=CredentialsPurpose.WRITE
    )
    await owner.commit()
    answer = await client(people.olga).post(TASKS, json=a_task(account))
    assert answer.json()["errors"][0]["code"] == "no_verified_credentials"


async def test_a_disconnected_account_is_no_target(
    client: Client, people: People, owner: AsyncSession
) -> None:
    account = await make_account(owner, people.alice.organization_id, connected=False)
    await owner.commit()
    answer = await client(people.olga).post(TASKS, json=a_task(account))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/targets/account_ids/0"
    assert answer.json()["errors"][0]["code"] == "disconnected"


async def test_an_account_that_is_being_disconnected_is_waited_for(
    client: Client, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    lock = select(AWSAccount).with_for_update(key_share=True)
    going = (await owner.scalars(lock)).one()
    creation = asyncio.create_task(
        client(people.olga).post(TASKS, json=a_task(account))
    )
    answered, _ = await asyncio.wait({creation}, timeout=1)
    assert not answered
    going.connected = False
    await owner.commit()
    answer = await creation
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "disconnected"


async def test_an_account_is_named_once(
    client: Client, people: People, account: AWSAccount
) -> None:
    answer = await client(people.olga).post(TASKS, json=a_task(account, account))
    assert answer.json()["errors"][0]["pointer"] == "/targets/account_ids"


@pytest.mark.parametrize("text", ['"\\ud800"', '"a\\u0000b"', "1e999"])
async def test_refuses_json_that_cannot_be_stored(
    client: Client, people: People, account: AWSAccount, text: str
) -> None:
    schedule = (
        '{"kind": "once", "at": "2100-01-01T00:00:00Z", "parameters": {"a": [%s]}}'
    )
    answer = await client(people.olga).post(
        "/api/v1/schedules/preview",
        content=f'{{"schedule": {schedule % text}}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/schedule/parameters")


async def test_a_backslash_is_no_nul(client: Client, people: People) -> None:
    schedule = {
        "kind": "once",
        "at": "2100-01-01T00:00:00Z",
        "parameters": {"path": "C:\\u0000"},
    }
    answer = await client(people.olga).post(
        "/api/v1/schedules/preview", json={"schedule": schedule}
    )
    assert answer.status_code == 200, answer.text
