"""A hundred want the last ten places of a plan at the same moment: ten get them, by
whichever way they come."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.aws_account import AWSAccount
from app.models.organization import Invitation, Member
from app.models.task import Task
from app.services import invitations
from tests.billing.figures import FIGURES
from tests.builders import a_task, make_account, make_task
from tests.conftest import Client
from tests.personae import People
from tests.plans import make_plan, subscribe

LIMIT = 10
AT_ONCE = 100


async def limited(database: Database, people: People, **limits: int) -> UUID:
    """Acme, on a plan with these limits."""
    acme = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        await subscribe(session, acme, await make_plan(session, "tight", **limits))
    return acme


async def race(asked: Sequence[Awaitable[Response]]) -> Counter[int]:
    return Counter(one.status_code for one in await asyncio.gather(*asked))


def judge(made: int) -> None:
    FIGURES.quota_races += 1
    FIGURES.quota_overrun += abs(made - LIMIT)
    assert made == LIMIT


async def test_accounts(
    client: Client, people: People, database: Database, owner: AsyncSession
) -> None:
    """Singly, and many in one request."""
    acme = await limited(database, people, aws_accounts=LIMIT)
    alice = client(people.alice)

    def role(number: int) -> dict[str, str]:
        arn = f"arn:aws:iam::{number:012d}:role/Cloudrota"
        return {"name": f"Account {number}", "role_arn": arn}

    single = [
        alice.post("/api/v1/aws-credentials", json={"kind": "role", **role(number)})
        for number in range(1, AT_ONCE // 2 + 1)
    ]
    bulk = [
        alice.post(
            "/api/v1/aws-credentials/bulk",
            json={"items": [role(number + one) for one in range(10)]},
        )
        for number in range(1_000, 1_000 + AT_ONCE // 2, 10)
    ]
    answered = await race([*single, *bulk])
    assert set(answered) <= {201, 200, 402}
    counted = select(func.count()).where(
        AWSAccount.organization_id == acme, AWSAccount.connected
    )
    judge(await owner.scalar(counted) or 0)


async def test_tasks_made(
    client: Client, people: People, database: Database, owner: AsyncSession
) -> None:
    acme = await limited(database, people, enabled_tasks=LIMIT)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, acme)
    alice = client(people.alice)
    answered = await race(
        [
            alice.post("/api/v1/tasks", json=a_task(account, name=f"Task {number}"))
            for number in range(AT_ONCE)
        ]
    )
    assert answered == {201: LIMIT, 402: AT_ONCE - LIMIT}
    judge(await _enabled(owner, acme))


async def test_tasks_enabled(
    client: Client, people: People, database: Database, owner: AsyncSession
) -> None:
    acme = await limited(database, people, enabled_tasks=LIMIT)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, acme)
        tasks = [
            await make_task(
                session, acme, accounts=(account,), name=f"T{number}", enabled=False
            )
            for number in range(AT_ONCE)
        ]
    alice = client(people.alice)
    answered = await race(
        [
            alice.patch(f"/api/v1/tasks/{one.id}", json={"enabled": True})
            for one in tasks
        ]
    )
    assert answered == {200: LIMIT, 402: AT_ONCE - LIMIT}
    judge(await _enabled(owner, acme))


async def _enabled(owner: AsyncSession, acme: UUID) -> int:
    counted = select(func.count()).where(
        Task.organization_id == acme, Task.enabled, Task.deleted_at.is_(None)
    )
    return await owner.scalar(counted) or 0


async def test_members(
    client: Client,
    people: People,
    database: Database,
    configured: Settings,
    owner: AsyncSession,
    app: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By accepting invitations, each another new person's, from several addresses: one
    alone may not try so often."""
    before = len(people.colleagues)
    acme = await limited(database, people, members=before + LIMIT)
    monkeypatch.setattr(invitations, "MOST_A_DAY", AT_ONCE)
    alice = client(people.alice)
    for number in range(AT_ONCE):
        answer = await alice.post(
            "/api/v1/invitations",
            json={"email": f"n{number}@example.com", "role": "viewer"},
        )
        assert answer.status_code == 201, answer.text
    open_ = list(
        await owner.scalars(
            select(Invitation.id).where(Invitation.organization_id == acme)
        )
    )
    about = {"name": "Norma Lind", "password": "a walk along the river"}
    visitors = [
        AsyncClient(
            transport=ASGITransport(app, client=(f"192.0.2.{number}", 1)),
            base_url="http://127.0.0.1:8000",
        )
        for number in range(1, 5)
    ]
    answered = await race(
        [
            visitors[number % 4].post(
                "/api/v1/auth/accept-invitation",
                json={"token": invitations.token_of(configured, id), **about},
            )
            for number, id in enumerate(open_)
        ]
    )
    for one in visitors:
        await one.aclose()
    assert answered == {204: LIMIT, 402: AT_ONCE - LIMIT}
    counted = select(func.count()).where(
        Member.organization_id == acme, Member.removed_at.is_(None)
    )
    judge((await owner.scalar(counted) or 0) - before)
