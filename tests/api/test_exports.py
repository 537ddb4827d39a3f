"""Exports: everything, in bounded pieces, without formulas, and never half a file that
looks whole."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.permissions import Role
from app.models.audit import AuditEvent
from app.models.inventory import Resource
from app.services import exports
from app.services.exports import Export, Row
from tests.builders import make_account, make_task
from tests.conftest import Client
from tests.personae import People
from tests.services.reading import Reader, instance, judged, make_reader

HOSTILE = [
    '=HYPERLINK("http://evil")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\uff1d1",
    'quote " and, comma',
    "line\nbreak\r\n",
    "\x1b[31mred",
    "'already",
    "x" * 100_000,
]


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    return await make_reader(database, people.alice, labels={"client": "south"})


async def file(client: Client, persona: Any, path: str, **params: str) -> str:
    answer = await client(persona).get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return answer.text


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_hostile_texts_come_back_whole_and_are_no_formulas(
    client: Client, people: People, reader: Reader
) -> None:
    execution, _ = await reader.list(
        *(instance(f"i-{n:02}", name=one, Text=one) for n, one in enumerate(HOSTILE))
    )
    path = f"/executions/{execution.id}/export"
    rows = sorted(table(await file(client, people.alice, path)), key=_identity)
    for row, name in zip(rows, HOSTILE, strict=True):
        assert row["name"] in {name, f"'{name}"}
        assert not row["name"].startswith(("=", "+", "-", "@", "\t", "\uff1d"))
    body = json.loads(await file(client, people.alice, path, format="json"))
    items = sorted(body["items"], key=_identity)
    assert [item["document"]["Text"] for item in items] == HOSTILE
    assert (body["count"], body["complete"]) == (len(HOSTILE), True)


def _identity(row: dict[str, Any]) -> str:
    identity: str = row["identity"]
    return identity


async def test_findings_come_with_their_reason_and_tier(
    client: Client, people: People, reader: Reader
) -> None:
    execution, _ = await reader.check(
        judged("i-1"), judged("i-2", "unhealthy", "Bad.", status="impaired")
    )
    path = f"/executions/{execution.id}/export"
    rows = table(await file(client, people.alice, path, of="findings"))
    assert [(row["identity"], row["verdict"], row["tier"]) for row in rows] == [
        ("i-1", "healthy", "curated"),
        ("i-2", "unhealthy", "curated"),
    ]
    assert rows[1]["reason"] == "Bad."
    assert json.loads(rows[1]["facts"]) == {"status": "impaired"}


async def test_the_inventory_goes_out_as_it_is_filtered(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.list(*(instance(f"i-{n}", name=f"web-{n}") for n in range(5)))
    everything = table(await file(client, people.alice, "/resources/export"))
    assert [row["identity"] for row in everything] == [f"i-{n}" for n in range(5)]
    one = table(await file(client, people.alice, "/resources/export", q="web-3"))
    assert [row["identity"] for row in one] == ["i-3"]


async def test_more_than_one_piece_is_still_one_file(
    client: Client, people: People, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 2)
    await reader.list(*(instance(f"i-{n}") for n in range(5)))
    for format in ("csv", "json"):
        text = await file(client, people.alice, "/resources/export", format=format)
        rows = table(text) if format == "csv" else json.loads(text)["items"]
        assert [row["identity"] for row in rows] == [f"i-{n}" for n in range(5)]


async def test_an_empty_export_is_whole_too(
    client: Client, people: People, reader: Reader
) -> None:
    execution, _ = await reader.list()
    path = f"/executions/{execution.id}/export"
    assert table(await file(client, people.alice, path)) == []
    body = json.loads(await file(client, people.alice, path, format="json"))
    assert body == {"items": [], "count": 0, "complete": True}


async def test_what_breaks_off_is_an_error_and_no_whole_file(
    people: People, database: Database, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 1)
    await reader.list(*(instance(f"i-{n}") for n in range(3)))
    seen: list[Any] = []

    async def rows(_session: AsyncSession, found: Sequence[Any]) -> list[Row]:
        seen.extend(found)
        if len(seen) == 3:
            raise ConnectionError("the database went away")
        return [{"identity": one} for one in found]

    every = select(Resource.identity).order_by(Resource.id)
    export = Export("resources", every, rows, ("identity",))
    actor = Actor(
        user_id=people.alice.user_id,
        organization_id=people.alice.organization_id,
        session_id=new_id(),
        role=Role.OWNER,
    )
    pieces: list[str] = []

    async def take() -> None:
        async for piece in exports.stream(database, actor, export, "json"):
            pieces.append(piece)  # noqa: PERF401 — what came before the error counts

    with pytest.raises(ConnectionError):
        await take()
    assert len(pieces) == 3
    with pytest.raises(json.JSONDecodeError):
        json.loads("".join(pieces))


async def test_members_export_what_they_see_and_no_more(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    seen = await make_reader(
        database, people.alice, account_id="222222222222", labels={"client": "north"}
    )
    await reader.list(instance("i-hidden"))
    await seen.list(instance("i-seen"))
    rows = table(await file(client, people.clara, "/resources/export"))
    assert [row["identity"] for row in rows] == ["i-seen"]
    assert table(await file(client, people.mallory, "/resources/export")) == []


async def test_an_export_is_in_the_audit_log(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    execution, _ = await reader.list(instance("i-1"))
    await file(client, people.alice, "/resources/export")
    await file(client, people.alice, f"/executions/{execution.id}/export")
    async with database.unit_of_work(Login.OWNER) as session:
        actions = set(await session.scalars(select(AuditEvent.action)))
    assert {"inventory.export", "execution.export"} <= actions


async def test_executions_go_out_as_the_list_has_them(
    client: Client, people: People, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 2)
    for n in range(5):
        await reader.list(instance(f"i-{n}"))
    listed = await client(people.alice).get("/api/v1/executions")
    said = json.loads(
        await file(client, people.alice, "/executions/export", format="json")
    )
    assert said["items"] == listed.json()["items"]
    assert (said["count"], said["complete"]) == (5, True)
    rows = table(await file(client, people.victor, "/executions/export"))
    assert [row["id"] for row in rows] == [one["id"] for one in said["items"]]
    assert list(rows[0]) == list(said["items"][0])
    task, *_ = {row["task_id"] for row in rows}
    for narrowed, count in (({"task_id": task}, 5), ({"status": "failed"}, 0)):
        path = "/executions/export"
        assert len(table(await file(client, people.alice, path, **narrowed))) == count
    nonsense = {"status": "nonsense"}
    refused = await client(people.alice).get("/api/v1" + path, params=nonsense)
    assert refused.status_code == 422


async def test_tasks_go_out_with_their_definitions_and_without_formulas(
    client: Client, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_ONCE", 2)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, people.alice.organization_id)
        for name in ("=1+1", "-2", "nightly", "of the day", "gone"):
            of = people.alice.organization_id
            task = await make_task(session, of, accounts=(account,), name=name)
        task.deleted_at, task.enabled = task.created_at, False
    listed = await client(people.alice).get("/api/v1/tasks")
    said = json.loads(await file(client, people.alice, "/tasks/export", format="json"))
    assert said["items"] == listed.json()["items"]
    rows = table(await file(client, people.victor, "/tasks/export"))
    assert [row["name"] for row in rows] == ["of the day", "nightly", "'-2", "'=1+1"]
    assert json.loads(rows[0]["schedule"]) == said["items"][0]["schedule"]
    assert len(table(await file(client, people.alice, "/tasks/export", q="night"))) == 1
    off = table(await file(client, people.alice, "/tasks/export", enabled="false"))
    assert off == []
    assert table(await file(client, people.mallory, "/tasks/export")) == []


async def test_members_export_the_executions_and_tasks_that_they_see(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    seen = await make_reader(
        database, people.alice, account_id="222222222222", labels={"client": "north"}
    )
    await reader.list(instance("i-hidden"))
    await seen.list(instance("i-seen"))
    for path in ("/executions/export", "/tasks/export"):
        hers = table(await file(client, people.clara, path))
        listed = await client(people.clara).get(f"/api/v1{path[:-7]}")
        assert {row["id"] for row in hers} == {
            one["id"] for one in listed.json()["items"]
        }
        everything = table(await file(client, people.alice, path))
        assert len(everything) > len(hers)


async def test_files_of_lists_are_in_the_audit_log(
    client: Client, people: People, database: Database
) -> None:
    for path in ("/executions/export", "/tasks/export"):
        assert table(await file(client, people.alice, path)) == []
    async with database.unit_of_work(Login.OWNER) as session:
        actions = set(await session.scalars(select(AuditEvent.action)))
    assert {"executions.export", "tasks.export"} <= actions
