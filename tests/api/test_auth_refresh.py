"""Refresh tokens: rotated on every use, forgiven for ten seconds, then a theft."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.settings import Settings
from app.core.tokens import hash_token, read_access_token
from app.models.audit import AuditEvent
from app.models.organization import Member
from app.models.outbox import OutboxMessage
from app.models.user import User, UserSession
from app.services.refresh_tokens import RefreshToken
from tests.api.mailing import deliver
from tests.api.signing import (
    COOKIE,
    CSRF,
    field_of,
    login,
    me,
    refresh,
    register,
    set_cookie,
)
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.mailbox import Mailbox
from tests.personae import make_organization

REFRESH = "/api/v1/auth/refresh"
SWITCH = "/api/v1/auth/switch"
LOGOUT = "/api/v1/auth/logout"
MoveClock = Callable[[str], Awaitable[None]]


async def _join(database: Database, user_id: str, name: str) -> str:
    """The user becomes a viewer of another organization."""
    async with database.unit_of_work(Login.OWNER) as session:
        organization_id = await make_organization(session, name)
        session.add(
            Member(
                organization_id=organization_id,
                user_id=UUID(user_id),
                role=Role.VIEWER,
            )
        )
    return str(organization_id)


async def test_every_use_answers_a_new_token(client: Client) -> None:
    browser = client(None)
    made = await register(browser)
    tokens = [browser.cookies[COOKIE]]
    for _ in range(3):
        answer = await refresh(browser)
        assert answer.status_code == 200
        assert answer.json()["organization_id"] == made["organization"]["id"]
        tokens.append(set_cookie(answer))
    assert len(set(tokens)) == 4
    assert (await me(browser, answer.json()["access_token"])).status_code == 200


async def test_within_the_grace_a_predecessor_gets_the_same_successor(
    client: Client, owner: AsyncSession, move_clock: MoveClock
) -> None:
    browser = client(None)
    await register(browser)
    first = browser.cookies[COOKIE]
    successor = set_cookie(await refresh(browser, first))
    await move_clock("8 seconds")
    again = await refresh(browser, first)
    assert again.status_code == 200
    assert set_cookie(again) == successor
    assert await owner.scalar(select(UserSession.generation)) == 1


async def test_tabs_that_refresh_together_get_one_successor(client: Client) -> None:
    browser = client(None)
    await register(browser)
    cookie = browser.cookies[COOKIE]
    tabs = [client(None) for _ in range(4)]
    answers = await asyncio.gather(*(refresh(tab, cookie) for tab in tabs))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({set_cookie(answer) for answer in answers}) == 1


@pytest.mark.parametrize("generations_ago", [1, 2, 3])
async def test_later_reuse_ends_the_session_for_all(
    client: Client, owner: AsyncSession, move_clock: MoveClock, generations_ago: int
) -> None:
    browser = client(None)
    made = await register(browser)
    tokens = [browser.cookies[COOKIE]]
    for _ in range(3):
        tokens.append(set_cookie(await refresh(browser)))  # noqa: PERF401 — in order
    await move_clock("11 seconds")

    stolen = await refresh(client(None), tokens[-1 - generations_ago])
    assert (stolen.status_code, stolen.json()["code"]) == (401, "invalid-token")
    assert (await refresh(browser, tokens[-1])).status_code == 401
    assert (await me(browser, made["access_token"])).status_code == 401
    row = (await owner.scalars(select(UserSession))).one()
    assert row.revoked_reason == "refresh_token_reused"
    revoked = select(AuditEvent).where(AuditEvent.action == "session.revoke")
    event = (await owner.scalars(revoked)).one()
    assert event.detail == {"reason": "refresh_token_reused"}
    assert event.subject_id == row.id


async def test_reuse_is_told_to_the_user_once(
    client: Client, database: Database, configured: Settings, mailbox: Mailbox
) -> None:
    browser = client(None)
    await register(browser)
    await deliver(database, configured)
    first = browser.cookies[COOKIE]
    for _ in range(2):
        await refresh(browser)
    before = len(mailbox.mails())
    for _ in range(2):
        assert (await refresh(client(None), first)).status_code == 401
    assert await deliver(database, configured) == 1
    told = await mailbox.arrival(
        "rita@example.com", subject="A session of yours was ended", after=before
    )
    assert told.link == f"{configured.public_url}/forgot-password"


async def test_where_there_is_no_mail_reuse_still_ends_the_session(
    client: Client, app: FastAPI, configured: Settings, owner: AsyncSession
) -> None:
    app.state.settings = configured.model_copy(update={"smtp_url": None})
    browser = client(None)
    await register(browser)
    first = browser.cookies[COOKIE]
    for _ in range(2):
        await refresh(browser)
    assert (await refresh(client(None), first)).status_code == 401
    assert (await refresh(browser)).status_code == 401
    assert await owner.scalar(select(func.count()).select_from(OutboxMessage)) == 0


async def test_an_older_token_is_reuse_even_within_the_grace(client: Client) -> None:
    browser = client(None)
    await register(browser)
    first = browser.cookies[COOKIE]
    for _ in range(2):
        await refresh(browser)
    assert (await refresh(client(None), first)).status_code == 401
    assert (await refresh(browser)).status_code == 401


async def test_a_refresh_waits_for_the_one_before_it(
    client: Client, database: Database, configured: Settings
) -> None:
    """Otherwise it would write an older generation over a newer one."""
    browser = client(None)
    await register(browser)
    session_id, user_id, _, _ = browser.cookies[COOKIE].split(".")
    newer = [
        RefreshToken(UUID(session_id), UUID(user_id), generation).text(configured)
        for generation in (1, 2)
    ]
    async with database.unit_of_work(Login.OWNER) as session:
        row = (await session.scalars(select(UserSession).with_for_update())).one()
        asked = asyncio.create_task(refresh(browser))
        await until_it_waits(database, asked)
        row.generation = 2
        row.previous_token_hash, row.token_hash = map(hash_token, newer)
    assert (await asked).status_code == 401, "its token is two generations old"


def _forgeries(settings: Settings, token: str) -> list[str]:
    session, user, generation, mac = token.split(".")
    other = RefreshToken(UUID(session), uuid4(), 0).text(settings)
    flipped = ("A" if mac[0] != "A" else "B") + mac[1:]
    return [
        "",
        "x" * 5000,
        mac,
        f"{session}.{user}.{generation}.{flipped}",
        f"{session}.{user}.{int(generation) + 1}.{mac}",
        f"{session}.{user}.0{generation}.{mac}",
        f"{uuid4().hex}.{user}.{generation}.{mac}",
        f"{session}.{uuid4().hex}.{generation}.{mac}",
        f"{other.rpartition('.')[0]}.{mac}",
    ]


async def test_a_forged_token_neither_refreshes_nor_revokes(
    client: Client, configured: Settings
) -> None:
    browser = client(None)
    await register(browser)
    good = browser.cookies[COOKIE]
    for forged in _forgeries(configured, good):
        headers = {**CSRF, "Cookie": f"{COOKIE}={forged}"}
        answer = await client(None).post(REFRESH, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")
    assert (await refresh(browser, good)).status_code == 200


async def test_a_token_of_another_key_is_forged(
    client: Client, configured: Settings
) -> None:
    browser = client(None)
    await register(browser)
    session, user, generation, _ = browser.cookies[COOKIE].split(".")
    key = type(configured.secret_key)("fedcba9876543210" * 4)
    other = configured.model_copy(update={"secret_key": key})
    token = RefreshToken(UUID(session), UUID(user), int(generation)).text(other)
    assert (await refresh(browser, token)).status_code == 401


async def test_a_session_ends_on_its_day_however_often_it_is_refreshed(
    client: Client, move_clock: MoveClock
) -> None:
    browser = client(None)
    await register(browser)
    for days in range(2, 29, 2):
        await move_clock(f"{days} days")
        assert (await refresh(browser)).status_code == 200
    await move_clock("29 days")
    answer = await refresh(browser)
    assert answer.status_code == 200
    left = int(answer.headers["set-cookie"].split("Max-Age=")[1].split(";")[0])
    assert 0 < left <= 24 * 3600
    await move_clock("30 days 1 second")
    assert (await refresh(browser)).status_code == 401


async def test_a_session_that_nobody_uses_ends_sooner(
    client: Client, configured: Settings, move_clock: MoveClock
) -> None:
    browser = client(None)
    await register(browser)
    idle = configured.session_idle_hours
    await move_clock(f"{idle - 1} hours")
    answer = await refresh(browser)
    assert answer.status_code == 200
    left = int(answer.headers["set-cookie"].split("Max-Age=")[1].split(";")[0])
    assert left == idle * 3600
    held = f"{COOKIE}={browser.cookies[COOKIE]}"
    await move_clock(f"{2 * idle - 1} hours 1 second")
    late = await browser.post(REFRESH, headers={**CSRF, "Cookie": held})
    assert (late.status_code, late.json()["code"]) == (401, "invalid-token")


async def test_a_removed_member_and_a_disabled_user_are_refused(
    client: Client, database: Database
) -> None:
    for change in (
        update(Member).values(removed_at=now()),
        update(User).values(disabled_at=now()),
    ):
        browser = client(None)
        await register(browser, f"{uuid4().hex}@example.com")
        async with database.unit_of_work(Login.OWNER) as session:
            await session.execute(change)
        answer = await refresh(browser)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")


async def test_switches_to_another_of_ones_organizations(
    client: Client, database: Database, owner: AsyncSession
) -> None:
    browser = client(None)
    made = await register(browser)
    second = await _join(database, made["user"]["id"], "Second")
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    answer = await browser.post(
        SWITCH, headers=headers, json={"organization_id": second}
    )
    assert answer.status_code == 200
    oneself = (await me(browser, answer.json()["access_token"])).json()
    assert oneself["organization"]["id"] == second
    assert oneself["role"] == "viewer"
    assert (await refresh(browser)).json()["organization_id"] == second
    switched = select(AuditEvent).where(AuditEvent.action == "session.switch")
    event = (await owner.scalars(switched)).one()
    assert str(event.organization_id) == second, "not told to the one that is left"


async def test_two_tabs_on_two_organizations_never_cross(
    client: Client, database: Database, configured: Settings
) -> None:
    browser = client(None)
    made = await register(browser)
    first = made["organization"]["id"]
    second = await _join(database, made["user"]["id"], "Second")
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    await browser.post(SWITCH, headers=headers, json={"organization_id": second})
    for wanted in (first, second, first):
        answer = await browser.post(
            REFRESH, headers=CSRF, json={"organization_id": wanted}
        )
        assert answer.json()["organization_id"] == wanted
        claims = read_access_token(configured, answer.json()["access_token"])
        assert str(claims.organization_id) == wanted


async def test_the_end_of_a_session_is_recorded_where_that_one_was(
    client: Client, database: Database, owner: AsyncSession
) -> None:
    laptop, phone = client(None), client(None)
    made = await register(laptop)
    first = made["organization"]["id"]
    second = await _join(database, made["user"]["id"], "Second")
    headers = {"Authorization": f"Bearer {(await login(phone)).json()['access_token']}"}
    await phone.post(SWITCH, headers=headers, json={"organization_id": second})
    for browser, place in ((laptop, first), (phone, second)):
        assert (await browser.post(LOGOUT, headers=CSRF)).status_code == 204
        ended = select(AuditEvent).where(AuditEvent.action == "session.end")
        event = (await owner.scalars(ended.order_by(AuditEvent.id.desc()))).first()
        assert event is not None
        assert str(event.organization_id) == place


async def _ask_for(browser: AsyncClient, path: str, body: object, token: str) -> object:
    headers = {**CSRF, "Authorization": f"Bearer {token}"}
    return field_of(await browser.post(path, headers=headers, json=body))


@pytest.mark.parametrize("path", [SWITCH, REFRESH])
async def test_a_foreign_organization_is_an_unknown_one(
    client: Client, database: Database, owner: AsyncSession, path: str
) -> None:
    browser = client(None)
    made = await register(browser)
    async with database.unit_of_work(Login.OWNER) as session:
        foreign = await make_organization(session, "Foreign")
    for id in (str(foreign), str(uuid4())):
        body = {"organization_id": id}
        field = await _ask_for(browser, path, body, made["access_token"])
        assert field == (422, "/organization_id", "unknown")
    assert await owner.scalar(select(UserSession.generation)) == 0, "nothing was used"
    assert (await refresh(browser)).status_code == 200
