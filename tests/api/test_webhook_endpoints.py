"""Webhook endpoints over HTTP: added with a secret of ours, changed, deleted."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import LocalKeys
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.notification import ChannelSecret, WebhookEndpoint
from app.models.outbox import OutboxMessage
from app.models.user import User
from app.services import webhook_endpoints
from app.services.channel_secrets import destroy, open_secret
from tests.api.authenticating import MoveClock
from tests.builders_notifications import make_endpoint
from tests.conftest import Client
from tests.personae import People

PATH = "/api/v1/webhook-endpoints"
ENTRY: dict[str, Any] = {
    "name": "Tickets",
    "url": "https://hooks.example.com/cloudrota",
    "events": ["problem.opened", "problem.closed", "problem.opened"],
}


def _fields(problem: dict[str, Any]) -> set[tuple[str, str]]:
    return {(field["pointer"], field["code"]) for field in problem["errors"]}


async def _opened(
    database: Database, settings: Settings, organization_id: UUID, endpoint_id: str
) -> list[str]:
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        found = await open_secret(
            session,
            LocalKeys.from_settings(settings),
            organization_id,
            endpoint_id=UUID(endpoint_id),
        )
    return [secret.reveal() for secret in found]


async def test_the_secret_is_ours_and_shown_once(
    client: Client, people: People, database: Database, configured: Settings
) -> None:
    adam = client(people.adam)
    headers = {"Idempotency-Key": "once"}
    made = await adam.post(PATH, json=ENTRY, headers=headers)
    assert made.status_code == 201
    shown = made.json()
    secret = shown.pop("secret")
    assert secret.startswith("whsec_")
    assert shown["events"] == ["problem.closed", "problem.opened"]
    assert shown["secret_last4"] == secret[-4:]
    again = (await adam.post(PATH, json=ENTRY, headers=headers)).json()
    assert again == shown | {"secret": None}
    path = f"{PATH}/{shown['id']}"
    for answer in (await adam.get(path), await adam.get(PATH)):
        assert secret not in answer.text
    assert (await client(people.olga).get(path)).json() == shown
    acme = people.alice.organization_id
    assert await _opened(database, configured, acme, shown["id"]) == [secret]


async def test_two_endpoints_never_have_the_same_secret(
    client: Client, people: People
) -> None:
    alice = client(people.alice)
    made = [
        (await alice.post(PATH, json=ENTRY | {"name": name})).json()
        for name in ("one", "two")
    ]
    assert len({one["secret"] for one in made}) == 2
    assert len({one["secret_fingerprint"] for one in made}) == 2


UNSAFE = {
    "http://hooks.example.com/": "not_https",
    "https://user:word@hooks.example.com/": "userinfo",
    "https://hooks.example.com:22/": "port",
    "https://127.0.0.1/": "not_public",
    "https://169.254.169.254/latest": "not_public",
    "https://[fd00:ec2::254]/": "not_public",
    "https://[::ffff:10.0.0.1]/": "not_public",
    "https://hooks.example.com/ x": "malformed",
    "ftp://hooks.example.com/": "not_https",
}


@pytest.mark.parametrize("url", UNSAFE)
async def test_what_is_never_asked_is_not_taken(
    client: Client, people: People, url: str
) -> None:
    alice = client(people.alice)
    answer = await alice.post(PATH, json=ENTRY | {"url": url})
    assert (answer.status_code, _fields(answer.json())) == (
        422,
        {("/url", UNSAFE[url])},
    )
    made = (await alice.post(PATH, json=ENTRY)).json()
    answer = await alice.patch(f"{PATH}/{made['id']}", json={"url": url})
    assert _fields(answer.json()) == {("/url", UNSAFE[url])}


async def test_events_are_those_that_can_be_told(
    client: Client, people: People
) -> None:
    alice = client(people.alice)
    wrong = {
        ("/events/0", "not_subscribable"): ["test"],
        ("/events/1", "enum"): ["problem.opened", "problem.solved"],
        ("/events", "too_short"): [],
    }
    for field, events in wrong.items():
        answer = await alice.post(PATH, json=ENTRY | {"events": events})
        assert (answer.status_code, _fields(answer.json())) == (422, {field})


async def test_the_secret_before_signs_along_for_a_day(
    client: Client,
    people: People,
    database: Database,
    configured: Settings,
    move_clock: MoveClock,
) -> None:
    alice, acme = client(people.alice), people.alice.organization_id
    made = (await alice.post(PATH, json=ENTRY)).json()
    path, headers = f"{PATH}/{made['id']}/rotate-secret", {"Idempotency-Key": "r1"}
    rotated = (await alice.post(path, headers=headers)).json()
    assert rotated["secret_version"] == 2
    assert rotated["previous_until"] is not None
    again = (await alice.post(path, headers=headers)).json()
    assert (again["secret_version"], again["secret"]) == (2, None)
    whose = (database, configured, acme, made["id"])
    assert await _opened(*whose) == [rotated["secret"], made["secret"]]
    third = (await alice.post(path)).json()
    assert await _opened(*whose) == [third["secret"], rotated["secret"]]
    await move_clock("24 hours")
    assert await _opened(*whose) == [third["secret"]]


async def test_what_no_longer_signs_is_destroyed(
    client: Client, people: People, database: Database, owner: AsyncSession
) -> None:
    alice, acme = client(people.alice), people.alice.organization_id
    made = (await alice.post(PATH, json=ENTRY)).json()
    for _ in range(2):
        await alice.post(f"{PATH}/{made['id']}/rotate-secret")
    posted = (await owner.scalars(select(OutboxMessage))).all()
    assert {one.kind for one in posted} == {"channel_secrets.destroy"}
    assert {str(one.subject_id) for one in posted} == {made["id"]}
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        await destroy(session, acme, UUID(made["id"]))
    await owner.rollback()
    versions = select(ChannelSecret.version).order_by(ChannelSecret.version)
    assert (await owner.scalars(versions)).all() == [2, 3]
    await alice.delete(f"{PATH}/{made['id']}")
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        await destroy(session, acme, UUID(made["id"]))
    await owner.rollback()
    assert (await owner.scalars(versions)).all() == []


async def test_is_changed_disabled_and_deleted(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json=ENTRY)).json()
    path = f"{PATH}/{made['id']}"
    tag = {"If-Match": (await alice.get(path)).headers["ETag"]}
    patch = {"enabled": False, "events": ["resource.changed"]}
    changed = await alice.patch(path, json=patch, headers=tag)
    assert changed.json()["enabled"] is False
    assert changed.json()["events"] == ["resource.changed"]
    assert changed.json()["url"] == ENTRY["url"]
    late = await alice.patch(path, json={"name": "x"}, headers=tag)
    assert late.status_code == 412
    assert (await alice.delete(path)).status_code == 204
    assert (await alice.get(path)).status_code == 404
    assert (await alice.post(f"{path}/rotate-secret")).status_code == 404
    row = (await owner.scalars(select(WebhookEndpoint))).one()
    assert row.deleted_at is not None
    actions = await owner.scalars(select(AuditEvent.action).order_by(AuditEvent.id))
    assert actions.all() == [
        "webhook_endpoint.create",
        "webhook_endpoint.update",
        "webhook_endpoint.delete",
    ]


async def test_names_are_taken_once_and_there_are_no_more_than_enough(
    client: Client, people: People, database: Database, configured: Settings
) -> None:
    alice, keys = client(people.alice), LocalKeys.from_settings(configured)
    assert (await alice.post(PATH, json=ENTRY)).status_code == 201
    taken = await alice.post(PATH, json=ENTRY)
    assert (taken.status_code, _fields(taken.json())) == (409, {("/name", "taken")})
    async with database.unit_of_work(Login.OWNER) as session:
        for _ in range(webhook_endpoints.MOST - 1):
            await make_endpoint(session, people.alice.organization_id, keys=keys)
    more = await alice.post(PATH, json=ENTRY | {"name": "one more"})
    assert more.status_code == 429


async def test_who_has_not_proven_its_address_sets_up_nothing(
    client: Client, people: People, database: Database
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json=ENTRY)).json()
    path = f"{PATH}/{made['id']}"
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(User).values(email_verified_at=None))
    answers = [
        await alice.post(PATH, json=ENTRY),
        await alice.patch(path, json={"url": "https://other.example.com/"}),
        await alice.post(f"{path}/rotate-secret"),
        await alice.post(f"{path}/test"),
    ]
    assert {one.json()["code"] for one in answers} == {"email-not-verified"}


async def test_a_test_is_a_job(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json=ENTRY)).json()
    path = f"{PATH}/{made['id']}/test"
    asked = await alice.post(path)
    assert (asked.status_code, asked.json()["test_pending"]) == (202, True)
    assert (await alice.post(path)).status_code == 429
    kinds = await owner.scalars(select(OutboxMessage.kind))
    assert kinds.all() == ["endpoint.test"]
