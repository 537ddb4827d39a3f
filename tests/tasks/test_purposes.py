"""Credentials to read and credentials to write are apart: neither stands in for the
other, and each needs no more than its own tasks do."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import select, update

from app.core.db import Login
from app.core.errors import Invalid, NoVerifiedCredentials
from app.models.aws_account import AWSCredentials, CredentialsPurpose, CredentialsStatus
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.run import TaskExecution
from app.models.task import ActionKind, Task, TaskType
from app.schemas.tasks import Targets
from app.services import credential_opening, task_targets
from app.tasks import outbox
from tests.aws.fake_aws import Asked
from tests.aws.faults import Fault, Refused
from tests.builders import make_credentials, make_task
from tests.conftest import Client
from tests.personae import People
from tests.tasks.faked import REGION, Faked

PATH = "/api/v1/aws-credentials"
QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/rehearsals"
WRITER_NEEDS = ["ec2:DescribeRegions", "sqs:SendMessage"]


@pytest.fixture
def alice(client: Client, people: People) -> AsyncClient:
    return client(people.alice)


async def set_role(faked: Faked, **values: object) -> None:
    """Of the one way into the account that is there."""
    async with faked.database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(AWSCredentials).values(**values))


async def make_writer(
    faked: Faked, status: CredentialsStatus = CredentialsStatus.VERIFIED
) -> UUID:
    async with faked.database.unit_of_work(Login.OWNER) as session:
        row = await make_credentials(
            session,
            faked.account.organization_id,
            faked.account,
            name="Writer",
            purpose=CredentialsPurpose.WRITE,
            status=status,
        )
        row.role_arn = f"arn:aws:iam::{faked.account.account_id}:role/CloudrotaWrite"
        return row.id


async def rehearsal(faked: Faked) -> Task:
    faked.worker.settings = faked.worker.settings.model_copy(
        update={"worker_kind": "mutate"}
    )
    faked.worker.kind = ActionKind.MUTATE
    async with faked.database.unit_of_work(Login.OWNER) as session:
        return await make_task(
            session,
            faked.account.organization_id,
            accounts=(faked.account,),
            name="Rehearsal",
            type=TaskType.REHEARSAL,
            kind=ActionKind.MUTATE,
            services=("sqs",),
            regions=(REGION,),
            parameters={"queue_url": QUEUE, "steps": 1},
        )


def assumed(faked: Faked) -> set[str]:
    """The names of the roles that AWS was asked for."""
    asked = [one for one in faked.fake.ledger if one.operation == "AssumeRole"]
    return {one.params["RoleArn"].rpartition("/")[2] for one in asked}


def failure(execution: TaskExecution) -> tuple[str, str]:
    assert execution.status == "failed"
    assert execution.error is not None
    return execution.error["code"], execution.error["message"]


# ── at work ──────────────────────────────────────────────────────────────────────


async def test_each_kind_of_task_comes_in_by_its_own_role(faked: Faked) -> None:
    await make_writer(faked)
    await faked.run(await faked.make_task("sns:ListTopics"))
    assert assumed(faked) == {"CloudrotaRead"}
    faked.fake.ledger.clear()
    execution = await faked.run(await rehearsal(faked))
    assert execution.status == "succeeded"
    assert assumed(faked) == {"CloudrotaWrite"}


async def test_what_changes_something_never_runs_by_a_role_to_read(
    faked: Faked,
) -> None:
    code, message = failure(await faked.run(await rehearsal(faked)))
    assert code == "no_verified_credentials"
    assert "those to read it change nothing" in message
    assert "purpose write" in message
    assert faked.fake.ledger == []


async def test_what_reads_never_runs_by_a_role_to_write(faked: Faked) -> None:
    await set_role(faked, purpose=CredentialsPurpose.WRITE)
    code, message = failure(await faked.run(await faked.make_task("sns:ListTopics")))
    assert code == "no_verified_credentials"
    assert "no connection to read it" in message
    assert faked.fake.ledger == []


@pytest.mark.parametrize("purpose", list(CredentialsPurpose))
async def test_none_is_opened_in_the_place_of_the_other(
    faked: Faked, purpose: CredentialsPurpose
) -> None:
    await set_role(faked, purpose=purpose)
    [other] = set(CredentialsPurpose) - {purpose}
    with pytest.raises(NoVerifiedCredentials):
        await credential_opening.open_session(
            faked.database,
            faked.worker.keys,
            faked.account.organization_id,
            faked.account.id,
            other,
        )


# ── before ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (None, "There is no connection to write it, and those to read it change"),
        (
            CredentialsStatus.PENDING,
            "None of its connections to write it is verified: Writer is pending.",
        ),
        (CredentialsStatus.REFUSED, "Writer is refused (external_id_not_enforced)."),
    ],
)
async def test_a_task_that_changes_something_is_told_what_there_is_instead(
    faked: Faked, people: People, status: CredentialsStatus | None, told: str
) -> None:
    if status is not None:
        id = await make_writer(faked, status)
        async with faked.database.unit_of_work(Login.OWNER) as session:
            row = await session.get_one(AWSCredentials, id)
            if status is CredentialsStatus.REFUSED:
                row.reason = "external_id_not_enforced"
    targets = Targets(account_ids=[faked.account.id])
    async with faked.database.unit_of_work(
        Login.APP, organization_id=faked.account.organization_id
    ) as session:
        actor = people.alice.actor
        assert await task_targets.resolve(session, actor, targets, ActionKind.READ)
        with pytest.raises(Invalid) as refused:
            await task_targets.resolve(session, actor, targets, ActionKind.MUTATE)
    [field] = refused.value.fields
    assert field.pointer == "/targets/account_ids/0"
    assert field.code == "no_verified_credentials"
    assert told in field.message


# ── what each needs ──────────────────────────────────────────────────────────────


async def test_the_policy_to_write_has_what_changes_something_and_no_more(
    faked: Faked, alice: AsyncClient
) -> None:
    await faked.make_task("sns:ListTopics")
    await rehearsal(faked)
    writer = (await alice.get(f"{PATH}/{await make_writer(faked)}/policy")).json()
    assert writer["actions"] == WRITER_NEEDS
    [policy] = writer["policies"]
    [statement] = policy["Statement"]
    assert sorted(statement["Action"]) == WRITER_NEEDS
    [role] = [
        one
        for one in (await alice.get(PATH)).json()["items"]
        if one["purpose"] == "read"
    ]
    reader = (await alice.get(f"{PATH}/{role['id']}/policy")).json()
    assert "sqs:SendMessage" not in reader["actions"]
    # The roles are two, wherever they are made.
    recipes = [reader["role"], writer["role"]]
    names = [one["parameters"]["RoleName"] for one in recipes]
    assert names == ["Cloudrota", "CloudrotaWrite"]
    for recipe, name in zip(recipes, names, strict=True):
        template = recipe["cloudformation_template"]
        assert template["Parameters"]["RoleName"]["Default"] == name
        create = recipe["stack_set"]["create_command"]
        assert f"--stack-set-name {name} " in create
        assert f'name                 = "{name}"' in recipe["terraform"]
    blocks = [_blocks(one["terraform"]) for one in recipes]
    assert not blocks[0] & blocks[1]


def _blocks(terraform: str) -> set[str]:
    return {
        line
        for line in terraform.splitlines()
        if line.startswith(("resource ", "output "))
    }


async def test_a_role_to_write_is_asked_about_its_own_tasks_alone(
    faked: Faked, alice: AsyncClient, people: People
) -> None:
    external_id = (await alice.get(f"{PATH}/onboarding")).json()["external_id"]

    def judge(asked: Asked) -> Fault | None:
        is_probe = asked.params.get("ExternalId") != external_id
        denied = asked.operation == "AssumeRole" and is_probe
        return Refused("AccessDenied", 403) if denied else None

    def simulated(asked: Asked) -> Mapping[str, Any]:
        results = [
            {"EvalActionName": action, "EvalDecision": "allowed"}
            for action in asked.params["ActionNames"]
        ]
        return {"EvaluationResults": results, "IsTruncated": False}

    faked.fake.judge = judge
    faked.fake.answers["iam:SimulatePrincipalPolicy"] = simulated
    await faked.make_task("sns:ListTopics")
    await rehearsal(faked)
    writer = await make_writer(faked, CredentialsStatus.PENDING)
    assert (await alice.post(f"{PATH}/{writer}/verify")).status_code == 202
    pending = OutboxMessage.status == OutboxStatus.PENDING
    async with faked.database.unit_of_work(Login.OWNER) as session:
        [message] = await session.scalars(select(OutboxMessage.id).where(pending))
    await outbox.deliver(faked.worker, message)
    shown = (await alice.get(f"{PATH}/{writer}")).json()
    assert shown["status"] == "verified"
    asked_about = [
        action
        for one in faked.fake.ledger
        if one.operation == "SimulatePrincipalPolicy"
        for action in one.params["ActionNames"]
    ]
    assert asked_about == WRITER_NEEDS
    [check] = [one for one in shown["checks"] if one["check"] == "permissions"]
    assert check["outcome"] == "passed"
    assert "looked at" not in check["detail"]


# ── leaving ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reader", "stays"),
    [
        (CredentialsStatus.VERIFIED, True),
        (CredentialsStatus.FAILED, True),  # it may be put right
        (None, False),
    ],
)
async def test_an_account_is_left_with_its_last_way_in(
    faked: Faked, alice: AsyncClient, reader: CredentialsStatus | None, *, stays: bool
) -> None:
    if reader is None:
        await set_role(faked, purpose=CredentialsPurpose.WRITE)
        [writer] = [one["id"] for one in (await alice.get(PATH)).json()["items"]]
    else:
        await set_role(faked, status=reader)
        writer = str(await make_writer(faked))
    assert (await alice.delete(f"{PATH}/{writer}")).status_code == 204
    account = (await alice.get(f"/api/v1/aws-accounts/{faked.account.id}")).json()
    assert account["connected"] is stays
