"""Reading the audit log: who may, by which filters, and what of the act itself is in
it."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.audit import AuditEvent
from app.models.organization import Member
from app.services import audit
from tests.builders import make_task
from tests.conftest import Client
from tests.personae import People, Persona
from tests.services.chained import heads, record, seal, take_heads

LOG = "/api/v1/audit-log"


async def read(client: Client, persona: Persona, **query: Any) -> list[dict[str, Any]]:
    answer = await client(persona).get(LOG, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def actions(items: Sequence[dict[str, Any]]) -> list[str]:
    return [item["action"] for item in items]


async def test_shows_an_act_with_its_origin_and_its_place(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(session, people.alice.organization_id)
    browser = client(people.alice)
    headers = {"User-Agent": "Firefox " * 100, "X-Request-Id": "a-request-of-mine"}
    await browser.patch(
        f"/api/v1/tasks/{task.id}", json={"enabled": False}, headers=headers
    )
    (event,) = await read(client, people.alice)
    assert (event["actor"], event["action"]) == (
        f"user:{people.alice.user_id}",
        "task.disable",
    )
    assert (event["subject_type"], event["subject_id"]) == ("task", str(task.id))
    assert (event["address"], event["request_id"]) == ("127.0.0.1", "a-request-of-mine")
    assert event["user_agent"].endswith("…")
    assert (event["seq"], event["hash"]) == (None, None)
    await seal(database)
    await take_heads(database)
    (sealed,) = await read(client, people.alice)
    (head,) = await heads(database)
    assert (sealed["seq"], sealed["hash"]) == (1, head.hash.hex())
    (told,) = (await client(people.alice).get(f"{LOG}/heads")).json()["items"]
    assert (told["seq"], told["hash"], told["day"]) == (
        1,
        head.hash.hex(),
        str(head.day),
    )


async def test_owners_and_admins_read_it_and_nobody_else(
    client: Client, people: People, database: Database
) -> None:
    await record(database, people.alice, "task.create")
    for path in (LOG, f"{LOG}/export", f"{LOG}/heads"):
        for persona, status in (
            (people.alice, 200),
            (people.adam, 200),
            (people.olga, 403),
            (people.victor, 403),
            (people.clara, 403),
        ):
            assert (await client(persona).get(path)).status_code == status


async def test_an_admin_who_is_limited_to_some_accounts_does_not_get_it(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(Member)
            .where(Member.user_id == people.adam.user_id)
            .values(label_scope={"client": ["north"]})
        )
    answer = await client(people.adam).get(LOG)
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "Who is limited to some accounts lacks audit.read.",
    )
    me = (await client(people.adam).get("/api/v1/auth/me")).json()
    assert "audit.read" not in me["permissions"]
    me = (await client(people.alice).get("/api/v1/auth/me")).json()
    assert "audit.read" in me["permissions"]


async def test_another_organizations_acts_are_not_in_it(
    client: Client, people: People, database: Database
) -> None:
    await record(database, people.alice, "task.create")
    await record(database, people.mallory, "task.delete")
    assert actions(await read(client, people.alice)) == ["task.create"]
    assert actions(await read(client, people.mallory)) == ["task.delete"]


async def test_filters_by_all_that_it_knows(
    client: Client, people: People, database: Database
) -> None:
    await record(database, people.alice, "task.create")
    await record(database, people.adam, "task.edit", "task.delete")
    wanted = new_id()
    async with database.unit_of_work(
        Login.APP, organization_id=people.alice.organization_id
    ) as session:
        await audit.record(
            session,
            organization_id=people.alice.organization_id,
            actor="system",
            action="task.disabled",
            subject_type="run",
            subject_id=wanted,
        )
    async with database.unit_of_work(Login.OWNER) as session:
        found = await session.scalars(select(AuditEvent.at).order_by(AuditEvent.at))
        first, second, third, fourth = (at.isoformat() for at in found)
    adam = f"user:{people.adam.user_id}"
    for query, expected in (
        ({}, ["task.disabled", "task.delete", "task.edit", "task.create"]),
        ({"actor": adam}, ["task.delete", "task.edit"]),
        ({"action": "task.create"}, ["task.create"]),
        ({"subject_type": "run"}, ["task.disabled"]),
        ({"subject_id": wanted}, ["task.disabled"]),
        ({"from": third}, ["task.disabled", "task.delete"]),
        ({"to": second}, ["task.create"]),
        ({"from": second, "to": fourth, "actor": adam}, ["task.delete", "task.edit"]),
        ({"actor": "%"}, []),
    ):
        assert actions(await read(client, people.alice, **query)) == expected, query
    assert first


async def test_goes_from_page_to_page(
    client: Client, people: People, database: Database
) -> None:
    await record(database, people.alice, *(f"act.{number}" for number in range(5)))
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = (await client(people.alice).get(LOG, params=query)).json()
        seen += actions(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"act.{number}" for number in (4, 3, 2, 1, 0)]


async def test_an_export_is_neutral_to_spreadsheets_and_is_itself_in_the_log(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(
        Login.APP, organization_id=people.alice.organization_id
    ) as session:
        await audit.record(
            session,
            organization_id=people.alice.organization_id,
            actor="=HYPERLINK(1)",
            action="task.create",
            subject_type="task",
            detail={"name": "Zoë"},
        )
    answer = await client(people.alice).get(f"{LOG}/export")
    assert 'filename="audit-log.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["action"] for row in rows] == ["task.create", "audit_log.export"]
    assert rows[0]["actor"] == "'=HYPERLINK(1)"
    assert json.loads(rows[0]["detail"]) == {"name": "Zoë"}
    query = {"format": "json", "action": "audit_log.export"}
    whole = (await client(people.alice).get(f"{LOG}/export", params=query)).json()
    assert whole["complete"] is True
    formats = [row["detail"]["format"] for row in whole["items"]]
    assert formats == ["csv", "json"], "the oldest first"


@pytest.mark.parametrize(
    "query", [{"from": "yesterday"}, {"subject_id": "1"}, {"cursor": "nonsense"}]
)
async def test_refuses_a_filter_that_it_does_not_understand(
    query: dict[str, str], client: Client, people: People
) -> None:
    answer = await client(people.alice).get(LOG, params=query)
    assert answer.status_code == 422
