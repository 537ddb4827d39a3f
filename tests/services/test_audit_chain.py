"""The chain of an audit log: nothing that was committed is left out, however late, and
nobody waits for it."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.audit import AuditEvent, UnsealedAuditEvent
from app.services import audit, audit_chain
from app.services.decisions.audit_chain import (
    BEFORE_THE_FIRST,
    Facts,
    link_hash,
    old_link_hash,
)
from app.tasks import housekeeping
from tests.personae import People, Persona
from tests.services.chained import chain, heads, record, seal, take_heads

MoveClock = Callable[[str], Awaitable[None]]


def writing(database: Database, persona: Persona) -> Any:
    return database.unit_of_work(Login.APP, organization_id=persona.organization_id)


async def write(session: Any, persona: Persona, action: str) -> None:
    await audit.record(
        session,
        organization_id=persona.organization_id,
        actor="user:…",
        action=action,
        subject_type="task",
    )


async def test_links_each_organizations_events_in_their_order(
    database: Database, people: People
) -> None:
    await record(database, people.alice, "task.create", "task.edit")
    await record(database, people.mallory, "task.create")
    assert await seal(database) == 3
    await record(database, people.alice, "task.delete")
    assert await seal(database) == 1
    assert await seal(database) == 0
    assert await chain(database, people.alice.organization_id) == [
        (1, "task.create"),
        (2, "task.edit"),
        (3, "task.delete"),
    ]
    assert await chain(database, people.mallory.organization_id) == [(1, "task.create")]


async def test_an_event_that_is_committed_late_is_linked_then(
    database: Database, people: People
) -> None:
    """Written first, committed last: meanwhile others are linked, and wait for
    nobody."""
    alice = people.alice
    async with AsyncExitStack() as first:
        early = await first.enter_async_context(writing(database, alice))
        await write(early, alice, "early.write")
        async with asyncio.timeout(5):
            await record(database, alice, "later.write")
        assert await seal(database) == 1
        assert await chain(database, alice.organization_id) == [(1, "later.write")]
    assert await seal(database) == 1
    assert await chain(database, alice.organization_id) == [
        (1, "later.write"),
        (2, "early.write"),
    ]


async def test_loses_none_of_many_that_are_written_and_undone_at_once(
    database: Database, people: People
) -> None:
    """Writers that overlap, a third of which roll back, beside beats that link all the
    time."""

    async def one(number: int) -> None:
        async with writing(database, people.alice) as session:
            await write(session, people.alice, f"act.{number}")
            for _ in range(number % 5):
                await session.execute(text("SELECT 1"))
            if number % 3 == 0:
                await session.rollback()

    async def beat(writers: asyncio.Future[Any]) -> None:
        while not writers.done():
            await seal(database, limit=4)

    writers = asyncio.gather(*(one(number) for number in range(90)))
    await asyncio.gather(writers, beat(writers), beat(writers))
    await seal(database)
    linked = await chain(database, people.alice.organization_id)
    assert [seq for seq, _ in linked] == list(range(1, 61))
    wanted = {f"act.{number}" for number in range(90) if number % 3}
    assert {action for _, action in linked} == wanted


async def test_one_beat_links_at_a_time(database: Database, people: People) -> None:
    await record(database, people.alice, "task.create")
    async with database.system_session("test") as session:
        assert await audit_chain.seal(session, limit=10) == 1
        async with asyncio.timeout(5):
            assert await seal(database) == 0
    assert await chain(database, people.alice.organization_id) == [(1, "task.create")]


async def test_a_beat_that_dies_has_linked_nothing(
    database: Database, people: People
) -> None:
    await record(database, people.alice, "task.create")
    async with database.system_session("test") as session:
        assert await audit_chain.seal(session, limit=10) == 1
        await session.rollback()
    assert await chain(database, people.alice.organization_id) == []
    assert await seal(database) == 1


async def test_an_event_is_linked_once_whoever_asks_for_it_again(
    database: Database, people: People
) -> None:
    """The API's login may write that an event waits, for its trigger does."""
    alice = people.alice
    await record(database, alice, "task.create")
    await seal(database)
    async with writing(database, alice) as session:
        await session.execute(
            text(
                "INSERT INTO audit_unsealed SELECT organization_id, id FROM"
                " audit_events"
            )
        )
    await record(database, alice, "task.edit")
    await seal(database)
    assert await chain(database, alice.organization_id) == [
        (1, "task.create"),
        (2, "task.edit"),
    ]


async def test_housekeeping_links_and_notes(database: Database, people: People) -> None:
    await record(database, people.alice, "task.create")
    done = await housekeeping.tidy(database)
    assert (done["sealed"], done["heads"]) == (1, 1)


def test_what_the_hash_is_over_is_written_down() -> None:
    """docs/audit-log.md gives this very list; the numbers must never change."""
    facts = Facts(
        id=UUID("01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31"),
        at=datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
        actor="user:Zoë",
        action="task.create",
        subject_type="task",
        subject_id=None,
        detail_seal=bytes(range(32)),
        origin_seal=bytes(range(32, 64)),
    )
    of_facts = (
        '"01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",1767323045000006,'
        '"user:Zoë","task.create","task",null,'
        '"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
        '"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"]'
    )
    place = f'"01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",7,"{"00" * 32}",'
    hashed = hashlib.sha256(f'["cloudrota-audit-2",{of_facts}'.encode()).hexdigest()
    said = f'["cloudrota-audit-2",{place}"{hashed}"]'
    made = link_hash(facts.id, 7, BEFORE_THE_FIRST, facts)
    assert made == hashlib.sha256(said.encode()).digest()
    said = f'["cloudrota-audit-1",{place}{of_facts}'
    made = old_link_hash(facts.id, 7, BEFORE_THE_FIRST, facts)
    assert made == hashlib.sha256(said.encode()).digest()


# ── what leads out of the database ───────────────────────────────────────────────


async def test_notes_each_chain_once_a_day_if_it_has_grown(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    await record(database, people.alice, "task.create")
    await seal(database)
    await asyncio.gather(*(take_heads(database) for _ in range(5)))
    await record(database, people.alice, "task.edit")
    await seal(database)
    assert await take_heads(database) == 0, "it was noted today"
    (noted,) = await heads(database)
    assert (noted.organization_id, noted.seq) == (people.alice.organization_id, 1)
    await move_clock("1 day")
    assert await take_heads(database) == 1
    await move_clock("2 days")
    assert await take_heads(database) == 0, "nothing is new"
    assert [one.seq for one in await heads(database)] == [1, 2]


# ── what nobody may ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("login", [Login.APP, Login.WORKER, Login.SYSTEM])
@pytest.mark.parametrize("table", ["audit_events", "audit_links", "audit_heads"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET organization_id = organization_id",
        "DELETE FROM {}",
        "TRUNCATE {}",
    ],
)
async def test_no_login_of_the_application_changes_what_was_written(
    login: Login, table: str, statement: str, database: Database, people: People
) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.unit_of_work(
            login, organization_id=people.alice.organization_id
        ) as session:
            await session.execute(text(statement.format(table)))


async def test_whoever_links_reads_nothing_that_may_be_erased(
    database: Database,
) -> None:
    for column in ("detail", "address", "user_agent", "request_id", "detail_salt"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.system_session("test") as session:
                await session.execute(select(getattr(AuditEvent, column)))


async def test_a_writer_does_not_choose_the_seals(
    database: Database, people: People
) -> None:
    alice = people.alice
    async with writing(database, alice) as session:
        session.add(
            AuditEvent(
                id=new_id(),
                organization_id=alice.organization_id,
                actor="user:…",
                action="task.create",
                subject_type="task",
                detail_salt=b"",
                detail_seal=bytes(32),
                origin_seal=bytes(32),
            )
        )
    async with database.unit_of_work(Login.OWNER) as session:
        (found,) = await session.scalars(select(AuditEvent))
    assert found.detail_salt
    assert bytes(32) not in {found.detail_seal, found.origin_seal}


async def test_what_could_be_repeated_for_ever_is_recorded_once_a_minute(
    database: Database, people: People, move_clock: MoveClock
) -> None:
    alice = people.alice

    async def knock(once: str) -> None:
        async with writing(database, alice) as session:
            await audit.record(
                session,
                organization_id=alice.organization_id,
                actor="nobody",
                action="session.refuse",
                subject_type="user",
                once=once,
            )

    async def recorded() -> tuple[int, int]:
        async with database.unit_of_work(Login.OWNER) as session:
            events = (await session.scalars(select(AuditEvent.id))).all()
            waiting = (await session.scalars(select(UnsealedAuditEvent.event_id))).all()
            return len(events), len(waiting)

    await asyncio.gather(*(knock("one") for _ in range(20)))
    assert await recorded() in {(1, 1), (2, 2)}, "the minute may have turned meanwhile"
    before = await recorded()
    await knock("another")
    await move_clock("1 hour")
    await knock("one")
    assert await recorded() == (before[0] + 2, before[1] + 2)
