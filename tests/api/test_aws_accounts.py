"""AWS accounts over HTTP: labels, exclusions, and what a deleted connection does."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    CredentialsKind,
    CredentialsPurpose,
    CredentialsStatus,
)
from app.models.outbox import OutboxMessage
from app.models.task import Task, TaskTarget
from app.services.credentials import delete
from tests.builders import make_account, make_credentials, make_task
from tests.conftest import Client
from tests.personae import People, make_persona

PATH = "/api/v1/aws-accounts"


def _fields(problem: dict[str, Any]) -> set[tuple[str, str]]:
    return {(field["pointer"], field["code"]) for field in problem["errors"]}


@pytest.fixture
async def account(database: Database, people: People) -> AWSAccount:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_account(
            session, people.alice.organization_id, labels={"client": "north"}
        )


@pytest.fixture
async def credentials(database: Database, account: AWSAccount) -> AWSCredentials:
    """The only way into `account`."""
    async with database.unit_of_work(Login.OWNER) as session:
        statement = select(AWSCredentials).where(
            AWSCredentials.aws_account_id == account.id
        )
        return (await session.scalars(statement)).one()


async def _delete(client: Client, people: People, credentials_id: UUID) -> None:
    path = f"/api/v1/aws-credentials/{credentials_id}"
    assert (await client(people.alice).delete(path)).status_code == 204


# ── labels and exclusions ────────────────────────────────────────────────────────


async def test_changes_what_is_given_and_nothing_else(
    client: Client, people: People, account: AWSAccount
) -> None:
    adam = client(people.adam)
    path = f"{PATH}/{account.id}"
    answer = await adam.patch(path, json={"labels": {"team": "shop", "stage": ""}})
    assert answer.status_code == 200
    assert answer.json()["labels"] == {"team": "shop", "stage": ""}
    assert answer.json()["name"] == "Production"
    assert (await adam.patch(path, json={"name": "Shop"})).json()["name"] == "Shop"
    assert (await adam.get(path)).json()["labels"] == {"team": "shop", "stage": ""}


async def test_an_exclusion_says_who_decided_it_and_keeps_saying_so(
    client: Client, people: People, account: AWSAccount
) -> None:
    path = f"{PATH}/{account.id}"
    region = {"region": "us-east-1", "reason": "Nothing runs there"}
    service = {"service": "sqs", "reason": "Another team's"}
    first = await client(people.alice).patch(path, json={"exclusions": [region]})
    (one,) = first.json()["exclusions"]
    assert (one["by"], one["region"], one["service"]) == ("Alice", "us-east-1", None)
    second = await client(people.adam).patch(
        path, json={"exclusions": [region, service]}
    )
    kept, new = second.json()["exclusions"]
    assert kept == one
    assert new["by"] == "Adam"
    cleared = await client(people.adam).patch(path, json={"exclusions": []})
    assert cleared.json()["exclusions"] == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"account_id": "1"}, {("/account_id", "extra_forbidden")}),
        ({"connected": False}, {("/connected", "extra_forbidden")}),
        ({"name": ""}, {("/name", "string_too_short")}),
        ({"labels": {f"l{n}": "" for n in range(51)}}, {("/labels", "too_long")}),
        ({"labels": {"k": "v" * 129}}, {("/labels/k", "string_too_long")}),
        (
            {"labels": {"k" * 65: "v"}},
            {(f"/labels/{'k' * 65}/[key]", "string_too_long")},
        ),
        ({"labels": {"k": "a\u0000"}}, {("/labels/k", "control_character")}),
        ({"exclusions": [{"reason": "x"}]}, {("/exclusions/0", "names_nothing")}),
        (
            {"exclusions": [{"region": "us-east-1"}]},
            {("/exclusions/0/reason", "missing")},
        ),
        (
            {"exclusions": [{"region": "us-east-1", "reason": "x", "by": "me"}]},
            {("/exclusions/0/by", "extra_forbidden")},
        ),
        (
            {
                "exclusions": [
                    {"region": "mars-1", "reason": "x"},
                    {"service": "sqs", "type": "sqs:cue", "reason": "x"},
                    {"service": "sqss", "key": "sqs:ListCues", "reason": "x"},
                ]
            },
            {
                ("/exclusions/0/region", "unknown"),
                ("/exclusions/1/type", "unknown"),
                ("/exclusions/2/service", "unknown"),
                ("/exclusions/2/key", "unknown"),
            },
        ),
    ],
)
async def test_names_the_field_that_is_wrong(
    client: Client,
    people: People,
    account: AWSAccount,
    change: dict[str, Any],
    wrong: set[tuple[str, str]],
) -> None:
    answer = await client(people.alice).patch(f"{PATH}/{account.id}", json=change)
    assert answer.status_code == 422
    assert _fields(answer.json()) == wrong


# ── who may ──────────────────────────────────────────────────────────────────────


async def test_a_member_may_read_and_not_edit(
    client: Client, people: People, account: AWSAccount
) -> None:
    olga = client(people.olga)
    assert (await olga.get(f"{PATH}/{account.id}")).status_code == 200
    for id in (account.id, uuid4()):
        answer = await olga.patch(f"{PATH}/{id}", json={"name": "x"})
        assert answer.status_code == 403


async def test_foreign_and_unknown_are_the_same_bytes(
    client: Client, people: People, account: AWSAccount
) -> None:
    mallory = client(people.mallory)
    for method, body in (("GET", None), ("PATCH", {"name": "x"})):
        foreign, unknown = [
            await mallory.request(method, f"{PATH}/{id}", json=body)
            for id in (account.id, uuid4())
        ]
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content == unknown.content
    assert (await mallory.get(PATH)).json()["items"] == []


async def test_clara_sees_only_accounts_with_her_label(
    client: Client, people: People, database: Database, account: AWSAccount
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        hidden = await make_account(
            session,
            people.alice.organization_id,
            account_id="222222222222",
            name="South",
            labels={"client": "south"},
        )
    clara = client(people.clara)
    items = (await clara.get(PATH)).json()["items"]
    assert [item["id"] for item in items] == [str(account.id)]
    assert (await clara.get(f"{PATH}/{hidden.id}")).status_code == 404
    assert len((await client(people.alice).get(PATH)).json()["items"]) == 2


async def test_nobody_moves_an_account_out_of_their_own_sight(
    client: Client,
    people: People,
    database: Database,
    configured: Settings,
    account: AWSAccount,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        nora = await make_persona(
            session,
            configured,
            "nora",
            people.alice.organization_id,
            Role.ADMIN,
            label_scope={"client": ["north"]},
        )
    path = f"{PATH}/{account.id}"
    answer = await client(nora).patch(path, json={"labels": {"client": "south"}})
    assert _fields(answer.json()) == {("/labels", "outside_scope")}
    kept = {"labels": {"client": "north", "team": "x"}}
    assert (await client(nora).patch(path, json=kept)).status_code == 200


# ── a deleted connection ─────────────────────────────────────────────────────────


async def test_the_last_connection_takes_its_account_out_of_the_tasks(
    client: Client,
    people: People,
    database: Database,
    owner: AsyncSession,
    account: AWSAccount,
    credentials: AWSCredentials,
) -> None:
    organization_id = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        other = await make_account(
            session, organization_id, account_id="222222222222", name="Other"
        )
        alone, both, selecting, mixed, elsewhere = [
            await make_task(
                session,
                organization_id,
                name=name,
                accounts=accounts,
                selector=selector,
                next_run_at=now(),
            )
            for name, accounts, selector in (
                ("alone", (account,), None),
                ("both", (account, other), None),
                ("selecting", (), {"client": "north"}),
                ("mixed", (account,), {"client": "north"}),
                ("elsewhere", (other,), None),
            )
        ]
    await _delete(client, people, credentials.id)
    shown = (await client(people.alice).get(f"{PATH}/{account.id}")).json()
    assert shown["connected"] is False
    targets = await owner.scalars(select(TaskTarget.task_id))
    assert set(targets) == {both.id, elsewhere.id}
    tasks = {
        task.id: (task.enabled, task.next_run_at is not None, task.disabled_reason)
        for task in await owner.scalars(select(Task))
    }
    assert tasks[alone.id] == (False, False, "no_targets")
    assert tasks[both.id] == (True, True, None)
    assert tasks[selecting.id] == (True, True, None)
    assert tasks[mixed.id] == (True, True, None)
    assert tasks[elsewhere.id] == (True, True, None)
    events = await owner.scalars(
        select(AuditEvent).where(AuditEvent.subject_type == "task")
    )
    assert {(event.action, event.subject_id) for event in events} == {
        ("task.target_dropped", alone.id),
        ("task.disabled", alone.id),
        ("task.target_dropped", both.id),
        ("task.target_dropped", mixed.id),
    }


async def test_an_account_with_another_way_in_stays(
    client: Client,
    people: People,
    database: Database,
    owner: AsyncSession,
    account: AWSAccount,
    credentials: AWSCredentials,
) -> None:
    organization_id = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        second = await make_credentials(
            session, organization_id, account, name="second"
        )
        await make_credentials(
            session,
            organization_id,
            account,
            name="writer",
            purpose=CredentialsPurpose.WRITE,
        )
        await make_credentials(
            session,
            organization_id,
            account,
            name="refused",
            status=CredentialsStatus.REFUSED,
        )
        await make_task(session, organization_id, accounts=(account,))
    for credentials_id, connected in ((credentials.id, True), (second.id, False)):
        await _delete(client, people, credentials_id)
        shown = (await client(people.alice).get(f"{PATH}/{account.id}")).json()
        assert shown["connected"] is connected
        targets = (await owner.scalars(select(TaskTarget))).all()
        assert bool(targets) is connected


async def test_two_connections_deleted_at_once_leave_no_target(
    client: Client,
    people: People,
    database: Database,
    owner: AsyncSession,
    account: AWSAccount,
    credentials: AWSCredentials,
) -> None:
    organization_id = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        second = await make_credentials(
            session, organization_id, account, name="second"
        )
        await make_task(session, organization_id, accounts=(account,))
    async with database.unit_of_work(
        Login.APP, organization_id=organization_id, user_id=people.alice.user_id
    ) as session:
        await delete(session, people.alice.actor, credentials.id)
        other = asyncio.create_task(_delete(client, people, second.id))
        await asyncio.wait({other}, timeout=0.5)  # it waits for this transaction
        assert not other.done()
    await other
    shown = (await client(people.alice).get(f"{PATH}/{account.id}")).json()
    assert shown["connected"] is False
    assert (await owner.scalars(select(TaskTarget))).all() == []


async def test_a_deleted_key_is_gone_and_its_ciphertext_will_be(
    client: Client,
    people: People,
    database: Database,
    owner: AsyncSession,
    account: AWSAccount,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        key = await make_credentials(
            session,
            people.alice.organization_id,
            account,
            name="key",
            kind=CredentialsKind.ACCESS_KEY,
        )
    await _delete(client, people, key.id)
    path = f"/api/v1/aws-credentials/{key.id}"
    assert (await client(people.alice).get(path)).status_code == 404
    assert (await client(people.alice).delete(path)).status_code == 404
    message = (await owner.scalars(select(OutboxMessage))).one()
    assert (message.kind, message.subject_id) == ("credentials.destroy", key.id)


async def test_a_refused_deletion_changes_nothing(
    client: Client,
    people: People,
    owner: AsyncSession,
    account: AWSAccount,
    credentials: AWSCredentials,
) -> None:
    path = f"/api/v1/aws-credentials/{credentials.id}"
    assert (await client(people.olga).delete(path)).status_code == 403
    assert (await client(people.mallory).delete(path)).status_code == 404
    row = await owner.get(AWSCredentials, credentials.id)
    assert row is not None
    assert row.deleted_at is None
