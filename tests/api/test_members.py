"""Who belongs to an organization, and who may say so."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.permissions import Role
from app.models.audit import AuditEvent
from app.models.organization import Member, Organization
from app.models.user import User
from app.services import memberships, registration
from tests.api.signing import field_of, me
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.personae import People, Persona

MEMBERS = "/api/v1/members"
LEAVE = "/api/v1/auth/leave"
ORGANIZATIONS = "/api/v1/auth/organizations"
TRANSFER = "/api/v1/organization/transfer"


async def listed(client: Client, persona: Persona) -> dict[str, Any]:
    """By the local part of the address."""
    answer = await client(persona).get(MEMBERS)
    assert answer.status_code == 200, answer.text
    return {one["email"].partition("@")[0]: one for one in answer.json()["items"]}


async def id_of(client: Client, people: People, name: str) -> str:
    return str((await listed(client, people.alice))[name]["id"])


async def may_still(client: Client, persona: Persona) -> int:
    return (await client(persona).get("/api/v1/auth/me")).status_code


async def test_the_members_are_shown_with_what_they_are(
    client: Client, people: People
) -> None:
    shown = await listed(client, people.victor)
    assert {name: one["role"] for name, one in shown.items()} == {
        "alice": "owner",
        "adam": "admin",
        "olga": "member",
        "victor": "viewer",
        "clara": "member",
    }
    assert shown["clara"]["label_scope"] == {"client": ["north"]}
    assert shown["olga"]["user_id"] == str(people.olga.user_id)


async def test_who_is_limited_to_some_accounts_sees_itself_alone(
    client: Client, people: People
) -> None:
    assert set(await listed(client, people.clara)) == {"clara"}


async def test_a_change_acts_on_the_next_request(
    client: Client, people: People, owner: AsyncSession
) -> None:
    olga = f"{MEMBERS}/{await id_of(client, people, 'olga')}"
    wanted = {"role": "viewer", "label_scope": {"client": ["north", "south"]}}
    answer = await client(people.adam).patch(olga, json=wanted)
    assert answer.status_code == 200, answer.text
    assert wanted.items() <= answer.json().items()
    me = (await client(people.olga).get("/api/v1/auth/me")).json()
    assert (me["role"], me["label_scope"]) == ("viewer", wanted["label_scope"])
    detail = await owner.scalar(
        select(AuditEvent.detail).where(AuditEvent.action == "member.change")
    )
    assert detail == {"before": {"role": "member", "label_scope": None}} | {
        "after": wanted
    }


async def test_what_is_absent_stays_and_null_lifts_a_limit(
    client: Client, people: People
) -> None:
    clara = f"{MEMBERS}/{await id_of(client, people, 'clara')}"
    answer = await client(people.alice).patch(clara, json={"role": "viewer"})
    assert answer.json()["label_scope"] == {"client": ["north"]}
    answer = await client(people.alice).patch(clara, json={"label_scope": None})
    assert (answer.json()["role"], answer.json()["label_scope"]) == ("viewer", None)


async def test_a_membership_with_an_end_ends(
    client: Client, people: People, move_clock: Callable[[str], Awaitable[None]]
) -> None:
    olga = f"{MEMBERS}/{await id_of(client, people, 'olga')}"
    alice = client(people.alice)
    past = await alice.patch(olga, json={"expires_at": "2020-01-01T00:00:00Z"})
    assert field_of(past) == (422, "/expires_at", "past")
    tomorrow = now() + timedelta(hours=12)
    answer = await alice.patch(olga, json={"expires_at": tomorrow.isoformat()})
    assert answer.status_code == 200
    assert await may_still(client, people.olga) == 200
    await move_clock("13 hours")
    assert await may_still(client, people.olga) == 401
    assert "olga" not in await listed(client, people.alice)


async def test_an_owner_has_no_limits(client: Client, people: People) -> None:
    clara = f"{MEMBERS}/{await id_of(client, people, 'clara')}"
    wanted = {"role": "owner", "expires_at": "2100-01-01T00:00:00Z"}
    answer = await client(people.alice).patch(clara, json=wanted)
    assert answer.status_code == 422
    assert {(e["pointer"], e["code"]) for e in answer.json()["errors"]} == {
        ("/label_scope", "owner"),
        ("/expires_at", "owner"),
    }
    assert (await listed(client, people.alice))["clara"]["role"] == "member"


async def test_nobody_gives_or_takes_more_than_they_have(
    client: Client, people: People
) -> None:
    ids = await listed(client, people.alice)
    alice, olga = (f"{MEMBERS}/{ids[name]['id']}" for name in ("alice", "olga"))
    adam = client(people.adam)
    for answer in (
        await adam.patch(alice, json={"role": "viewer"}),
        await adam.delete(alice),
        await adam.patch(olga, json={"role": "owner"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await listed(client, people.alice))["olga"]["role"] == "member"


async def test_nobody_changes_or_removes_themselves(
    client: Client, people: People
) -> None:
    own = f"{MEMBERS}/{await id_of(client, people, 'adam')}"
    adam = client(people.adam)
    assert (await adam.patch(own, json={"role": "viewer"})).status_code == 409
    assert (await adam.delete(own)).status_code == 409


async def test_an_admin_with_a_limit_manages_nobody(
    client: Client, people: People, owner: AsyncSession
) -> None:
    """What it gave would reach beyond its own accounts."""
    olga = f"{MEMBERS}/{await id_of(client, people, 'olga')}"
    limited = update(Member).where(Member.user_id == people.adam.user_id)
    await owner.execute(limited.values(label_scope={"client": ["north"]}))
    await owner.commit()
    for answer in (
        await client(people.adam).patch(olga, json={"role": "viewer"}),
        await client(people.adam).delete(olga),
    ):
        assert answer.status_code == 403


async def test_who_is_removed_is_refused_at_once(
    client: Client, people: People, owner: AsyncSession
) -> None:
    olga = f"{MEMBERS}/{await id_of(client, people, 'olga')}"
    assert await may_still(client, people.olga) == 200
    assert (await client(people.adam).delete(olga)).status_code == 204
    assert await may_still(client, people.olga) == 401
    assert "olga" not in await listed(client, people.alice)
    assert (await client(people.adam).delete(olga)).status_code == 404
    told = select(AuditEvent.actor).where(AuditEvent.action == "member.remove")
    assert await owner.scalar(told) == f"user:{people.adam.user_id}"


async def test_everybody_may_leave(client: Client, people: People) -> None:
    for persona in (people.adam, people.olga, people.victor, people.clara):
        assert (await client(persona).post(LEAVE)).status_code == 204
        assert await may_still(client, persona) == 401
    assert set(await listed(client, people.alice)) == {"alice"}


async def test_the_last_owner_cannot_leave(client: Client, people: People) -> None:
    answer = await client(people.alice).post(LEAVE)
    assert (answer.status_code, answer.json()["code"]) == (409, "last-owner")
    adam = f"{MEMBERS}/{await id_of(client, people, 'adam')}"
    await client(people.alice).patch(adam, json={"role": "owner"})
    assert (await client(people.alice).post(LEAVE)).status_code == 204


async def test_of_two_owners_who_leave_together_one_stays(
    client: Client, people: People, owner: AsyncSession
) -> None:
    adam = f"{MEMBERS}/{await id_of(client, people, 'adam')}"
    await client(people.alice).patch(adam, json={"role": "owner"})
    answers = await asyncio.gather(
        *(client(one).post(LEAVE) for one in (people.alice, people.adam))
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    left = select(Member.id).where(
        Member.organization_id == people.alice.organization_id,
        Member.role == Role.OWNER,
        Member.removed_at.is_(None),
    )
    assert len((await owner.scalars(left)).all()) == 1


async def test_of_two_owners_who_unseat_each_other_one_succeeds(
    client: Client, people: People
) -> None:
    ids = await listed(client, people.alice)
    alice, adam = (f"{MEMBERS}/{ids[name]['id']}" for name in ("alice", "adam"))
    await client(people.alice).patch(adam, json={"role": "owner"})
    answers = await asyncio.gather(
        client(people.alice).patch(adam, json={"role": "viewer"}),
        client(people.adam).patch(alice, json={"role": "viewer"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403]


@pytest.mark.parametrize(
    "becomes",
    [{"role": Role.VIEWER}, {"removed_at": func.app_now()}],
    ids=["demoted", "removed"],
)
async def test_who_is_unseated_while_it_waits_manages_nobody(
    becomes: dict[str, Any], client: Client, people: People, database: Database
) -> None:
    """The role is looked at again under the lock, whatever it was before."""
    adam = await id_of(client, people, "adam")
    olga = f"{MEMBERS}/{await id_of(client, people, 'olga')}"
    async with database.unit_of_work(Login.OWNER) as session:
        await memberships.lock(session, people.alice.organization_id)
        waiting = asyncio.create_task(
            client(people.adam).patch(olga, json={"role": "member"})
        )
        await until_it_waits(database, waiting)
        unseated = update(Member).where(Member.id == UUID(adam))
        await session.execute(unseated.values(becomes))
    assert (await waiting).status_code == 403


async def test_the_members_of_one_organization_alone_are_held_and_found(
    people: People, database: Database
) -> None:
    """By the conditions alone: the owner's login sees every tenant."""
    here, there = people.alice.organization_id, people.mallory.organization_id
    others = select(Organization.id).where(Organization.id == there)
    async with database.unit_of_work(Login.OWNER) as session:
        session.add(
            Member(
                organization_id=there, user_id=people.alice.user_id, role=Role.VIEWER
            )
        )
    async with database.unit_of_work(Login.OWNER) as session:
        await memberships.lock(session, here)
        found = await memberships.find(
            session, here, Member.user_id == people.alice.user_id
        )
        assert found is not None
        assert found.role is Role.OWNER
        async with database.unit_of_work(Login.OWNER) as another:
            free = await another.scalar(others.with_for_update(nowait=True))
            assert free == there


async def test_an_organization_is_handed_over(
    client: Client, people: People, owner: AsyncSession
) -> None:
    olga = await id_of(client, people, "olga")
    answer = await client(people.alice).post(TRANSFER, json={"member_id": olga})
    assert answer.status_code == 204, answer.text
    shown = await listed(client, people.adam)
    assert (shown["olga"]["role"], shown["alice"]["role"]) == ("owner", "admin")
    told = select(AuditEvent.actor).where(AuditEvent.action == "organization.transfer")
    assert await owner.scalar(told) == f"user:{people.alice.user_id}"


async def test_it_is_handed_over_to_another_without_limits(
    client: Client, people: People
) -> None:
    for name, code in (("alice", "oneself"), ("clara", "limited")):
        wanted = {"member_id": await id_of(client, people, name)}
        answer = await client(people.alice).post(TRANSFER, json=wanted)
        assert field_of(answer) == (422, "/member_id", code)


# ── several organizations ────────────────────────────────────────────────────────


async def test_a_further_organization_is_made_and_switched_to(
    client: Client, people: People, owner: AsyncSession
) -> None:
    olga = client(people.olga)
    made = await olga.post(ORGANIZATIONS, json={"name": "Olga Labs"})
    assert made.status_code == 201, made.text
    choice = {"organization_id": made.json()["id"]}
    token = (await olga.post("/api/v1/auth/switch", json=choice)).json()["access_token"]
    there = (await me(client(None), token)).json()
    assert (there["role"], there["organization"]["name"]) == ("owner", "Olga Labs")
    here = (await olga.get("/api/v1/auth/me")).json()
    assert here["organization"]["id"] == str(people.olga.organization_id)
    told = select(AuditEvent.organization_id).where(
        AuditEvent.action == "organization.register"
    )
    assert str(await owner.scalar(told)) == made.json()["id"]
    ids = (await owner.scalars(select(Organization.aws_external_id))).all()
    assert len(ids) == len(set(ids))


async def test_asked_for_twice_it_is_made_once(
    client: Client, people: People, owner: AsyncSession
) -> None:
    olga = client(people.olga)
    answers = await asyncio.gather(
        *(olga.post(ORGANIZATIONS, json={"name": "Olga Labs"}) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    made = select(Organization.id).where(Organization.name == "Olga Labs")
    assert len((await owner.scalars(made)).all()) == 1


async def test_two_editors_do_not_overwrite_each_other(
    client: Client, people: People
) -> None:
    olga = f"{MEMBERS}/{await id_of(client, people, 'olga')}"
    alice, adam = client(people.alice), client(people.adam)
    seen = {"If-Match": (await alice.get(olga)).headers["ETag"]}
    first = await alice.patch(olga, json={"role": "viewer"}, headers=seen)
    assert first.status_code == 200
    second = await adam.patch(olga, json={"role": "admin"}, headers=seen)
    assert (second.status_code, second.json()["code"]) == (412, "stale-version")
    assert (await alice.get(olga)).json()["role"] == "viewer"


async def test_who_is_limited_reads_no_colleague(
    client: Client, people: People
) -> None:
    ids = await listed(client, people.alice)
    clara = client(people.clara)
    assert (await clara.get(f"{MEMBERS}/{ids['clara']['id']}")).status_code == 200
    assert (await clara.get(f"{MEMBERS}/{ids['olga']['id']}")).status_code == 404


async def test_nobody_owns_organizations_without_end(
    client: Client, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registration, "MOST_OWNED", 1)
    olga = client(people.olga)
    assert (await olga.post(ORGANIZATIONS, json={"name": "A"})).status_code == 201
    assert (await olga.post(ORGANIZATIONS, json={"name": "B"})).status_code == 429


async def test_who_has_not_verified_its_address_makes_none(
    client: Client, people: People, owner: AsyncSession
) -> None:
    olga = update(User).where(User.id == people.olga.user_id)
    await owner.execute(olga.values(email_verified_at=None))
    await owner.commit()
    answer = await client(people.olga).post(ORGANIZATIONS, json={"name": "A"})
    assert (answer.status_code, answer.json()["code"]) == (403, "email-not-verified")
