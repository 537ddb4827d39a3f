"""An organization takes all that it has with it, and nobody's secrets."""

import json
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.services.organization_export import HELD_BACK
from tests.conftest import Client
from tests.personae import People
from tests.tenancy.world import Holdings, fill, tenant_tables

EXPORT = "/api/v1/organization/export"


@pytest.fixture
async def exported(client: Client, people: People, database: Database) -> Any:
    """What Alice gets, where she and Mallory have a row in every table."""
    of_both = (
        (people.mallory, "QZMALLORY", "333333333333"),
        (people.alice, "QZALICE", "123456789012"),
    )
    for persona, mark, account_id in of_both:
        of = (persona.organization_id, persona.user_id)
        holdings = Holdings(mark, "north", account_id, *of)
        async with database.unit_of_work(Login.OWNER) as session:
            await fill(session, holdings)
    answer = await client(people.alice).get(EXPORT)
    assert answer.status_code == 200, answer.text
    assert "QZALICE" in answer.text
    assert "QZMALLORY" not in answer.text
    assert "mallory@example.com" not in answer.text
    return json.loads(answer.text)


async def test_every_table_is_in_it_or_said_to_be_held_back(exported: Any) -> None:
    names = {table.name for table in tenant_tables()}
    assert exported["complete"] is True
    assert exported["held_back"] == HELD_BACK
    assert HELD_BACK.keys() <= names
    assert set(exported["tables"]) == (names - HELD_BACK.keys()) | {
        "organizations",
        "users",
    }
    assert all(exported["tables"].values())


async def test_hashes_and_ciphertexts_are_not_in_it(exported: Any) -> None:
    for table in tenant_tables():
        secret = {
            column.name
            for column in table.columns
            if isinstance(column.type, LargeBinary)
        } | {"secret_envelope"}
        for row in exported["tables"].get(table.name, ()):
            assert secret.isdisjoint(row)
    users = exported["tables"]["users"]
    assert {tuple(sorted(user)) for user in users} == {("email", "id", "name")}


async def test_every_row_is_in_it(
    exported: Any, people: People, owner: AsyncSession
) -> None:
    members = exported["tables"]["members"]
    assert len(members) == len(people.colleagues)
    emails = {user["email"] for user in exported["tables"]["users"]}
    assert emails == {f"{one.name}@example.com" for one in people.colleagues}
    told = select(AuditEvent.actor).where(AuditEvent.action == "organization.export")
    assert await owner.scalar(told) == f"user:{people.alice.user_id}"


async def test_only_an_owner_gets_it(client: Client, people: People) -> None:
    assert (await client(people.adam).get(EXPORT)).status_code == 403
