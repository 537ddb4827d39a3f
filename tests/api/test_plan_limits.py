"""What the plan does not allow is refused over HTTP, with the limit's name."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from httpx import Response
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.settings import Settings
from app.models.aws_account import AWSAccount
from app.models.organization import Member
from app.models.outbox import OutboxMessage
from app.models.task import Task
from app.services import invitations, plan_fit
from app.services.outbox import OutboxKind
from tests.api.signing import PASSWORD
from tests.builders import a_task, make_account, make_task
from tests.conftest import Client
from tests.personae import People
from tests.plans import make_plan, subscribe

TASKS = "/api/v1/tasks"
ROLES = "/api/v1/aws-credentials"
HOURLY = {"kind": "cron", "expression": "0 * * * *", "timezone": "UTC"}
HASTY = {"kind": "cron", "expression": "*/30 * * * *", "timezone": "UTC"}
Limit = Callable[..., Awaitable[None]]


@pytest.fixture
def acme(people: People) -> UUID:
    return people.alice.organization_id


@pytest.fixture
def limit(database: Database, acme: UUID) -> Limit:
    """`await limit(members=5)`: Acme's plan allows that, and all else."""

    async def move(**limits: int) -> None:
        code = str(new_id())
        async with database.unit_of_work(Login.OWNER) as session:
            await subscribe(session, acme, await make_plan(session, code, **limits))

    return move


@pytest.fixture
async def account(acme: UUID, database: Database) -> AWSAccount:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_account(session, acme)


def refusals(answer: Response) -> list[tuple[str, str]]:
    assert answer.status_code == 402, answer.text
    assert answer.json()["code"] == "plan-limit"
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


def role(number: int) -> dict[str, Any]:
    arn = f"arn:aws:iam::{number:012}:role/Cloudrota"
    return {"kind": "role", "name": f"Account {number}", "role_arn": arn}


# ── tasks ────────────────────────────────────────────────────────────────────────


async def test_one_task_too_many_is_refused_whether_made_or_enabled(
    client: Client, people: People, account: AWSAccount, limit: Limit
) -> None:
    await limit(enabled_tasks=1)
    olga = client(people.olga)
    first = (await olga.post(TASKS, json=a_task(account))).json()
    answer = await olga.post(TASKS, json=a_task(account, name="Second"))
    assert refusals(answer) == [("/enabled", "enabled_tasks")]
    told = "Your plan allows 1 enabled tasks, and 1 are counted already."
    assert answer.json()["detail"] == told
    off = a_task(account, name="Second", enabled=False)
    second = (await olga.post(TASKS, json=off)).json()
    enable = {"enabled": True}
    refused = await olga.patch(f"{TASKS}/{second['id']}", json=enable)
    assert refusals(refused) == [("/enabled", "enabled_tasks")]
    assert (await olga.get(f"{TASKS}/{second['id']}")).json()["enabled"] is False
    await olga.delete(f"{TASKS}/{first['id']}")
    assert (await olga.patch(f"{TASKS}/{second['id']}", json=enable)).is_success


async def test_slots_that_come_too_close_are_refused_at_the_schedule(
    client: Client,
    people: People,
    account: AWSAccount,
    limit: Limit,
    database: Database,
    acme: UUID,
) -> None:
    await limit(shortest_interval_seconds=3600)
    olga = client(people.olga)
    answer = await olga.post(TASKS, json=a_task(account, schedule=HASTY))
    assert refusals(answer) == [("/schedule", "shortest_interval_seconds")]
    assert "1:00:00" in answer.json()["detail"]
    made = await olga.post(TASKS, json=a_task(account, schedule=HOURLY))
    path = f"{TASKS}/{made.json()['id']}"
    answer = await olga.patch(path, json={"schedule": HASTY})
    assert refusals(answer) == [("/schedule", "shortest_interval_seconds")]
    async with database.unit_of_work(Login.OWNER) as session:
        old = await make_task(
            session,
            acme,
            accounts=(account,),
            schedule=HASTY,
            enabled=False,
            name="Old",
        )
    path = f"{TASKS}/{old.id}"
    assert (await olga.patch(path, json={"name": "Still hasty"})).is_success
    answer = await olga.patch(path, json={"enabled": True})
    assert refusals(answer) == [("/schedule", "shortest_interval_seconds")]


async def test_a_paused_task_that_a_member_disables_is_not_resumed(
    client: Client, people: People, acme: UUID, database: Database, limit: Limit
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(session, acme, schedule=HOURLY)
        paused = {"enabled": False, "disabled_reason": "plan_limit"}
        await session.execute(update(Task).values(paused))
    path = f"{TASKS}/{task.id}"
    answer = await client(people.alice).patch(path, json={"enabled": False})
    assert answer.json()["disabled_reason"] == "by_user"
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        assert (await plan_fit.fit(session, acme)).resumed_tasks == []


# ── members ──────────────────────────────────────────────────────────────────────


async def test_nobody_is_invited_where_no_place_is_left(
    client: Client, people: People, limit: Limit
) -> None:
    await limit(members=5)
    alice = client(people.alice)
    wanted = {"email": "norma@example.com", "role": "viewer"}
    answer = await alice.post("/api/v1/invitations", json=wanted)
    assert refusals(answer) == [("/email", "members")]
    await limit(members=6)
    assert (await alice.post("/api/v1/invitations", json=wanted)).is_success


async def test_a_place_is_taken_when_it_is_accepted(
    client: Client,
    people: People,
    limit: Limit,
    acme: UUID,
    configured: Settings,
    owner: AsyncSession,
) -> None:
    async def accept(email: str) -> Response:
        wanted = {"email": email, "role": "viewer"}
        offer = await client(people.alice).post("/api/v1/invitations", json=wanted)
        return await _accept(client, configured, UUID(offer.json()["id"]))

    await limit(members=7)
    wanted = {"email": "late@example.com", "role": "viewer"}
    late = await client(people.alice).post("/api/v1/invitations", json=wanted)
    for email in ("norma@example.com", "nick@example.com"):
        assert (await accept(email)).status_code == 204
    answer = await _accept(client, configured, UUID(late.json()["id"]))
    assert refusals(answer) == [("/token", "members")]
    # Whose time has ended makes room, though nobody removed it.
    over = update(Member).where(Member.user_id == people.victor.user_id)
    await owner.execute(over.values(expires_at=func.app_now()))
    await owner.commit()
    answer = await _accept(client, configured, UUID(late.json()["id"]))
    assert answer.status_code == 204, answer.text
    present = select(func.count()).where(
        Member.organization_id == acme, Member.removed_at.is_(None)
    )
    assert await owner.scalar(present) == 7


async def _accept(client: Client, configured: Settings, id: UUID) -> Response:
    token = invitations.token_of(configured, id)
    sent = {"token": token, "name": "Somebody", "password": PASSWORD}
    return await client(None).post("/api/v1/auth/accept-invitation", json=sent)


# ── accounts ─────────────────────────────────────────────────────────────────────


async def test_one_account_too_many_is_refused_and_a_second_way_in_is_not(
    client: Client, people: People, limit: Limit
) -> None:
    await limit(aws_accounts=1)
    alice = client(people.alice)
    assert (await alice.post(ROLES, json=role(1))).is_success
    assert refusals(await alice.post(ROLES, json=role(2))) == [
        ("/role_arn", "aws_accounts")
    ]
    again = role(1) | {"name": "To change", "purpose": "write"}
    assert (await alice.post(ROLES, json=again)).is_success


async def test_of_many_roles_as_many_are_connected_as_there_is_room_for(
    client: Client, people: People, limit: Limit
) -> None:
    await limit(aws_accounts=3)
    alice = client(people.alice)
    assert (await alice.post(ROLES, json=role(1))).is_success
    second_way = role(2) | {"name": "To change", "purpose": "write"}
    items = [role(1) | {"name": "b"}, role(2), second_way, role(3), role(4), role(5)]
    answer = await alice.post(f"{ROLES}/bulk", json={"items": items})
    told = answer.json()["items"]
    assert [one["outcome"] for one in told] == [
        "already_connected",
        *["connected"] * 3,
        *["refused"] * 2,
    ]
    assert [(e["pointer"], e["code"]) for one in told for e in one["errors"]] == [
        ("/items/4/role_arn", "aws_accounts"),
        ("/items/5/role_arn", "aws_accounts"),
    ]


async def test_a_disconnected_account_makes_room_for_a_paused_one(
    client: Client, people: People, limit: Limit, acme: UUID, database: Database
) -> None:
    alice = client(people.alice)
    made = [(await alice.post(ROLES, json=role(n))).json() for n in (1, 2)]
    await limit(aws_accounts=1)
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        await plan_fit.fit(session, acme)
    shown = (await alice.get("/api/v1/aws-accounts")).json()["items"]
    assert [one["paused_at"] is None for one in shown] == [False, True]
    await alice.delete(f"{ROLES}/{made[0]['id']}")
    async with database.unit_of_work(Login.OWNER) as session:
        wanted = OutboxMessage.kind == OutboxKind.PLAN_FIT
        found = await session.scalars(select(OutboxMessage).where(wanted))
        assert [one.organization_id for one in found] == [acme]
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        fit = await plan_fit.fit(session, acme)
    assert fit.resumed_accounts == [UUID(made[1]["aws_account_id"])]


async def test_a_paused_account_that_is_disconnected_is_paused_no_more(
    client: Client, people: People, acme: UUID, owner: AsyncSession
) -> None:
    alice = client(people.alice)
    made = (await alice.post(ROLES, json=role(1))).json()
    await owner.execute(update(AWSAccount).values(paused_at=now()))
    await owner.commit()
    assert (await alice.delete(f"{ROLES}/{made['id']}")).is_success
    row = await owner.scalar(select(AWSAccount).where(AWSAccount.connected.is_(False)))
    assert row is not None
    assert row.paused_at is None
