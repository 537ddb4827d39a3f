"""IAM policies over HTTP: for a choice of services, and for the tasks of an account."""

import shlex
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.aws.policy import MANAGED_POLICY_LIMIT, allowed_actions, policy_text
from app.core.clock import now
from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.aws_account import AWSAccount, CredentialsKind, CredentialsPurpose
from app.models.task import TaskType
from tests.builders import make_account, make_credentials, make_task
from tests.conftest import Client
from tests.personae import People

PREVIEW = "/api/v1/policies/preview"
QUEUES = ["ec2:DescribeRegions", "sqs:GetQueueAttributes", "sqs:ListQueues"]


def _fields(problem: dict[str, Any]) -> set[tuple[str, str]]:
    return {(field["pointer"], field["code"]) for field in problem["errors"]}


# ── preview ──────────────────────────────────────────────────────────────────────


async def test_previews_exactly_the_actions_of_the_services(
    client: Client, people: People
) -> None:
    entry = {"services": ["sqs"], "types": ["resource_list"]}
    shown = (await client(people.victor).post(PREVIEW, json=entry)).json()
    assert shown["actions"] == QUEUES
    (policy,) = shown["policies"]
    assert sorted(allowed_actions(policy)) == QUEUES


async def test_named_operations_need_less(client: Client, people: People) -> None:
    entry = {
        "services": ["ec2"],
        "types": ["resource_list"],
        "operations": ["ec2:DescribeVpcs"],
    }
    shown = (await client(people.victor).post(PREVIEW, json=entry)).json()
    assert shown["actions"] == ["ec2:DescribeRegions", "ec2:DescribeVpcs"]


async def test_policies_are_split_within_the_limit_of_iam(
    client: Client, people: People
) -> None:
    services = (await client(people.victor).get("/api/v1/catalog/services")).json()
    names = [one["name"] for one in services["items"] if one["default_operations"]]
    shown = (await client(people.victor).post(PREVIEW, json={"services": names})).json()
    assert len(shown["policies"]) > 1
    allowed = [action for one in shown["policies"] for action in allowed_actions(one)]
    assert sorted(allowed) == shown["actions"]
    assert all(
        len(policy_text(one)) <= MANAGED_POLICY_LIMIT for one in shown["policies"]
    )
    assert not any("*" in action for action in allowed)


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"services": []}, {("/services", "too_short")}),
        ({"services": ["ec2", "mainframe"]}, {("/services/1", "unknown")}),
        ({"services": ["rds-data"]}, {("/services/0", "nothing_to_do")}),
        (
            {"services": ["ec2"], "operations": ["sqs:ListQueues"]},
            {("/operations/0", "foreign")},
        ),
        (
            {"services": ["ec2"], "operations": ["ec2:DescribeUnicorns"]},
            {("/operations/0", "unknown_operation")},
        ),
        ({"services": ["ec2"], "types": ["backup"]}, {("/types/0", "enum")}),
        ({"services": ["ec2"], "actions": ["*"]}, {("/actions", "extra_forbidden")}),
    ],
)
async def test_names_the_field_that_is_wrong(
    client: Client,
    people: People,
    entry: dict[str, Any],
    wrong: set[tuple[str, str]],
) -> None:
    answer = await client(people.victor).post(PREVIEW, json=entry)
    assert answer.status_code == 422
    assert _fields(answer.json()) == wrong


# ── of an account ────────────────────────────────────────────────────────────────


@pytest.fixture
async def account(database: Database, people: People) -> AWSAccount:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_account(
            session,
            people.alice.organization_id,
            labels={"client": "north"},
            credentials=None,
        )


async def _policy(
    client: Client,
    people: People,
    database: Database,
    account: AWSAccount | None,
    *,
    kind: CredentialsKind = CredentialsKind.ROLE,
    purpose: CredentialsPurpose = CredentialsPurpose.READ,
) -> dict[str, Any]:
    async with database.unit_of_work(Login.OWNER) as session:
        row = await make_credentials(
            session,
            people.alice.organization_id,
            account,
            kind=kind,
            purpose=purpose,
        )
    answer = await client(people.victor).get(f"/api/v1/aws-credentials/{row.id}/policy")
    shown: dict[str, Any] = answer.json()
    return shown


async def test_allows_exactly_what_the_tasks_on_the_account_need(
    client: Client,
    people: People,
    database: Database,
    owner: AsyncSession,
    account: AWSAccount,
) -> None:
    organization_id = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        other = await make_account(
            session, organization_id, account_id="222222222222", name="Other"
        )
        await make_task(
            session, organization_id, name="a", accounts=(account,), services=("sqs",)
        )
        await make_task(
            session,
            organization_id,
            name="b",
            selector={"client": "north"},
            services=("ec2",),
            parameters={"operations": ["ec2:DescribeVpcs"]},
        )
        await make_task(
            session,
            organization_id,
            name="c",
            selector={"client": "south"},
            services=("rds",),
        )
        await make_task(
            session, organization_id, name="d", accounts=(other,), services=("kms",)
        )
        deleted = await make_task(
            session, organization_id, name="e", accounts=(account,), services=("s3",)
        )
        deleted.enabled, deleted.deleted_at = False, now()
    shown = await _policy(client, people, database, account)
    assert shown["actions"] == sorted([*QUEUES, "ec2:DescribeVpcs"])
    assert len(shown["policies"]) == 1
    event = (await owner.scalars(select(AuditEvent))).one()
    assert event.action == "aws_credentials.policy_downloaded"


async def test_a_health_check_needs_the_actions_of_its_details_too(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await make_task(
            session,
            people.alice.organization_id,
            accounts=(account,),
            type=TaskType.HEALTH_CHECK,
            services=("sqs",),
        )
    shown = await _policy(client, people, database, account)
    assert set(QUEUES) <= set(shown["actions"])


async def test_needs_nothing_where_no_task_looks(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    shown = await _policy(client, people, database, account)
    assert (shown["actions"], shown["policies"]) == ([], [])
    assert list(shown["role"]["cloudformation_template"]["Resources"]) == ["Role"]


async def test_tasks_that_read_give_a_write_credential_nothing(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await make_task(session, people.alice.organization_id, accounts=(account,))
    shown = await _policy(
        client, people, database, account, purpose=CredentialsPurpose.WRITE
    )
    assert shown["actions"] == []


async def test_a_key_whose_account_is_unknown_has_no_policy_yet(
    client: Client, people: People, database: Database
) -> None:
    shown = await _policy(
        client, people, database, None, kind=CredentialsKind.ACCESS_KEY
    )
    assert (shown["status"], shown["code"]) == (409, "account-unknown")


async def test_the_role_comes_as_template_stack_set_and_terraform(
    client: Client, people: People
) -> None:
    answer = await client(people.alice).post(
        "/api/v1/policies/preview", json={"services": ["sqs", "sns"]}
    )
    shown = answer.json()
    role = shown["role"]
    template = role["cloudformation_template"]
    allowed = [
        action
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    ]
    assert sorted(allowed) == shown["actions"]
    assert set(role["parameters"]) == set(template["Parameters"])
    assert role["quick_create_link"] is None
    words = shlex.split(role["stack_set"]["create_command"])
    given = words[words.index("--parameters") + 1 :]
    assert given == [
        f"ParameterKey={name},ParameterValue={value}"
        for name, value in role["parameters"].items()
    ]
    assert words[words.index("--capabilities") + 1] == "CAPABILITY_NAMED_IAM"
    for action in shown["actions"]:
        assert action in role["terraform"]
    assert role["parameters"]["ExternalId"] in role["terraform"]


async def test_says_of_which_listing_nobody_knows_the_action(
    client: Client, people: People
) -> None:
    key = next(one.key for one in catalog().all_operations() if not one.iam)
    answer = await client(people.alice).post(
        "/api/v1/policies/preview",
        json={
            "services": [key.partition(":")[0]],
            "types": ["resource_list"],
            "operations": [key],
        },
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["unknown_actions_of"] == [key]
