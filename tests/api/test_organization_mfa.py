"""An organization that asks its members for a second factor."""

import pytest
from httpx import Response
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.organization import Organization
from app.models.user import User
from tests.api.authenticating import MoveClock, begin, confirm, said
from tests.conftest import Client
from tests.personae import People, Persona
from tests.tenancy.routes import endpoints

ORGANIZATION = "/api/v1/organization"
GUARDED = [
    one
    for one in endpoints()
    if one.permission is not None and not one.path.startswith("/api/v1/auth/")
]


async def have_mfa(database: Database, *people: Persona) -> None:
    ids = [one.user_id for one in people]
    async with database.unit_of_work(Login.OWNER) as session:
        statement = update(User).where(User.id.in_(ids))
        await session.execute(statement.values(mfa_enabled_at=func.app_now()))


async def require(client: Client, persona: Persona, *, wanted: bool = True) -> Response:
    return await client(persona).patch(ORGANIZATION, json={"mfa_required": wanted})


@pytest.fixture
async def strict(client: Client, database: Database, people: People) -> People:
    """Alice has a second factor and has asked all others for one."""
    await have_mfa(database, people.alice)
    assert (await require(client, people.alice)).status_code == 200
    return people


async def test_the_owner_asks_for_it_and_no_longer(
    client: Client, strict: People, owner: AsyncSession
) -> None:
    answer = await client(strict.alice).get(ORGANIZATION)
    assert answer.json()["mfa_required"] is True
    refused = await client(strict.olga).get(ORGANIZATION)
    assert said(refused) == (403, "mfa-enrolment-required")
    answer = await require(client, strict.alice, wanted=False)
    assert answer.json()["mfa_required"] is False
    assert (await client(strict.olga).get(ORGANIZATION)).status_code == 200
    told = select(AuditEvent.detail).where(AuditEvent.action == "organization.change")
    assert list(await owner.scalars(told.order_by(AuditEvent.id))) == [
        {"before": {"mfa_required": not wanted}, "after": {"mfa_required": wanted}}
        for wanted in (True, False)
    ]


async def test_only_the_owner_may(client: Client, people: People) -> None:
    for persona in people.colleagues[1:]:
        assert said(await require(client, persona)) == (403, "forbidden")


async def test_who_asks_for_it_has_it(
    client: Client, people: People, owner: AsyncSession
) -> None:
    refused = await require(client, people.alice)
    assert said(refused) == (403, "mfa-enrolment-required")
    assert not any(await owner.scalars(select(Organization.mfa_required)))


async def test_without_one_nothing_but_ones_own_account_is_reached(
    client: Client, strict: People
) -> None:
    olga = client(strict.olga)
    for endpoint in GUARDED:
        ids = dict.fromkeys(endpoint.nouns, strict.olga.user_id)
        answer = await olga.request(
            endpoint.method, endpoint.url(ids), json=endpoint.body
        )
        assert said(answer) == (403, "mfa-enrolment-required"), str(endpoint)
    for path in ("me", "mfa", "sessions"):
        assert (await olga.get(f"/api/v1/auth/{path}")).status_code == 200


async def test_who_sets_one_up_is_let_in_without_signing_in_again(
    client: Client, strict: People, move_clock: MoveClock
) -> None:
    olga, token = client(strict.olga), strict.olga.token
    assert said(await olga.get(ORGANIZATION)) == (403, "mfa-enrolment-required")
    app = await begin(olga, token, move_clock)
    assert said(await olga.get(ORGANIZATION)) == (403, "mfa-enrolment-required")
    assert (await confirm(olga, token, app.code())).status_code == 200
    assert (await olga.get(ORGANIZATION)).status_code == 200
    assert (await olga.delete("/api/v1/auth/mfa/totp")).status_code == 204
    assert said(await olga.get(ORGANIZATION)) == (403, "mfa-enrolment-required")


async def test_what_one_organization_asks_for_concerns_no_other(
    client: Client, strict: People
) -> None:
    assert (await client(strict.mallory).get(ORGANIZATION)).status_code == 200


async def test_the_owner_renames_it(client: Client, people: People) -> None:
    alice = client(people.alice)
    read = await alice.get(ORGANIZATION)
    seen = {"If-Match": read.headers["ETag"]}
    answer = await alice.patch(ORGANIZATION, json={"name": "Ajax"}, headers=seen)
    assert (answer.status_code, answer.json()["name"]) == (200, "Ajax")
    assert answer.json()["mfa_required"] is False
    late = await alice.patch(ORGANIZATION, json={"name": "Apex"}, headers=seen)
    assert late.status_code == 412
