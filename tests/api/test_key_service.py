"""The API while its keys are in KMS: nobody waits for KMS with a transaction open, and
where KMS does not do its part, nothing is written and the answer says so."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import Envelope, decrypt
from app.core.db import Database, Login, pause
from app.core.embedded import PostgresServer
from app.core.settings import Settings
from app.models import Base
from app.models.aws_account import AWSCredentialVersion
from app.models.organization import Member
from app.services.credential_opening import StoredKey, place_of
from tests.api.authenticating import MoveClock, ask, begin, confirm, enrol, said
from tests.api.signing import login, register
from tests.aws.fake_aws import Asked
from tests.aws.fake_kms import FakeKms, refuse, ring
from tests.conftest import Client
from tests.personae import People

PATH = "/api/v1/aws-credentials"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HALVES = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": SECRET}
KEY = {"kind": "access_key", "name": "Reports", **HALVES}
NEXT = {"access_key_id": "AKIANEXTODNN7EXAMPLE", "secret_access_key": "n" * 40}
AWAY = (503, "key-service-unavailable")


@pytest.fixture
def kms(app: FastAPI) -> Iterator[FakeKms]:
    """The one key of the API."""
    with FakeKms().answering() as kms:
        app.state.keys = ring("k")
        yield kms


@pytest.fixture
def watched(kms: FakeKms, configured: Settings, postgres_server: PostgresServer) -> Any:
    """How many transactions of the API were open at each question to KMS."""
    assert configured.database_url is not None
    name = configured.database_url.get_secret_value().rpartition("/")[2]
    seen: list[int] = []

    async def count() -> int:
        connection = await asyncpg.connect(postgres_server.superuser_dsn)
        open_ones = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1"
            " AND usename = 'cloudrota_app' AND xact_start IS NOT NULL",
            name,
        )
        await connection.close()
        return int(open_ones)

    kms.meanwhile = lambda _: seen.append(asyncio.run(count()))
    return seen


async def everything(owner: AsyncSession) -> dict[str, int]:
    await owner.rollback()
    return {
        table.name: await owner.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


# ── access keys ──────────────────────────────────────────────────────────────────────


async def test_a_key_is_wrapped_by_kms_for_its_own_version(
    client: Client, people: People, owner: AsyncSession, kms: FakeKms
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json=KEY)).json()
    changed = await alice.patch(f"{PATH}/{made['id']}", json=NEXT)
    assert changed.json()["version"] == 2
    versions = (
        await owner.scalars(
            select(AWSCredentialVersion).order_by(AWSCredentialVersion.version)
        )
    ).all()
    opened = []
    for row in versions:
        assert row.key_id == "k"
        place = place_of(row.organization_id, row.credentials_id, row.version)
        envelope = Envelope(row.key_id, row.wrapped_key, row.ciphertext)
        opened.append(StoredKey.unpack(decrypt(ring("k"), envelope, place)))
    assert [one.access_key_id for one in opened] == [
        HALVES["access_key_id"],
        NEXT["access_key_id"],
    ]
    assert {one.params["EncryptionContext"]["row"] for one in kms.asked} == {made["id"]}


async def test_no_transaction_is_open_while_kms_is_asked(
    client: Client, people: People, watched: list[int]
) -> None:
    alice = client(people.alice)
    made = await alice.post(PATH, json=KEY, headers={"Idempotency-Key": "once"})
    changed = await alice.patch(f"{PATH}/{made.json()['id']}", json=NEXT)
    assert (made.status_code, changed.status_code) == (201, 200)
    assert watched == [0, 0]


async def test_a_repeat_does_not_ask_kms_again(
    client: Client, people: People, kms: FakeKms
) -> None:
    alice, once = client(people.alice), {"Idempotency-Key": "once"}
    first = await alice.post(PATH, json=KEY, headers=once)
    kms.asked.clear()
    again = await alice.post(PATH, json=KEY, headers=once)
    other = {**KEY, "secret_access_key": "B" * 40}
    refused = await alice.post(PATH, json=other, headers=once)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (refused.status_code, refused.json()["code"]) == (
        409,
        "idempotency-key-reused",
    )
    assert kms.asked == []


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ThrottlingException", "DisabledException"]
)
async def test_nothing_is_written_when_kms_does_not_do_its_part(
    client: Client, people: People, owner: AsyncSession, kms: FakeKms, code: str
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json=KEY)).json()
    before = await everything(owner)
    kms.fault = refuse(code)
    second = {**KEY, "name": "Second"}
    answers = [
        await alice.post(PATH, json=second, headers={"Idempotency-Key": "once"}),
        await alice.patch(f"{PATH}/{made['id']}", json={**NEXT, "name": "Renamed"}),
    ]
    assert [said(answer) for answer in answers] == [AWAY, AWAY]
    assert await everything(owner) == before
    shown = (await alice.get(f"{PATH}/{made['id']}")).json()
    assert (shown["name"], shown["version"]) == ("Reports", 1)
    for answer in answers:
        assert SECRET not in answer.text
        assert "arn:" not in answer.text
    kms.fault = refuse(code, operation="Decrypt")
    again = await alice.post(PATH, json=second, headers={"Idempotency-Key": "once"})
    assert again.status_code == 201


async def test_kms_is_not_asked_for_what_is_wrong_anyway(
    client: Client, people: People, kms: FakeKms
) -> None:
    alice = client(people.alice)
    arn = "arn:aws:iam::123456789012:role/Cloudrota"
    made = (await alice.post(PATH, json=KEY)).json()
    kms.asked.clear()
    answers = [
        await alice.post(PATH, json={**KEY, "access_key_id": "ASIA" + "A" * 16}),
        await alice.post(PATH, json={**KEY, "role_arn": arn}),
        await alice.patch(
            f"{PATH}/{made['id']}", json=NEXT, headers={"If-Match": '"old"'}
        ),
        await client(people.victor).post(PATH, json=KEY),
        await client(people.mallory).patch(f"{PATH}/{made['id']}", json=NEXT),
        await client(None).post(PATH, json=KEY),
        await alice.post(PATH, json={"kind": "role", "name": "R", "role_arn": arn}),
    ]
    assert [one.status_code for one in answers] == [422, 422, 412, 403, 404, 401, 201]
    assert kms.asked == []


async def test_who_is_removed_while_kms_is_asked_writes_nothing(
    client: Client,
    people: People,
    owner: AsyncSession,
    database: Database,
    kms: FakeKms,
) -> None:
    loop = asyncio.get_running_loop()
    before = await everything(owner)

    async def remove() -> None:
        async with database.unit_of_work(Login.OWNER) as session:
            adam = Member.user_id == people.adam.user_id
            gone = update(Member).where(adam)
            await session.execute(gone.values(removed_at=func.app_now()))

    kms.meanwhile = _on(loop, remove)
    answer = await client(people.adam).post(PATH, json=KEY)
    assert answer.status_code == 401
    assert await everything(owner) == before


async def test_who_loses_the_role_while_kms_is_asked_writes_nothing(
    client: Client,
    people: People,
    owner: AsyncSession,
    database: Database,
    kms: FakeKms,
) -> None:
    loop = asyncio.get_running_loop()

    async def demote() -> None:
        async with database.unit_of_work(Login.OWNER) as session:
            adam = Member.user_id == people.adam.user_id
            await session.execute(update(Member).where(adam).values(role="viewer"))

    kms.meanwhile = _on(loop, demote)
    answer = await client(people.adam).post(PATH, json=KEY)
    assert said(answer) == (403, "forbidden")
    assert (await everything(owner))["aws_credentials"] == 0


async def test_of_two_replacements_at_once_the_second_is_refused(
    client: Client, people: People, owner: AsyncSession, kms: FakeKms
) -> None:
    """It was sealed as a version that is taken by then."""
    alice, adam = client(people.alice), client(people.adam)
    path = f"{PATH}/{(await alice.post(PATH, json=KEY)).json()['id']}"
    loop = asyncio.get_running_loop()
    first: list[Response] = []

    async def replace() -> None:
        kms.meanwhile = lambda _: None
        first.append(await adam.patch(path, json=NEXT))

    kms.meanwhile = _on(loop, replace)
    second = await alice.patch(path, json={**NEXT, "secret_access_key": "o" * 40})
    assert first[0].status_code == 200
    assert said(second) == (412, "stale-version")
    assert (await alice.get(path)).json()["version"] == 2
    assert (await everything(owner))["aws_credential_versions"] == 2


async def test_others_are_answered_while_kms_hangs(
    client: Client, people: People, kms: FakeKms
) -> None:
    asked, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hang(_: Asked) -> None:
        loop.call_soon_threadsafe(asked.set)
        assert go_on.wait(30)

    kms.meanwhile = hang
    waiting = asyncio.create_task(client(people.alice).post(PATH, json=KEY))
    await asked.wait()
    other = await client(people.victor).get(PATH)
    go_on.set()
    assert other.status_code == 200
    assert (await waiting).status_code == 201


def _on(loop: asyncio.AbstractEventLoop, act: Any) -> Any:
    def meanwhile(_: Asked) -> None:
        asyncio.run_coroutine_threadsafe(act(), loop).result(30)

    return meanwhile


# ── second factors ───────────────────────────────────────────────────────────────────


async def test_a_second_factor_lives_under_kms(
    client: Client, move_clock: MoveClock, watched: list[int]
) -> None:
    rita = await enrol(client(None), move_clock)
    code = await rita.app.next()
    assert (await login(client(None), code=code)).status_code == 200
    proof = {"code": await rita.app.next()}
    assert (await rita.ask("POST", "/auth/step-up", proof)).status_code == 204
    assert len(watched) == 4
    assert set(watched) == {0}


async def test_without_kms_no_second_factor_is_taken_for_right(
    client: Client, move_clock: MoveClock, owner: AsyncSession, kms: FakeKms
) -> None:
    """Nor is a try counted, which was nobody's fault."""
    rita = await enrol(client(None), move_clock)
    before = await everything(owner)
    kms.fault = refuse("DisabledException")
    code = await rita.app.next()
    proof = {"code": code}
    assert said(await login(client(None), code=code)) == AWAY
    assert said(await rita.ask("POST", "/auth/step-up", proof)) == AWAY
    assert (
        await login(client(None), code=code, password="not hers")
    ).status_code == 401
    after = await everything(owner)
    for table in ("user_sessions", "authenticators", "recovery_codes", "outbox"):
        assert after[table] == before[table]
    kms.fault = lambda _: None
    assert (await login(client(None), code=code)).status_code == 200


async def test_without_kms_no_second_factor_is_begun(
    client: Client, move_clock: MoveClock, owner: AsyncSession, kms: FakeKms
) -> None:
    browser = client(None)
    await register(browser)
    token = (await login(browser)).json()["access_token"]
    kms.fault = refuse("AccessDeniedException")
    before = await everything(owner)
    assert said(await ask(browser, token, "POST", "/auth/mfa/totp")) == AWAY
    assert await everything(owner) == before
    kms.fault = refuse("AccessDeniedException", operation="Decrypt")
    app = await begin(browser, token, move_clock)
    assert said(await confirm(browser, token, app.code())) == AWAY
    kms.fault = lambda _: None
    assert (await confirm(browser, token, app.code())).status_code == 200


# ── pausing ──────────────────────────────────────────────────────────────────────────


async def test_a_pause_ends_the_transaction_and_keeps_the_tenant(
    database: Database, people: People
) -> None:
    tenant = text("SELECT current_setting('app.organization_id')")
    async with database.unit_of_work(
        Login.APP, organization_id=people.alice.organization_id
    ) as session:
        await session.execute(select(Member.id))
        await pause(session)
        assert not session.in_transaction()
        assert await session.scalar(tenant) == str(people.alice.organization_id)
        found = set(await session.scalars(select(Member.organization_id)))
    assert found == {people.alice.organization_id}


async def test_what_was_written_cannot_be_paused(
    database: Database, people: People
) -> None:
    held = select(Member.id).with_for_update()
    changed = update(Member).values(label_scope=None)
    for statement in (held, changed):
        async with database.unit_of_work(
            Login.OWNER, organization_id=people.alice.organization_id
        ) as session:
            await session.execute(statement)
            with pytest.raises(RuntimeError, match="written nothing"):
                await pause(session)
