"""Wrapping anew: everything opens under the new key alone, whatever happens meanwhile,
and nothing comes back that was replaced or destroyed."""

import asyncio
import json
import secrets
from collections import Counter
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import (
    Envelope,
    KeyProvider,
    Keyring,
    LocalKey,
    Undecryptable,
    decrypt,
    encrypt,
)
from app.core.db import Database, Login
from app.core.secret import Secret
from app.models.audit import AuditEvent
from app.models.aws_account import AWSCredentialVersion
from app.models.notification import ChannelSecret
from app.models.second_factor import Authenticator
from app.services import rewrapping
from app.services.credential_opening import place_of
from app.services.rewrapping import BATCH, Report, rewrap
from tests.api.authenticating import Enrolled, MoveClock, enrol
from tests.api.signing import login
from tests.aws.fake_kms import FakeKms, kms_key, refuse
from tests.builders_notifications import make_channel, make_endpoint
from tests.conftest import Client
from tests.personae import People
from tests.services.sealed import (
    AFTER,
    BEFORE,
    BOTH,
    NEW,
    OLD,
    make_factor,
    make_version,
    opened,
    watched,
)

VERSIONS, FACTORS = "aws_credential_versions", "authenticators"
CHANNELS = "channel_secrets"
OPERATOR = "operator:test"
MANY = BATCH + 3


@pytest.fixture
async def filled(database: Database, people: People) -> Counter[str]:
    """More than a batch of Acme's, one of Mallory's, and two second factors, all under
    the old key; the secrets."""
    made: Counter[str] = Counter()
    of = [people.alice.organization_id] * MANY + [people.mallory.organization_id]
    for number, organization_id in enumerate(of):
        await make_version(database, organization_id, f"secret {number}")
        made[f"secret {number}"] += 1
    for person in (people.olga, people.mallory):
        await make_factor(database, person.user_id, f"totp of {person.name}")
        made[f"totp of {person.name}"] += 1
    async with database.unit_of_work(Login.OWNER) as session:
        of_acme = (session, people.alice.organization_id)
        await make_channel(*of_acme, keys=BEFORE, secret="secret of a channel")
        await make_endpoint(*of_acme, keys=BEFORE, secret="secret of an endpoint")
    return made + Counter(("secret of a channel", "secret of an endpoint"))


async def run(database: Database, keys: KeyProvider = BOTH) -> Report:
    return await rewrap(database, keys, operator=OPERATOR)


# ── once through ─────────────────────────────────────────────────────────────────────


async def test_everything_opens_with_the_old_key_removed(
    database: Database, filled: Counter[str], owner: AsyncSession
) -> None:
    with pytest.raises(Undecryptable):
        await opened(owner, AFTER)
    report = await run(database)
    stored = {VERSIONS: MANY + 1, FACTORS: 2, CHANNELS: 2}
    assert report.before == {table: {"old": rows} for table, rows in stored.items()}
    assert report.after == {table: {"new": rows} for table, rows in stored.items()}
    assert report.rewrapped == stored
    assert (report.left, report.changed, report.unopened) == (0, 0, [])
    assert await opened(owner, AFTER) == filled
    with pytest.raises(Undecryptable):
        await opened(owner, BEFORE)


@pytest.mark.usefixtures("filled")
async def test_a_second_run_finds_nothing_to_do_and_opens_nothing(
    database: Database, owner: AsyncSession
) -> None:
    await run(database)
    told_before = (await owner.scalars(select(AuditEvent.id))).all()
    await owner.rollback()
    report = await run(database)
    assert report.before == report.after
    assert not report.rewrapped
    assert (await owner.scalars(select(AuditEvent.id))).all() == told_before


@pytest.mark.usefixtures("filled")
async def test_looking_opens_and_changes_nothing(
    database: Database, owner: AsyncSession
) -> None:
    report = await rewrapping.look(database, AFTER)
    assert report.left == MANY + 5
    assert report.missing_keys == ["old"]
    assert (await owner.scalars(select(AuditEvent.id))).all() == []
    assert (await opened(owner, BEFORE)).total() == MANY + 5


async def test_moves_from_local_keys_to_kms_and_back(
    database: Database, filled: Counter[str], owner: AsyncSession
) -> None:
    with FakeKms().answering():
        kms = kms_key("kms")
        report = await run(database, Keyring({"old": OLD, "kms": kms}, "kms"))
        assert report.left == 0
        assert await opened(owner, Keyring({"kms": kms}, "kms")) == filled
        report = await run(database, Keyring({"old": OLD, "kms": kms}, "old"))
        assert report.left == 0
    assert await opened(owner, BEFORE) == filled


async def test_each_tenant_is_told_whose_secrets_an_operator_opened(
    database: Database, filled: Counter[str], people: People, owner: AsyncSession
) -> None:
    await run(database)
    events = (await owner.scalars(select(AuditEvent))).all()
    assert len(events) == filled.total()
    assert {event.actor for event in events} == {OPERATOR}
    assert {event.action for event in events} == {"operator.rewrap"}
    told_of = Counter((event.organization_id, event.subject_type) for event in events)
    acme, other = people.alice.organization_id, people.mallory.organization_id
    assert told_of == {
        (acme, "aws_credentials"): MANY,
        (acme, "user"): 1,
        (acme, "notification_channel"): 1,
        (acme, "webhook_endpoint"): 1,
        (other, "aws_credentials"): 1,
        (other, "user"): 1,
    }
    credentials = set(await owner.scalars(select(AWSCredentialVersion.credentials_id)))
    told_ways = set(
        await owner.scalars(
            select(func.coalesce(ChannelSecret.channel_id, ChannelSecret.endpoint_id))
        )
    )
    about = {event.subject_id for event in events}
    assert about == credentials | told_ways | {
        people.olga.user_id,
        people.mallory.user_id,
    }
    assert "secret" not in str([event.detail for event in events])


async def test_a_second_factor_goes_on_under_the_new_key(
    app: FastAPI,
    client: Client,
    move_clock: MoveClock,
    database: Database,
    people: People,
) -> None:
    assert people
    app.state.keys = BEFORE
    rita: Enrolled = await enrol(client(None), move_clock)
    report = await run(database)
    assert report.after[FACTORS] == {"new": 1}
    app.state.keys = AFTER
    code = await rita.app.next()
    assert (await login(client(None), code=code)).status_code == 200
    assert (await login(client(None), code=code)).status_code == 401


async def test_what_was_read_before_still_opens_after(
    database: Database, people: People, owner: AsyncSession
) -> None:
    """As by a worker that is between reading and opening."""
    row = await make_version(database, people.alice.organization_id, "held")
    held = Envelope(row.key_id, row.wrapped_key, row.ciphertext)
    await run(database)
    place = place_of(row.organization_id, row.credentials_id, row.version)
    assert decrypt(BOTH, held, place).reveal() == "held"
    assert await opened(owner, AFTER) == {"held": 1}


# ── interrupted, and at once ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("at", [1, 2, BATCH, BATCH + 1, MANY + 1, MANY + 3])
async def test_a_run_that_dies_in_the_middle_is_gone_on_with(
    database: Database, filled: Counter[str], owner: AsyncSession, at: int
) -> None:
    async def stop(number: int) -> None:
        if number == at:
            working.cancel()
            await asyncio.sleep(0)

    working = asyncio.create_task(run(database, watched(stop)))
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await opened(owner, BOTH) == filled
    report = await run(database)
    done_before = report.before[VERSIONS].get("new", 0)
    assert (at > BATCH + 1) <= done_before < at
    assert report.left == 0
    assert await opened(owner, AFTER) == filled


async def test_two_at_once_end_with_the_same(
    database: Database, filled: Counter[str], owner: AsyncSession
) -> None:
    both = await asyncio.gather(*(run(database) for _ in range(2)))
    assert all(report.left == 0 for report in both)
    done = sum((report.rewrapped for report in both), Counter[str]())
    assert done == {VERSIONS: MANY + 1, FACTORS: 2, CHANNELS: 2}
    assert await opened(owner, AFTER) == filled


async def test_what_another_run_has_done_is_not_done_again(
    database: Database, filled: Counter[str], owner: AsyncSession
) -> None:
    other: list[Report] = []

    async def overtake(number: int) -> None:
        if number == 1:
            other.append(await run(database))

    slow = await run(database, watched(overtake))
    assert other[0].rewrapped.total() == filled.total()
    assert slow.rewrapped.total() == 0
    assert slow.changed == BATCH
    assert await opened(owner, AFTER) == filled


async def test_what_is_destroyed_meanwhile_is_not_brought_back(
    database: Database, filled: Counter[str], owner: AsyncSession
) -> None:
    assert filled

    async def destroy(number: int) -> None:
        if number == 1:
            async with database.unit_of_work(Login.OWNER) as session:
                await session.execute(delete(AWSCredentialVersion))
                await session.execute(delete(Authenticator))
                await session.execute(delete(ChannelSecret))

    report = await run(database, watched(destroy))
    assert report.after == {VERSIONS: {}, FACTORS: {}, CHANNELS: {}}
    assert (report.left, report.rewrapped.total()) == (0, 0)
    assert not await opened(owner, BOTH)


async def test_what_is_replaced_meanwhile_stays_as_it_is(
    database: Database, people: People, owner: AsyncSession
) -> None:
    """A key by a new version, as the API does it; a second factor by another one."""
    acme, olga = people.alice.organization_id, people.olga.user_id
    row = await make_version(database, acme, "first")
    await make_factor(database, olga, "first app")

    async def replace(number: int) -> None:
        if number == 1:
            of = row.credentials_id
            await make_version(
                database, acme, "next", keys=AFTER, version=2, credentials_id=of
            )
        if number == 2:
            async with database.unit_of_work(Login.OWNER) as session:
                await session.execute(delete(Authenticator))
                await session.execute(delete(ChannelSecret))
            await make_factor(database, olga, "next app")

    report = await run(database, watched(replace))
    assert report.changed == 1
    assert report.left == 0
    assert await opened(owner, AFTER) == {"first": 1, "next": 1, "next app": 1}


async def test_a_row_that_was_altered_in_place_is_left_alone(
    database: Database, people: People, owner: AsyncSession
) -> None:
    """Whoever did it: what was read is no longer what stands there."""
    row = await make_version(database, people.alice.organization_id, "first")
    place = place_of(row.organization_id, row.credentials_id, row.version)
    other = encrypt(BEFORE, Secret("other"), place)

    async def alter(_: int) -> None:
        async with database.unit_of_work(Login.OWNER) as session:
            changed = update(AWSCredentialVersion).values(
                wrapped_key=other.wrapped_key, ciphertext=other.ciphertext
            )
            await session.execute(changed)

    report = await run(database, watched(alter))
    assert (report.changed, report.left) == (1, 1)
    assert await opened(owner, BEFORE) == {"other": 1}


# ── what cannot be opened ────────────────────────────────────────────────────────────


async def test_what_cannot_be_opened_is_named_and_the_rest_is_done(
    database: Database, filled: Counter[str], people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    lost = Keyring({"lost": LocalKey("lost", secrets.token_bytes(32))}, "lost")
    unknown = await make_version(database, acme, "unknown", keys=lost)
    moved = await make_version(database, acme, "moved")
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(AWSCredentialVersion)
            .where(AWSCredentialVersion.id == moved.id)
            .values(version=7)
        )
    report = await run(database)
    assert report.rewrapped.total() == filled.total()
    assert report.left == 2
    assert report.missing_keys == ["lost"]
    assert report.after[VERSIONS] == {"lost": 1, "new": MANY + 1, "old": 1}
    assert {one["id"]: one["key"] for one in report.unopened} == {
        str(unknown.id): "lost",
        str(moved.id): "old",
    }
    assert {one["organization_id"] for one in report.unopened} == {str(acme)}
    assert (await _key_ids(owner))[unknown.id] == "lost"


async def _key_ids(owner: AsyncSession) -> dict[UUID, str]:
    await owner.rollback()
    columns = AWSCredentialVersion.id, AWSCredentialVersion.key_id
    rows = await owner.execute(select(*columns))
    return {row.id: row.key_id for row in rows}


async def test_a_key_whose_service_is_away_waits_and_the_others_go_on(
    database: Database, people: People, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    with FakeKms().answering() as kms:
        ring = Keyring({"kms": kms_key("kms")}, "kms")
        await make_version(database, acme, "under kms", keys=ring)
        await make_version(database, acme, "also under kms", keys=ring)
        await make_version(database, acme, "here")
        all_keys = Keyring({"old": OLD, "new": NEW, "kms": kms_key("kms")}, "new")
        kms.fault = refuse("ThrottlingException")
        kms.asked.clear()
        report = await run(database, all_keys)
        assert report.away == {"kms": "throttled"}
        assert {one.operation for one in kms.asked} == {"Decrypt"}
        assert len({one.params["CiphertextBlob"] for one in kms.asked}) == 1
        assert report.after[VERSIONS] == {"kms": 2, "new": 1}
        assert report.unopened == []
        kms.fault = lambda _: None
        assert (await run(database, all_keys)).left == 0
    assert (await opened(owner, AFTER)).total() == 3


@pytest.mark.parametrize("operation", ["GenerateDataKey", "Decrypt"])
async def test_nothing_is_put_under_a_key_that_does_not_open_again(
    database: Database, filled: Counter[str], owner: AsyncSession, operation: str
) -> None:
    """It may be allowed to wrap and not to unwrap: then all would be lost."""
    with FakeKms().answering() as kms:
        kms.fault = refuse("AccessDeniedException", operation=operation)
        report = await run(database, Keyring({"old": OLD, "k": kms_key("k")}, "k"))
        assert len(kms.asked) <= 2
    assert report.away == {"k": "denied"}
    assert (report.rewrapped.total(), report.left) == (0, filled.total())
    assert await opened(owner, BEFORE) == filled


async def test_the_report_and_the_log_hold_no_secret(
    database: Database,
    filled: Counter[str],
    people: People,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost = Keyring({"lost": LocalKey("lost", secrets.token_bytes(32))}, "lost")
    of_acme = (database, people.alice.organization_id)
    await make_version(*of_acme, "secret of all", keys=lost)
    with FakeKms().answering() as kms:
        kms.fault = refuse("DisabledException", operation="Decrypt")
        failed = await run(database, Keyring({"old": OLD, "k": kms_key("k")}, "k"))
    assert failed.facts["left"] == filled.total() + 1
    facts = [failed.facts, (await run(database)).facts]
    said = json.dumps(facts) + "".join(capsys.readouterr())
    for secret in (*filled, "secret of all"):
        assert secret not in said
