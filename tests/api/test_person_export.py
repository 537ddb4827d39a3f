"""A person takes what is kept about itself, and nothing of anybody else."""

import json
from typing import Any

from sqlalchemy import LargeBinary, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.permissions import Role
from app.models import Base
from app.models.audit import AuditEvent
from app.models.organization import Member
from app.services.person_export import HELD_BACK, OWN
from tests.api.authenticating import MoveClock, ask, enrol
from tests.api.signing import register
from tests.conftest import Client
from tests.personae import People, make_key, make_organization

EXPORT = "/api/v1/auth/me/export"
OF_ORGANIZATION = {"members", "api_keys", "audit_events"}


def test_every_table_that_names_a_person_is_in_it_or_said_to_be_held_back() -> None:
    naming = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "users"
    }
    told = {whose.table.name for whose in OWN} | OF_ORGANIZATION
    assert naming <= told | HELD_BACK.keys()
    assert not told & HELD_BACK.keys()


async def test_it_has_what_is_ones_own_and_no_secret(
    client: Client, move_clock: MoveClock
) -> None:
    await register(client(None), "bert@example.com")
    rita = await enrol(client(None), move_clock)
    answer = await rita.ask("GET", "/auth/me/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told = json.loads(answer.text)
    assert told["complete"] is True
    assert told["held_back"] == HELD_BACK
    person = told["person"]
    assert set(person) == {"users"} | {whose.table.name for whose in OWN}
    assert [one["email"] for one in person["users"]] == ["rita@example.com"]
    for name in ("user_sessions", "email_tokens", "authenticators", "recovery_codes"):
        assert person[name], name
    assert "bert@example.com" not in answer.text
    for name, rows in person.items():
        secret = {
            column.name
            for column in Base.metadata.tables[name].columns
            if isinstance(column.type, LargeBinary)
        } | {"password_hash"}
        assert all(secret.isdisjoint(row) for row in rows)


async def test_it_tells_of_every_organization_what_it_keeps_about_oneself(
    client: Client, database: Database, people: People, owner: AsyncSession
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        other = await make_organization(session, "Another")
        session.add(
            Member(
                organization_id=other, user_id=people.victor.user_id, role=Role.VIEWER
            )
        )
        await make_key(session, people.alice)
    for persona in (people.victor, people.alice):
        answer = await client(persona).get(EXPORT)
        assert answer.status_code == 200, answer.text
        of: dict[str, Any] = json.loads(answer.text)["organizations"]
        homes = {str(persona.organization_id)}
        assert set(of) == homes | ({str(other)} if persona is people.victor else set())
        for parts in of.values():
            assert set(parts) == OF_ORGANIZATION
            (member,) = parts["members"]
            assert member["user_id"] == str(persona.user_id)
            keys = {one["name"] for one in parts["api_keys"]}
            assert keys == ({"a key of alice"} if persona is people.alice else set())
        (event,) = of[str(persona.organization_id)]["audit_events"]
        assert (event["action"], "detail" in event) == ("user.export", False)
    told = await owner.scalars(
        select(AuditEvent.actor).where(AuditEvent.action == "user.export")
    )
    assert set(told) == {f"user:{one.user_id}" for one in (people.victor, people.alice)}


async def test_no_key_and_no_old_proof_gets_it(
    client: Client, database: Database, people: People, move_clock: MoveClock
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        key = await make_key(session, people.alice)
    assert (await client(key).get(EXPORT)).status_code == 403
    made = await register(client(None))
    await move_clock("16 minutes")
    late = await ask(client(None), made["access_token"], "GET", "/auth/me/export")
    assert late.status_code in {401, 403}
    assert late.json()["code"] == "step-up-required"
