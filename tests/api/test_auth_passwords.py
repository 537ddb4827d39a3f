"""New passwords: changed by who knows the old one, or set by a mailed link."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import monotonic
from app.core.db import Database
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.outbox import OutboxMessage
from app.models.user import EmailToken, User
from app.services.outbox import OutboxKind
from app.services.password_changes import ANSWER_SECONDS
from tests.api.mailing import deliver
from tests.api.signing import PASSWORD, field_of, login, me, refresh, register
from tests.conftest import Client
from tests.mailbox import Mail, Mailbox

MoveClock = Callable[[str], Awaitable[None]]
NEW = "a walk across the bridge"
RITA = "rita@example.com"


async def forget(browser: AsyncClient, email: str = RITA) -> Response:
    return await browser.post("/api/v1/auth/forgot-password", json={"email": email})


async def reset(browser: AsyncClient, token: str, password: str = NEW) -> Response:
    wanted = {"token": token, "password": password}
    return await browser.post("/api/v1/auth/reset-password", json=wanted)


async def change(
    browser: AsyncClient, token: str, current: str = PASSWORD, new: str = NEW
) -> Response:
    return await browser.post(
        "/api/v1/auth/change-password",
        json={"current_password": current, "new_password": new},
        headers={"Authorization": f"Bearer {token}"},
    )


async def actions(owner: AsyncSession) -> list[str]:
    about_passwords = AuditEvent.action.contains("password")
    return list(await owner.scalars(select(AuditEvent.action).where(about_passwords)))


@pytest.fixture
async def mailed(
    client: Client, database: Database, configured: Settings, mailbox: Mailbox
) -> Mail:
    """Rita has registered and forgotten her password, and the mail has come."""
    await register(client(None))
    assert (await forget(client(None))).status_code == 202
    before = len(mailbox.mails())
    await deliver(database, configured)
    return await mailbox.arrival(RITA, subject="Set a new password", after=before)


# ── changed ──────────────────────────────────────────────────────────────────────


async def test_who_knows_the_password_changes_it_and_only_this_session_stays(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    laptop, phone = client(None), client(None)
    token = (await login(laptop)).json()["access_token"]
    other = (await login(phone)).json()["access_token"]
    assert (await change(laptop, token)).status_code == 204
    assert (await me(laptop, token)).status_code == 200
    assert (await me(phone, other)).status_code == 401
    assert (await refresh(phone)).status_code == 401
    assert (await login(client(None))).status_code == 401
    assert (await login(client(None), password=NEW)).status_code == 200
    assert await actions(owner) == ["user.change_password"]


async def test_a_wrong_present_password_changes_nothing(client: Client) -> None:
    await register(client(None))
    browser = client(None)
    token = (await login(browser)).json()["access_token"]
    answer = await change(browser, token, current="not my password")
    assert field_of(answer) == (422, "/current_password", "wrong")
    assert (await login(client(None))).status_code == 200


async def test_a_weak_new_password_changes_nothing(client: Client) -> None:
    await register(client(None))
    browser = client(None)
    token = (await login(browser)).json()["access_token"]
    answer = await change(browser, token, new="short")
    assert field_of(answer) == (422, "/new_password", "weak")
    assert (await login(client(None))).status_code == 200


async def test_of_two_changes_together_one_counts(client: Client) -> None:
    await register(client(None))
    browser = client(None)
    token = (await login(browser)).json()["access_token"]
    news = ("a walk across the bridge", "a swim under the bridge")
    answers = await asyncio.gather(*(change(browser, token, new=new) for new in news))
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [204, 422]
    chosen = news[statuses.index(204)]
    assert (await login(client(None), password=chosen)).status_code == 200


async def test_a_change_is_mailed_to_its_user(
    client: Client, database: Database, configured: Settings, mailbox: Mailbox
) -> None:
    await register(client(None))
    browser = client(None)
    token = (await login(browser)).json()["access_token"]
    await change(browser, token)
    before = len(mailbox.mails())
    await deliver(database, configured)
    told = await mailbox.arrival(
        RITA, subject="Your password was changed", after=before
    )
    assert told.link == f"{configured.public_url}/forgot-password"


# ── forgotten ────────────────────────────────────────────────────────────────────


async def test_the_mailed_link_sets_a_new_password_and_ends_every_session(
    client: Client, mailed: Mail, owner: AsyncSession, configured: Settings
) -> None:
    browser = client(None)
    token = (await login(browser)).json()["access_token"]
    assert mailed.link.startswith(f"{configured.public_url}/reset-password#token=")
    assert (await reset(client(None), mailed.token)).status_code == 204
    assert (await me(browser, token)).status_code == 401
    assert (await refresh(browser)).status_code == 401
    assert (await login(client(None))).status_code == 401
    assert (await login(client(None), password=NEW)).status_code == 200
    # Who reads its mail has proven its address.
    assert await owner.scalar(select(User.email_verified_at)) is not None
    assert await actions(owner) == ["user.forget_password", "user.reset_password"]


async def test_a_link_sets_one_password(client: Client, mailed: Mail) -> None:
    browser = client(None)
    both = (reset(browser, mailed.token) for _ in range(2))
    statuses = [answer.status_code for answer in await asyncio.gather(*both)]
    assert sorted(statuses) == [204, 422]
    again = await reset(browser, mailed.token, PASSWORD)
    assert field_of(again) == (422, "/token", "unusable")


async def test_a_weak_password_leaves_the_link_as_it_was(
    client: Client, mailed: Mail
) -> None:
    weak = await reset(client(None), mailed.token, "short")
    assert field_of(weak) == (422, "/password", "weak")
    assert (await reset(client(None), mailed.token)).status_code == 204


async def test_a_link_dies_after_half_an_hour_and_another_can_be_asked_for(
    client: Client, mailed: Mail, move_clock: MoveClock, owner: AsyncSession
) -> None:
    await forget(client(None))
    count = select(func.count()).select_from(EmailToken)
    of_both_purposes = 2
    assert await owner.scalar(count) == of_both_purposes  # one works already
    await move_clock("30 minutes")
    answer = await reset(client(None), mailed.token)
    assert field_of(answer) == (422, "/token", "unusable")
    await forget(client(None))
    assert await owner.scalar(count) == of_both_purposes + 1


async def test_a_link_for_the_address_sets_no_password(
    client: Client, database: Database, configured: Settings, mailbox: Mailbox
) -> None:
    await register(client(None))
    before = len(mailbox.mails())
    await deliver(database, configured)
    mail = await mailbox.arrival(RITA, after=before)
    answer = await reset(client(None), mail.token)
    assert field_of(answer) == (422, "/token", "unusable")
    verify = {"token": mail.token}
    verified = await client(None).post("/api/v1/auth/verify-email", json=verify)
    assert verified.status_code == 204


async def test_nothing_tells_whether_somebody_has_the_address(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    for address in (RITA, "nobody@example.com"):
        asked_at = monotonic()
        answer = await forget(client(None), address)
        assert (answer.status_code, answer.content) == (202, b"")
        assert monotonic() - asked_at >= ANSWER_SECONDS
    assert await actions(owner) == ["user.forget_password"]


async def test_asking_again_and_again_fills_no_audit_log(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    for _ in range(3):
        assert (await forget(client(None))).status_code == 202
    assert await actions(owner) == ["user.forget_password"]


async def test_who_asks_while_another_asks_does_not_wait_for_it(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    await owner.execute(select(User.id).with_for_update(key_share=True))
    async with asyncio.timeout(5):  # under the database's patience with a lock
        assert (await forget(client(None))).status_code == 202


async def test_without_mail_a_change_asks_for_none(
    client: Client, app: FastAPI, configured: Settings, owner: AsyncSession
) -> None:
    await register(client(None))
    browser = client(None)
    token = (await login(browser)).json()["access_token"]
    app.state.settings = configured.model_copy(update={"smtp_url": None})
    assert (await change(browser, token)).status_code == 204
    assert OutboxKind.MAIL_PASSWORD_CHANGED not in await owner.scalars(
        select(OutboxMessage.kind)
    )


async def test_two_requests_together_mail_one_link(
    client: Client, database: Database, configured: Settings
) -> None:
    await register(client(None))
    await deliver(database, configured)
    await asyncio.gather(*(forget(client(None)) for _ in range(4)))
    assert await deliver(database, configured) == 1


async def test_where_no_mail_is_configured_it_is_said_to_everybody(
    client: Client, app: FastAPI, configured: Settings
) -> None:
    await register(client(None))
    app.state.settings = configured.model_copy(update={"smtp_url": None})
    for address in (RITA, "nobody@example.com"):
        answer = await forget(client(None), address)
        assert answer.status_code == 409
        assert answer.json()["code"] == "mail-not-configured"
