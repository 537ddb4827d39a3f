"""Notification channels over HTTP: added, changed, confirmed, tested, deleted."""

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import LocalKeys
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.aws_account import AWSCredentials, CredentialsStatus
from app.models.notification import ChannelSecret, NotificationChannel
from app.models.outbox import OutboxMessage
from app.models.user import User
from app.services import channels
from app.services.channel_secrets import open_secret
from tests.api.authenticating import MoveClock
from tests.builders import make_account
from tests.builders_notifications import make_channel
from tests.conftest import Client
from tests.personae import People

PATH = "/api/v1/notification-channels"
SLACK = {"name": "On call", "configuration": {"type": "slack"}}
URL = "https://hooks.slack.com/services/T0/B0/canary-of-slack"
KEY = "R0UT1NGKEY0123456789abcdefCANARY"


def _fields(problem: dict[str, Any]) -> set[tuple[str, str]]:
    return {(field["pointer"], field["code"]) for field in problem["errors"]}


async def _opened(
    database: Database, settings: Settings, organization_id: UUID, channel_id: str
) -> list[str]:
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        found = await open_secret(
            session,
            LocalKeys.from_settings(settings),
            organization_id,
            channel_id=UUID(channel_id),
        )
    return [secret.reveal() for secret in found]


# ── adding ───────────────────────────────────────────────────────────────────────


async def test_adds_a_channel_whose_url_nobody_sees_again(
    client: Client, people: People, database: Database, configured: Settings
) -> None:
    adam = client(people.adam)
    made = await adam.post(PATH, json={**SLACK, "url": URL})
    assert made.status_code == 201
    shown = made.json()
    assert shown["type"] == "slack"
    assert shown["configuration"] == {"type": "slack"}
    assert (shown["secret_last4"], shown["secret_version"]) == (URL[-4:], 1)
    assert shown["verified_at"] is not None
    assert shown["enabled"] is True
    path = f"{PATH}/{shown['id']}"
    answers = [made, await adam.get(path), await adam.get(PATH)]
    answers.append(await adam.patch(path, json={"name": "Renamed"}))
    answers.append(await adam.post(PATH, json={**SLACK, "url": f"{URL} {URL}"}))
    for answer in answers:
        assert URL not in answer.text
    acme = people.alice.organization_id
    assert await _opened(database, configured, acme, shown["id"]) == [URL]


CONFIGURATIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "managers": ({"type": "email"}, {}),
    "managers by name": ({"type": "email", "to": "managers"}, {}),
    "slack": ({"type": "slack"}, {"url": URL}),
    "teams": (
        {"type": "teams"},
        {"url": "https://acme.webhook.office.com/webhookb2/a/IncomingWebhook/b/c"},
    ),
    "discord": ({"type": "discord"}, {"url": "https://discord.com/api/webhooks/1/x"}),
    "pagerduty": ({"type": "pagerduty"}, {"key": KEY}),
    "pagerduty in europe": ({"type": "pagerduty", "region": "eu"}, {"key": KEY}),
    "opsgenie": ({"type": "opsgenie", "region": "eu"}, {"key": KEY}),
}


@pytest.mark.parametrize("which", CONFIGURATIONS)
async def test_each_type_has_members_of_its_own(
    client: Client, people: People, which: str
) -> None:
    configuration, secret = CONFIGURATIONS[which]
    entry = {"name": which, "configuration": configuration, **secret}
    made = await client(people.alice).post(PATH, json=entry)
    assert made.status_code == 201, made.text
    shown = made.json()
    assert configuration.items() <= shown["configuration"].items()
    assert shown["verified_at"] is not None
    assert KEY not in made.text
    read = await client(people.olga).get(f"{PATH}/{shown['id']}")
    assert read.json() == shown


WRONG: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "a URL that is missing": ({"type": "slack"}, ("/url", "required")),
    "a key that is missing": ({"type": "opsgenie"}, ("/key", "required")),
    "a key for Slack": ({"type": "slack", "key": KEY}, ("/key", "unexpected")),
    "a URL for mail": ({"type": "email", "url": URL}, ("/url", "unexpected")),
    "another's host": (
        {"type": "slack", "url": "https://hooks.slack.com.evil.example/services/x"},
        ("/url", "not_the_service"),
    ),
    "a private address": (
        {"type": "teams", "url": "https://169.254.169.254/latest"},
        ("/url", "not_the_service"),
    ),
    "no https": (
        {"type": "discord", "url": "http://discord.com/api/webhooks/1/x"},
        ("/url", "not_https"),
    ),
    "no address": (
        {"type": "email", "to": "address"},
        ("/configuration/address", "missing"),
    ),
    "an address of managers": (
        {"type": "email", "to": "managers", "address": "x@example.com"},
        ("/configuration/address", "extra_forbidden"),
    ),
    "a region for Slack": (
        {"type": "slack", "region": "eu", "url": URL},
        ("/configuration/region", "extra_forbidden"),
    ),
    "a region that is none": (
        {"type": "pagerduty", "region": "mars", "key": KEY},
        ("/configuration/region", "literal_error"),
    ),
    "an unknown type": ({"type": "fax"}, ("/configuration/type", "enum")),
}


@pytest.mark.parametrize("which", WRONG)
async def test_what_is_no_channel_is_told_on_its_field(
    client: Client, people: People, which: str
) -> None:
    given, field = WRONG[which]
    secrets = {name: given[name] for name in ("url", "key") if name in given}
    configuration = {name: given[name] for name in given if name not in secrets}
    answer = await client(people.alice).post(
        PATH, json={"name": "x", "configuration": configuration, **secrets}
    )
    assert answer.status_code == 422
    assert field in _fields(answer.json())
    assert URL not in answer.text
    assert KEY not in answer.text


async def test_the_same_key_adds_one_and_another_secret_is_another_request(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice, headers = client(people.alice), {"Idempotency-Key": "once"}
    entry = {**SLACK, "url": URL}
    first = await alice.post(PATH, json=entry, headers=headers)
    second = await alice.post(PATH, json=entry, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    other = await alice.post(PATH, json=entry | {"url": f"{URL}2"}, headers=headers)
    assert other.status_code == 409
    rows = await owner.scalars(select(NotificationChannel.name))
    assert rows.all() == [SLACK["name"]]


async def test_names_are_taken_once_and_free_when_deleted(
    client: Client, people: People
) -> None:
    alice, entry = client(people.alice), {**SLACK, "url": URL}
    made = (await alice.post(PATH, json=entry)).json()
    taken = await alice.post(PATH, json=entry)
    assert taken.status_code == 409
    assert _fields(taken.json()) == {("/name", "taken")}
    await alice.delete(f"{PATH}/{made['id']}")
    assert (await alice.post(PATH, json=entry)).status_code == 201


async def test_an_organization_has_no_more_than_enough(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        for _ in range(channels.MOST):
            await make_channel(session, people.alice.organization_id)
    entry = {"name": "one more", "configuration": {"type": "email"}}
    answer = await client(people.alice).post(PATH, json=entry)
    assert answer.status_code == 429
    mallory = await client(people.mallory).post(PATH, json=entry)
    assert mallory.status_code == 201


async def test_who_has_not_proven_its_address_sets_up_nothing(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        channel = await make_channel(session, people.alice.organization_id)
        await session.execute(update(User).values(email_verified_at=None))
    alice, path = client(people.alice), f"{PATH}/{channel.id}"
    answers = [
        await alice.post(PATH, json={**SLACK, "url": URL}),
        await alice.patch(path, json={"url": URL}),
        await alice.post(f"{path}/test"),
    ]
    assert {one.json()["code"] for one in answers} == {"email-not-verified"}


async def test_members_look_and_viewers_do_not(client: Client, people: People) -> None:
    statuses = [
        (await client(one).get(PATH)).status_code
        for one in (people.alice, people.adam, people.olga, people.victor)
    ]
    assert statuses == [200, 200, 200, 403]
    entry = {"name": "x", "configuration": {"type": "email"}}
    answer = await client(people.olga).post(PATH, json=entry)
    assert answer.status_code == 403


# ── SNS ──────────────────────────────────────────────────────────────────────────


async def test_sns_takes_ones_own_verified_credentials_and_their_account(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(
            session, people.alice.organization_id, account_id="123456789012"
        )
        of_account = AWSCredentials.aws_account_id == account.id
        own = (await session.scalars(select(AWSCredentials.id).where(of_account))).one()
    alice = client(people.alice)
    topic = {
        "type": "sns",
        "credentials_id": str(own),
        "topic_arn": "arn:aws:sns:eu-central-1:123456789012:alarms",
    }
    made = await alice.post(PATH, json={"name": "topic", "configuration": topic})
    assert made.status_code == 201, made.text
    assert made.json()["configuration"] == topic
    text = {
        "type": "sns",
        "credentials_id": str(own),
        "phone_number": "+491711234567",
        "region": "eu-central-1",
    }
    made = await alice.post(PATH, json={"name": "text", "configuration": text})
    assert made.status_code == 201, made.text
    wrong = {
        ("/configuration/topic_arn", "another_account"): topic
        | {"topic_arn": "arn:aws:sns:eu-central-1:999999999999:alarms"},
        ("/configuration/topic_arn", "not_a_topic"): topic
        | {"topic_arn": "arn:aws:sqs:eu-central-1:123456789012:alarms"},
        ("/configuration/topic_arn", "unknown_region"): topic
        | {"topic_arn": "arn:aws:sns:moon-east-1:123456789012:alarms"},
        ("/configuration/region", "unknown_region"): text | {"region": "moon-east-1"},
        ("/configuration/phone_number", "string_pattern_mismatch"): text
        | {"phone_number": "0171 1234567"},
    }
    for field, configuration in wrong.items():
        answer = await alice.post(
            PATH, json={"name": "x", "configuration": configuration}
        )
        assert (answer.status_code, _fields(answer.json())) == (422, {field})
    # A stranger's, and one's own that are not verified any more, are the same.
    unknown = {("/configuration/credentials_id", "unknown")}
    answer = await client(people.mallory).post(
        PATH, json={"name": "x", "configuration": topic}
    )
    assert (answer.status_code, _fields(answer.json())) == (422, unknown)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(AWSCredentials).values(status=CredentialsStatus.FAILED)
        )
    answer = await alice.post(PATH, json={"name": "x", "configuration": topic})
    assert (answer.status_code, _fields(answer.json())) == (422, unknown)


# ── changing ─────────────────────────────────────────────────────────────────────


async def test_another_secret_takes_the_place_of_the_present_one(
    client: Client, people: People, database: Database, configured: Settings
) -> None:
    alice, acme = client(people.alice), people.alice.organization_id
    made = (await alice.post(PATH, json={**SLACK, "url": URL})).json()
    path = f"{PATH}/{made['id']}"
    changed = await alice.patch(path, json={"url": f"{URL}-next"})
    assert changed.status_code == 200
    shown = changed.json()
    assert (shown["secret_version"], shown["secret_last4"]) == (2, "next")
    assert shown["secret_fingerprint"] != made["secret_fingerprint"]
    opened = await _opened(database, configured, acme, made["id"])
    assert opened == [f"{URL}-next"]
    async with database.unit_of_work(Login.OWNER) as session:
        kinds = await session.scalars(select(OutboxMessage.kind))
        assert kinds.all() == ["channel_secrets.destroy"]


async def test_what_is_absent_stays_and_a_null_limit_is_lifted(
    client: Client, people: People
) -> None:
    alice = client(people.alice)
    limit = {"client": ["north"]}
    entry = {**SLACK, "url": URL, "label_scope": limit, "enabled": False}
    made = (await alice.post(PATH, json=entry)).json()
    assert (made["label_scope"], made["enabled"]) == (limit, False)
    path = f"{PATH}/{made['id']}"
    shown = (await alice.patch(path, json={"enabled": True})).json()
    assert (shown["label_scope"], shown["enabled"]) == (limit, True)
    shown = (await alice.patch(path, json={"label_scope": None})).json()
    assert (shown["label_scope"], shown["name"]) == (None, SLACK["name"])
    wrong = await alice.patch(path, json={"configuration": {"type": "email"}})
    assert _fields(wrong.json()) == {("/configuration/type", "another_type")}


async def test_two_editors_do_not_overwrite_each_other(
    client: Client, people: People
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json={**SLACK, "url": URL})).json()
    path = f"{PATH}/{made['id']}"
    tag = {"If-Match": (await alice.get(path)).headers["ETag"]}
    first = await alice.patch(path, json={"url": f"{URL}-1"}, headers=tag)
    second = await alice.patch(path, json={"url": f"{URL}-2"}, headers=tag)
    assert (first.status_code, second.status_code) == (200, 412)


async def test_what_is_deleted_is_gone_and_its_secret_is_to_be_destroyed(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json={**SLACK, "url": URL})).json()
    path = f"{PATH}/{made['id']}"
    assert (await alice.delete(path)).status_code == 204
    answers = [
        await alice.get(path),
        await alice.patch(path, json={"name": "x"}),
        await alice.post(f"{path}/test"),
        await alice.delete(path),
    ]
    assert {one.status_code for one in answers} == {404}
    assert (await alice.get(PATH)).json()["items"] == []
    kinds = await owner.scalars(select(OutboxMessage.kind))
    assert kinds.all() == ["channel_secrets.destroy"]
    actions = await owner.scalars(select(AuditEvent.action).order_by(AuditEvent.id))
    assert actions.all() == [
        "notification_channel.create",
        "notification_channel.delete",
    ]


async def test_the_log_and_the_database_hold_no_secret(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json={**SLACK, "url": URL})).json()
    await alice.patch(f"{PATH}/{made['id']}", json={"url": f"{URL}-next"})
    events = (await owner.scalars(select(AuditEvent.detail))).all()
    assert "canary" not in json.dumps(events)
    row = (await owner.scalars(select(NotificationChannel))).one()
    assert "canary" not in str(vars(row))
    for secret in await owner.scalars(select(ChannelSecret)):
        assert b"canary" not in secret.ciphertext + secret.wrapped_key


# ── tests ────────────────────────────────────────────────────────────────────────


async def test_a_test_is_a_job_and_comes_once_in_a_while(
    client: Client, people: People, owner: AsyncSession, move_clock: MoveClock
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json={**SLACK, "url": URL})).json()
    path = f"{PATH}/{made['id']}/test"
    asked = await alice.post(path)
    assert (asked.status_code, asked.json()["test_pending"]) == (202, True)
    soon = await alice.post(path)
    assert soon.status_code == 429
    assert 0 < int(soon.headers["Retry-After"]) <= 20
    await move_clock("20 seconds")
    assert (await alice.post(path)).status_code == 202
    kinds = await owner.scalars(select(OutboxMessage.kind))
    assert kinds.all() == ["channel.test", "channel.test"]
