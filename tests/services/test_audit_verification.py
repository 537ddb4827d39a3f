"""Whoever tampers with an audit log as the superuser, stopped by nothing, is found out:
at once, or by a head that was kept elsewhere."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from app.core.db import Database
from app.core.embedded import PostgresServer
from app.core.ids import new_id
from app.core.settings import Settings
from app.services.audit_heads import Head, read_line
from app.services.decisions.audit_chain import Facts, link_hash, old_link_hash
from tests.personae import People
from tests.services.chained import heads, lines, record, seal, take_heads, tampering

ACTIONS = ("task.create", "task.edit", "task.delete", "task.create", "task.edit")


@pytest.fixture
async def kept(database: Database, people: People) -> tuple[Head, ...]:
    """Alice's chain of five and Mallory's of one are linked; their heads."""
    await record(database, people.alice, *ACTIONS)
    await record(database, people.mallory, "task.create")
    await seal(database)
    await take_heads(database)
    return tuple(await heads(database))


@pytest.fixture
async def thief(
    kept: tuple[Head, ...], postgres_server: PostgresServer, configured: Settings
) -> AsyncIterator[asyncpg.Connection]:
    """The superuser, who has taken the heads out of the database first."""
    async with tampering(postgres_server.superuser_dsn, configured) as connection:
        await connection.execute("TRUNCATE audit_heads")
        yield connection


async def found(database: Database, *known: Head) -> list[str]:
    """The faults, as the command says them before its last line."""
    *faults, last = await lines(database, known=known)
    assert json.loads(last)["faults"] == len(faults)
    return faults


async def event(thief: asyncpg.Connection, people: People, seq: int) -> Any:
    return await thief.fetchval(
        "SELECT event_id FROM audit_links WHERE organization_id = $1 AND seq = $2",
        people.alice.organization_id,
        seq,
    )


async def test_a_whole_chain_has_no_faults(
    database: Database, people: People, kept: tuple[Head, ...]
) -> None:
    await record(database, people.alice, "task.edit")
    *faults, last = await lines(database, known=kept)
    assert faults == []
    assert json.loads(last) == {
        "organizations": 2,
        "linked": 6,
        "waiting": 1,
        "erased": 0,
        "heads": 2,
        "faults": 0,
    }


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'user:somebody'",
        "action = 'task.edited'",
        "at = at + interval '1 microsecond'",
        "subject_id = id",
        "subject_type = 'tasks'",
        "detail_seal = sha256('')",
        "origin_seal = sha256('')",
    ],
)
async def test_names_a_changed_event(
    change: str, database: Database, people: People, thief: asyncpg.Connection
) -> None:
    id = await event(thief, people, 3)
    await thief.execute(f"UPDATE audit_events SET {change} WHERE id = $1", id)  # noqa: S608 — our own text
    faults = await found(database)
    changed = f"event {id} or its link was changed (number 3)"
    assert faults[0] == f"{people.alice.organization_id}: {changed}"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("""detail = '{"name": "another"}'""", "detail"),
        ("detail_salt = sha256('')", "detail"),
        ("""detail = '{"name": "another"}', detail_salt = NULL""", "detail"),
        ("detail_salt = NULL", "detail"),
        ("address = '192.0.2.1'", "origin"),
        ("user_agent = 'Mozilla', origin_salt = NULL", "origin"),
        ("request_id = 'another'", "origin"),
    ],
)
async def test_names_a_changed_text(
    change: str,
    name: str,
    database: Database,
    people: People,
    thief: asyncpg.Connection,
) -> None:
    id = await event(thief, people, 3)
    await thief.execute(f"UPDATE audit_events SET {change} WHERE id = $1", id)  # noqa: S608 — our own text
    said = f"the {name} of event {id} was changed"
    assert await found(database) == [f"{people.alice.organization_id}: {said}"]


async def test_erasing_texts_with_their_salts_breaks_nothing(
    database: Database, people: People, kept: tuple[Head, ...], thief: Any
) -> None:
    await thief.execute(
        "UPDATE audit_events SET detail = '{}', detail_salt = NULL, address = NULL,"
        " user_agent = NULL, request_id = NULL, origin_salt = NULL"
        " WHERE organization_id = $1",
        people.alice.organization_id,
    )
    *faults, last = await lines(database, known=kept)
    assert faults == []
    assert json.loads(last)["erased"] == 2 * len(ACTIONS)


async def test_links_of_the_older_form_still_fit(
    database: Database, people: People, kept: tuple[Head, ...], thief: Any
) -> None:
    """The first three of five; the rest is linked to them anew."""
    tenant = people.alice.organization_id
    rows = await thief.fetch(
        f"SELECT seq, {', '.join(f'e.{name}' for name in Facts._fields)}"  # noqa: S608 — our own names
        " FROM audit_links l JOIN audit_events e ON e.id = l.event_id"
        " WHERE l.organization_id = $1 ORDER BY seq",
        tenant,
    )
    previous = bytes(32)
    for seq, *facts in rows:
        made_by = old_link_hash if seq <= 3 else link_hash
        hash = made_by(tenant, seq, previous, Facts(*facts))
        await thief.execute(
            "UPDATE audit_links SET previous_hash = $1, hash = $2"
            " WHERE organization_id = $3 AND seq = $4",
            *(previous, hash, tenant, seq),
        )
        previous = hash
    assert await found(database) == []


async def test_names_a_removed_event(
    database: Database, people: People, thief: asyncpg.Connection
) -> None:
    id = await event(thief, people, 2)
    await thief.execute("DELETE FROM audit_events WHERE id = $1", id)
    said = f"event {id} was removed (number 2)"
    assert await found(database) == [f"{people.alice.organization_id}: {said}"]


async def test_names_an_event_that_was_removed_with_its_link(
    database: Database, people: People, thief: asyncpg.Connection
) -> None:
    id = await event(thief, people, 2)
    await thief.execute("DELETE FROM audit_events WHERE id = $1", id)
    await thief.execute("DELETE FROM audit_links WHERE event_id = $1", id)
    said = "links were removed: numbers 2 to 2"
    assert await found(database) == [f"{people.alice.organization_id}: {said}"]


async def test_names_a_removed_event_whose_number_was_closed_up(
    database: Database, people: People, thief: asyncpg.Connection
) -> None:
    id = await event(thief, people, 2)
    await thief.execute("DELETE FROM audit_events WHERE id = $1", id)
    await thief.execute("DELETE FROM audit_links WHERE event_id = $1", id)
    for seq in (3, 4, 5):
        await thief.execute(
            "UPDATE audit_links SET seq = seq - 1 WHERE seq = $1 AND"
            " organization_id = $2",
            seq,
            people.alice.organization_id,
        )
    faults = await found(database)
    assert (
        f"{people.alice.organization_id}: link 2 does not follow from the one before it"
    ) in faults


async def test_names_an_inserted_event(
    database: Database, people: People, thief: asyncpg.Connection
) -> None:
    id = new_id()
    await thief.execute(
        "INSERT INTO audit_events SELECT (jsonb_populate_record(e,"
        " jsonb_build_object('id', $1::uuid))).* FROM audit_events e WHERE id = $2",
        id,
        await event(thief, people, 2),
    )
    (fault,) = await found(database)
    assert f"event {id} is in no chain" in fault


async def test_names_a_removed_link(
    database: Database, people: People, thief: asyncpg.Connection
) -> None:
    id = await event(thief, people, 5)
    await thief.execute("DELETE FROM audit_links WHERE event_id = $1", id)
    (fault,) = await found(database)
    assert f"event {id} is in no chain" in fault


async def test_names_a_tail_that_was_cut_off_cleanly_by_a_head_kept_elsewhere(
    database: Database,
    people: People,
    kept: tuple[Head, ...],
    thief: asyncpg.Connection,
) -> None:
    for seq in (4, 5):
        id = await event(thief, people, seq)
        await thief.execute("DELETE FROM audit_events WHERE id = $1", id)
        await thief.execute("DELETE FROM audit_links WHERE event_id = $1", id)
    assert await found(database) == [], "the database itself does not know any more"
    said = "the tail was cut: the chain ends with number 3, and had a number 5"
    assert await found(database, *kept) == [f"{people.alice.organization_id}: {said}"]


async def test_names_a_chain_that_was_written_anew_from_an_event_on(
    database: Database,
    people: People,
    kept: tuple[Head, ...],
    thief: asyncpg.Connection,
) -> None:
    """By somebody who knows how to compute it."""
    tenant = people.alice.organization_id
    await thief.execute(
        "UPDATE audit_events SET actor = 'user:…' WHERE id = $1",
        await event(thief, people, 3),
    )
    rows = await thief.fetch(
        f"SELECT seq, {', '.join(f'e.{name}' for name in Facts._fields)}"  # noqa: S608 — our own names
        " FROM audit_links l JOIN audit_events e ON e.id = l.event_id"
        " WHERE l.organization_id = $1 ORDER BY seq",
        tenant,
    )
    previous = bytes(32)
    for seq, *facts in rows:
        hash = link_hash(tenant, seq, previous, Facts(*facts))
        await thief.execute(
            "UPDATE audit_links SET previous_hash = $1, hash = $2"
            " WHERE organization_id = $3 AND seq = $4",
            *(previous, hash, tenant, seq),
        )
        previous = hash
    assert await found(database) == []
    said = "the chain was written anew: number 5 is not as it left"
    assert await found(database, *kept) == [f"{tenant}: {said}"]


async def test_the_databases_own_heads_are_held_against_the_chain(
    database: Database,
    people: People,
    kept: tuple[Head, ...],
    postgres_server: PostgresServer,
    configured: Settings,
) -> None:
    async with tampering(postgres_server.superuser_dsn, configured) as thief:
        id = await event(thief, people, 5)
        await thief.execute("DELETE FROM audit_events WHERE id = $1", id)
        await thief.execute("DELETE FROM audit_links WHERE event_id = $1", id)
    (fault,) = await found(database)
    assert "the tail was cut" in fault
    forged = [replace(head, hash=bytes(32)) for head in kept]
    assert any("contradict each other" in one for one in await found(database, *forged))


async def test_names_an_organization_that_is_gone(
    database: Database, people: People, kept: tuple[Head, ...]
) -> None:
    gone = replace(kept[0], organization_id=new_id())
    said = f"{gone.organization_id}: there is no such organization"
    assert await found(database, gone) == [said]


async def test_looks_at_the_organization_that_is_asked_for(
    database: Database, people: People, kept: tuple[Head, ...]
) -> None:
    (last,) = await lines(database, people.mallory.organization_id)
    assert json.loads(last)["linked"] == 1


async def test_a_kept_line_is_read_again(kept: tuple[Head, ...]) -> None:
    assert [read_line(head.line) for head in kept] == list(kept)
    for nonsense in ("[]", "{}", "nothing", '{"seq": 1}'):
        with pytest.raises(ValueError, match="not a head"):
            read_line(nonsense)
