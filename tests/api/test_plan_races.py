"""However many try at once, and in whatever way, the plan's limit is what gets in; a
change of plan in the middle of it lets no more in, and locks nobody out."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import Response
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.permissions import Role
from app.core.settings import Settings
from app.core.tokens import hash_token
from app.models.aws_account import AWSAccount
from app.models.organization import Invitation, Member
from app.models.subscription import Subscription
from app.models.task import Task
from app.models.usage_count import CountedMetric, UsageCount
from app.models.user import User
from app.schemas.members import InvitationAnswer
from app.services import invitations, joining, plan_fit, plan_limits
from tests.builders import a_task, make_account, make_task
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.personae import People
from tests.plans import make_plan, subscribe

TASKS = "/api/v1/tasks"
ROLES = "/api/v1/aws-credentials"
AT_ONCE, LIMIT = 100, 10
ACCOUNTS, ENABLED = CountedMetric.AWS_ACCOUNTS, CountedMetric.ENABLED_TASKS
MEMBERS = CountedMetric.MEMBERS


@pytest.fixture
def acme(people: People) -> UUID:
    return people.alice.organization_id


async def limit(database: Database, acme: UUID, code: str, **limits: int) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await subscribe(session, acme, await make_plan(session, code, **limits))


async def truth(session: AsyncSession, acme: UUID) -> dict[CountedMetric, Any]:
    """What there is, counted one by one."""
    asked = {
        ACCOUNTS: select(func.count(AWSAccount.id)).where(
            AWSAccount.organization_id == acme,
            AWSAccount.connected,
            AWSAccount.paused_at.is_(None),
        ),
        ENABLED: select(func.count(Task.id)).where(
            Task.organization_id == acme, Task.enabled
        ),
        MEMBERS: select(func.count(Member.id)).where(
            Member.organization_id == acme, Member.removed_at.is_(None)
        ),
    }
    return {metric: await session.scalar(query) for metric, query in asked.items()}


async def counted(session: AsyncSession, acme: UUID) -> dict[CountedMetric, int]:
    mine = select(UsageCount).where(UsageCount.organization_id == acme)
    return {row.metric: row.value for row in await session.scalars(mine)}


async def statuses(asked: list[Awaitable[Response]]) -> Counter[int]:
    return Counter([one.status_code for one in await asyncio.gather(*asked)])


def role(number: int) -> dict[str, Any]:
    arn = f"arn:aws:iam::{number:012}:role/Cloudrota"
    return {"kind": "role", "name": f"Account {number}", "role_arn": arn}


async def test_of_a_hundred_tasks_made_or_enabled_at_once_ten_are_enabled(
    client: Client, people: People, acme: UUID, database: Database, owner: AsyncSession
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, acme)
        off = [
            await make_task(
                session, acme, accounts=(account,), name=f"Off {n}", enabled=False
            )
            for n in range(AT_ONCE // 2)
        ]
    await limit(database, acme, "ten", enabled_tasks=LIMIT)
    olga = client(people.olga)
    enable = {"enabled": True}
    asked = [olga.patch(f"{TASKS}/{one.id}", json=enable) for one in off]
    asked += [
        olga.post(TASKS, json=a_task(account, name=f"New {n}"))
        for n in range(AT_ONCE // 2)
    ]
    said = await statuses(list(asked))
    assert said[402] == AT_ONCE - LIMIT
    assert said[200] + said[201] == LIMIT
    assert (await truth(owner, acme))[ENABLED] == LIMIT


async def test_of_a_hundred_roles_singly_and_in_bulk_ten_accounts_are_connected(
    client: Client, people: People, acme: UUID, database: Database, owner: AsyncSession
) -> None:
    await limit(database, acme, "ten", aws_accounts=LIMIT)
    alice = client(people.alice)
    roles = [role(number) for number in range(AT_ONCE)]
    half = AT_ONCE // 2
    asked = [alice.post(ROLES, json=one) for one in roles[:half]]
    in_bulk = [
        alice.post(f"{ROLES}/bulk", json={"items": roles[first : first + 10]})
        for first in range(half, AT_ONCE, 10)
    ]
    bulk, singly = await asyncio.gather(asyncio.gather(*in_bulk), statuses([*asked]))
    outcomes = Counter(
        one["outcome"] for answer in bulk for one in answer.json()["items"]
    )
    assert singly[201] + outcomes["connected"] == LIMIT
    assert singly[402] + outcomes["refused"] == AT_ONCE - LIMIT
    assert (await truth(owner, acme))[ACCOUNTS] == LIMIT


async def test_of_a_hundred_who_accept_at_once_as_many_join_as_there_are_places(
    people: People,
    acme: UUID,
    database: Database,
    configured: Settings,
    owner: AsyncSession,
) -> None:
    """Asked of the rule itself, as over HTTP one address may not try so often."""
    present = len(people.colleagues)
    async with database.unit_of_work(Login.OWNER) as session:
        tokens = [
            await _invited(session, configured, acme, f"user{n}@example.com")
            for n in range(AT_ONCE)
        ]
    await limit(database, acme, "few", members=present + LIMIT)
    answers = [InvitationAnswer(token=token) for token in tokens]
    asked = [joining.accept(database, answer) for answer in answers]
    ends = await asyncio.gather(*asked, return_exceptions=True)
    assert ends.count(None) == LIMIT
    refused = [one for one in ends if isinstance(one, DBAPIError)]
    assert len(refused) == AT_ONCE - LIMIT
    assert all(map(plan_limits.refusal, refused))
    assert (await truth(owner, acme))[MEMBERS] == present + LIMIT


async def _invited(
    session: AsyncSession, settings: Settings, acme: UUID, email: str
) -> str:
    """Somebody with a verified account, whom Alice has invited."""
    session.add(User(id=new_id(), email=email, name="N", email_verified_at=now()))
    id = new_id()
    owns = Member.organization_id == acme, Member.role == Role.OWNER
    token = invitations.token_of(settings, id)
    session.add(
        Invitation(
            id=id,
            organization_id=acme,
            email=email,
            role=Role.VIEWER,
            invited_by=(await session.scalars(select(Member.id).where(*owns))).one(),
            token_hash=hash_token(token),
            expires_at=now() + timedelta(days=1),
        )
    )
    await session.flush()
    return token


async def test_changes_of_plan_in_the_middle_of_it_leave_what_the_last_allows(
    client: Client, people: People, acme: UUID, database: Database, owner: AsyncSession
) -> None:
    """Nobody is answered with a fault either, such as a deadlock."""
    chance = random.Random(36)  # noqa: S311 — no secret
    async with database.unit_of_work(Login.OWNER) as session:
        await make_plan(session, "small", aws_accounts=2, enabled_tasks=3)
        await make_plan(session, "large", aws_accounts=40, enabled_tasks=40)
        await subscribe(session, acme, "large")
    alice = client(people.alice)
    made = [(await alice.post(ROLES, json=role(n))).json() for n in range(6)]
    async with database.unit_of_work(Login.OWNER) as session:
        accounts = (await session.scalars(select(AWSAccount))).all()
        tasks = [
            await make_task(
                session, acme, accounts=(chance.choice(accounts),), name=str(n)
            )
            for n in range(8)
        ]

    async def ask(number: int) -> Response:
        task = f"{TASKS}/{chance.choice(tasks).id}"
        asked = {
            "make": lambda: alice.post(
                TASKS, json=a_task(accounts[0], name=f"New {number}")
            ),
            "enable": lambda: alice.patch(task, json={"enabled": True}),
            "disable": lambda: alice.patch(task, json={"enabled": False}),
            "connect": lambda: alice.post(ROLES, json=role(100 + number)),
            "bulk": lambda: alice.post(
                f"{ROLES}/bulk",
                json={"items": [role(n) for n in (number % 6, 200 + number)]},
            ),
            "disconnect": lambda: alice.delete(f"{ROLES}/{chance.choice(made)['id']}"),
        }
        return await asked[chance.choice(list(asked))]()

    async def change(code: str) -> Response:
        await _move(database, acme, code)
        return Response(204)

    acts = [ask(number) for number in range(AT_ONCE)]
    acts += [change(code) for code in ("small", "large") * 5]
    chance.shuffle(acts)
    said = await statuses(list(acts))
    assert not [status for status in said if status >= 500], said
    await _move(database, acme, "small")
    there_is = await truth(owner, acme)
    assert there_is[ACCOUNTS] <= 2
    assert there_is[ENABLED] <= 3
    assert there_is.items() <= (await counted(owner, acme)).items()


async def _move(database: Database, acme: UUID, code: str) -> None:
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        mine = select(Subscription.id).where(Subscription.organization_id == acme)
        await session.execute(mine.with_for_update())
        await subscribe(session, acme, code)
        await plan_fit.fit(session, acme)


@pytest.mark.parametrize("how", ["make", "enable", "bulk"])
async def test_who_grows_waits_for_a_change_of_plan_with_nothing_that_it_needs(
    client: Client, people: People, acme: UUID, database: Database, how: str
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await make_plan(session, "none", aws_accounts=0, enabled_tasks=0)
        account = await make_account(session, acme, account_id=f"{1:012}")
        task = await make_task(session, acme, accounts=(account,), enabled=False)
    alice = client(people.alice)
    asked = {
        "make": lambda: alice.post(TASKS, json=a_task(account, name="New")),
        "enable": lambda: alice.patch(
            f"{TASKS}/{task.id}",
            json={"enabled": True, "targets": {"account_ids": [str(account.id)]}},
        ),
        "bulk": lambda: alice.post(
            f"{ROLES}/bulk", json={"items": [role(1), role(2), role(3)]}
        ),
    }
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        mine = select(Subscription.id).where(Subscription.organization_id == acme)
        await session.execute(mine.with_for_update())
        growth = asyncio.create_task(asked[how]())
        await until_it_waits(database, growth)
        assert not growth.done()
        await subscribe(session, acme, "none")
        fit = await plan_fit.fit(session, acme)
        assert fit.paused_accounts == [account.id]
    answer = await growth
    assert answer.status_code in {200, 402, 422}, answer.text
    async with database.unit_of_work(Login.OWNER) as session:
        there_is = await truth(session, acme)
    assert (there_is[ACCOUNTS], there_is[ENABLED]) == (0, 0)
