"""What is refused is in the log: to colleagues by their role, and to strangers by a
wrong password; and nobody can fill the log with it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.organization import Member
from app.services import refusals
from app.tasks.publisher import RedisPublisher
from tests.api.signing import ORIGIN, login, register
from tests.conftest import Client
from tests.personae import People

MoveClock = Callable[[str], Awaitable[None]]


async def refused(owner: AsyncSession, action: str) -> list[AuditEvent]:
    await owner.rollback()
    found = select(AuditEvent).where(AuditEvent.action == action)
    return list(await owner.scalars(found.order_by(AuditEvent.at)))


# ── 403 ──────────────────────────────────────────────────────────────────────────


async def test_a_403_is_recorded_with_who_and_what_for(
    client: Client, people: People, owner: AsyncSession
) -> None:
    victor = people.victor
    answer = await client(victor).delete(f"/api/v1/tasks/{new_id()}")
    assert answer.status_code == 403
    (event,) = await refused(owner, "access.refuse")
    assert event.organization_id == victor.organization_id
    assert event.actor == f"user:{victor.user_id}"
    assert event.detail == {"code": "forbidden", "permission": "tasks.edit"}
    assert event.address == "127.0.0.1"
    assert event.request_id == answer.headers["x-request-id"]


async def test_repeated_it_is_recorded_once_a_minute_for_each_permission(
    client: Client, people: People, owner: AsyncSession, move_clock: MoveClock
) -> None:
    browser = client(people.victor)

    async def try_all() -> None:
        answers = await asyncio.gather(
            *(browser.delete(f"/api/v1/tasks/{new_id()}") for _ in range(10)),
            *(browser.patch(f"/api/v1/problems/{new_id()}") for _ in range(10)),
        )
        assert {answer.status_code for answer in answers} == {403}

    await try_all()
    once = len(await refused(owner, "access.refuse"))
    assert once in {2, 3, 4}, "the minute may have turned meanwhile"
    await move_clock("1 hour")
    await try_all()
    lacked = {one.detail["permission"] for one in await refused(owner, "access.refuse")}
    assert lacked == {"tasks.edit", "problems.edit"}
    assert once + 2 <= len(await refused(owner, "access.refuse")) <= once + 4


async def test_who_is_nobody_here_is_not_in_anybodys_log(
    client: Client, people: People, owner: AsyncSession
) -> None:
    assert people.alice
    answer = await client(None).delete(f"/api/v1/tasks/{new_id()}")
    assert answer.status_code == 401
    assert await refused(owner, "access.refuse") == []


async def test_nothing_is_refused_unrecorded(
    client: Client,
    people: People,
    configured: Settings,
    publisher: RedisPublisher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the database goes away between the refusal and its record."""
    settings = configured.model_copy(
        update={"database_url": SecretStr("postgresql+asyncpg://a:b@127.0.0.1:1/c")}
    )
    away = Database(settings, publisher)
    record = refusals.record

    async def as_it_goes_away(_database: Database, actor: Any, error: Any) -> None:
        await record(away, actor, error)

    monkeypatch.setattr(refusals, "record", as_it_goes_away)
    answer = await client(people.victor).delete(f"/api/v1/tasks/{new_id()}")
    await away.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


# ── sign-in ──────────────────────────────────────────────────────────────────────


async def test_a_wrong_password_is_recorded_where_it_would_have_led(
    client: Client, owner: AsyncSession
) -> None:
    made = await register(client(None))
    browser = client(None)
    for _ in range(5):
        assert (await login(browser, password="not my password")).status_code == 401
    events = await refused(owner, "session.refuse")
    assert len(events) in {1, 2}, "the minute may have turned meanwhile"
    assert str(events[0].organization_id) == made["organization"]["id"]
    assert str(events[0].subject_id) == made["user"]["id"]
    assert (events[0].actor, events[0].detail) == (
        "nobody",
        {"reason": "wrong_password"},
    )
    assert events[0].address == "127.0.0.1"
    assert "rita" not in str(events[0].__dict__)


async def test_an_unknown_address_is_in_nobodys_log(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    await login(client(None), "nobody@example.com")
    assert await refused(owner, "session.refuse") == []


async def test_who_belongs_nowhere_is_in_nobodys_log(
    client: Client, owner: AsyncSession, database: Database
) -> None:
    await register(client(None))
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(Member).values(removed_at=now()))
    answer = await login(client(None), password="not my password")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-credentials")
    assert await refused(owner, "session.refuse") == []


async def test_as_much_is_done_for_an_unknown_address_as_for_a_known_one(
    client: Client, app: FastAPI, database: Database
) -> None:
    """Statement by statement: what is recorded of a user is recorded afterwards, and
    whoever measures what comes right after that learns nothing either."""
    await register(client(None))
    told: list[str] = []

    async def ask(scope: Any, receive: Any, send: Any) -> None:
        async def answered(message: Any) -> None:
            told.append(message["type"])
            await send(message)

        await app(scope, receive, answered)

    def executed(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        told.append(statement.replace("::UUID", ""))  # not said of the driver's own

    engine = database.engine(Login.APP).sync_engine
    event.listen(engine, "before_cursor_execute", executed)
    heard = []
    async with AsyncClient(transport=ASGITransport(ask), base_url=ORIGIN) as browser:
        for address in ("rita@example.com", "nobody@example.com"):
            told.clear()
            answer = await login(browser, address, "not my password")
            assert answer.status_code == 401
            heard.append(list(told))
    event.remove(engine, "before_cursor_execute", executed)
    known, unknown = heard
    end = known.index("http.response.body") + 1
    assert known[:end] == unknown[:end]
    assert known[end:-1] == unknown[end:-1]
    assert known[-1].startswith("INSERT INTO audit_events")
    assert unknown[-1].startswith("SELECT audit_events.id")
