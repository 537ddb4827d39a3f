"""The way of a verification link: registered, mailed, used once."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.core.tokens import derive_token
from app.models.audit import AuditEvent
from app.models.organization import Member
from app.models.outbox import OutboxMessage
from app.models.user import EmailToken, EmailTokenPurpose, User, UserSession
from app.services import mails
from tests.api.mailing import deliver
from tests.api.signing import (
    field_of,
    login,
    mail_to,
    me,
    register,
)
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.mailbox import Mail, Mailbox

MoveClock = Callable[[str], Awaitable[None]]


async def _verify(browser: AsyncClient, token: str) -> Response:
    return await browser.post("/api/v1/auth/verify-email", json={"token": token})


@pytest.fixture
async def mailed(
    client: Client,
    database: Database,
    configured: Settings,
    mailbox: Mailbox,
    request: pytest.FixtureRequest,
) -> Mail:
    """Rita has registered, and her mail has come."""
    await register(client(None), "rita@example.com")
    before = len(mailbox.mails())
    await deliver(database, configured)
    return await mailbox.arrival("rita@example.com", after=before)


async def test_the_mailed_link_verifies_the_address(
    client: Client, mailed: Mail, owner: AsyncSession
) -> None:
    assert (await _verify(client(None), mailed.token)).status_code == 204
    assert await owner.scalar(select(User.email_verified_at)) is not None
    verified = select(AuditEvent).where(AuditEvent.action == "user.verify_email")
    assert len((await owner.scalars(verified)).all()) == 1
    browser = client(None)
    oneself = await me(browser, (await login(browser)).json()["access_token"])
    assert oneself.json()["user"]["email_verified_at"] is not None


async def test_the_link_leads_to_the_console_and_hides_its_token_from_servers(
    mailed: Mail, configured: Settings
) -> None:
    assert mailed.link.startswith(f"{configured.public_url}/verify-email#token=")
    assert len(mailed.token) == 43


async def test_a_link_works_once(client: Client, mailed: Mail) -> None:
    assert (await _verify(client(None), mailed.token)).status_code == 204
    again = await _verify(client(None), mailed.token)
    assert field_of(again) == (422, "/token", "unusable")


async def test_of_two_clicks_together_one_counts(client: Client, mailed: Mail) -> None:
    clicks = (_verify(client(None), mailed.token) for _ in range(2))
    statuses = [answer.status_code for answer in await asyncio.gather(*clicks)]
    assert sorted(statuses) == [204, 422]


async def test_a_link_dies_after_half_an_hour(
    client: Client, mailed: Mail, move_clock: MoveClock, owner: AsyncSession
) -> None:
    await move_clock("30 minutes")
    answer = await _verify(client(None), mailed.token)
    assert field_of(answer) == (422, "/token", "unusable")
    assert await owner.scalar(select(User.email_verified_at)) is None


async def test_a_token_made_for_another_purpose_verifies_nothing(
    client: Client, mailed: Mail, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(EmailToken).values(purpose=EmailTokenPurpose.RESET_PASSWORD)
        )
    assert (await _verify(client(None), mailed.token)).status_code == 422


@pytest.mark.parametrize("token", ["", "x" * 201, "a b", "a\0b", "unknown"])
async def test_nonsense_is_no_token(client: Client, token: str) -> None:
    answer = await _verify(client(None), token)
    status, pointer, _ = field_of(answer)
    assert (status, pointer) == (422, "/token")


async def test_a_token_of_another_key_verifies_nothing(
    client: Client, configured: Settings, owner: AsyncSession
) -> None:
    await register(client(None))
    token_id = await owner.scalar(select(EmailToken.id))
    key = type(configured.secret_key)("fedcba9876543210" * 4)
    other = configured.model_copy(update={"secret_key": key})
    token = derive_token(other, "verify_email", str(token_id))
    assert (await _verify(client(None), token)).status_code == 422


async def test_a_user_of_no_organization_verifies_nothing(
    client: Client, mailed: Mail, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(Member).values(removed_at=func.app_now()))
    answer = await _verify(client(None), mailed.token)
    assert (answer.status_code, answer.json()["code"]) == (403, "no-organization")


async def test_signing_in_asks_for_a_new_link_once_the_old_one_is_dead(
    client: Client, move_clock: MoveClock, owner: AsyncSession
) -> None:
    await register(client(None))
    asked = select(func.count()).select_from(OutboxMessage)
    await login(client(None))
    assert await owner.scalar(asked) == 1, "the first link still works"
    await move_clock("31 minutes")
    await asyncio.gather(*(login(client(None)) for _ in range(3)))
    assert await owner.scalar(asked) == 2
    signed_in = select(func.count()).select_from(UserSession)
    assert await owner.scalar(signed_in) == 5


async def test_of_two_sign_ins_together_one_asks_for_a_link(
    client: Client, database: Database, owner: AsyncSession
) -> None:
    await register(client(None))
    async with database.unit_of_work(Login.OWNER) as session:
        token = (await session.scalars(select(EmailToken))).one()
        token.used_at = token.created_at
    async with database.unit_of_work(Login.OWNER) as first:
        await first.execute(select(User).with_for_update(key_share=True))
        asked = asyncio.create_task(login(client(None)))
        await until_it_waits(database, asked)
        revived = update(EmailToken).values(used_at=None)
        await first.execute(revived)
    assert (await asked).status_code == 200
    count = select(func.count()).select_from(OutboxMessage)
    assert await owner.scalar(count) == 1, "the other one's link is on its way"


async def test_a_verified_user_is_asked_no_more(
    client: Client, mailed: Mail, move_clock: MoveClock, owner: AsyncSession
) -> None:
    await _verify(client(None), mailed.token)
    await move_clock("31 minutes")
    await login(client(None))
    asked = select(func.count()).select_from(OutboxMessage)
    assert await owner.scalar(asked) == 1


async def test_no_mail_repeats_what_somebody_typed(
    client: Client, database: Database, configured: Settings, mailbox: Mailbox
) -> None:
    hostile = "<b>WIN</b> https://evil.example"
    body = {
        "email": "victim@example.com",
        "password": "a walk along the river",
        "name": hostile,
        "organization_name": hostile,
    }
    answer = await client(None).post("/api/v1/auth/register", json=body)
    assert answer.status_code == 201
    await deliver(database, configured)
    mail = await mail_to(mailbox, "victim@example.com")
    assert "evil.example" not in mail.message.as_string()


async def test_a_link_that_would_not_work_is_not_sent(
    client: Client,
    database: Database,
    configured: Settings,
    mailbox: Mailbox,
    move_clock: MoveClock,
) -> None:
    await register(client(None), "late@example.com")
    await move_clock("31 minutes")
    await deliver(database, configured)
    assert not any("late@example.com" in mail.recipients for mail in mailbox.mails())


async def test_the_worker_of_another_tenant_reads_no_address(
    client: Client, database: Database, configured: Settings, owner: AsyncSession
) -> None:
    await register(client(None), "rita@example.com")
    mallory = await register(client(None), "mallory@example.com")
    rita = select(EmailToken.id).join(User, User.id == EmailToken.user_id)
    token_id = await owner.scalar(rita.where(User.email == "rita@example.com"))
    assert token_id is not None
    async with database.unit_of_work(
        Login.WORKER, organization_id=UUID(mallory["organization"]["id"])
    ) as session:
        verify = EmailTokenPurpose.VERIFY_EMAIL
        mail = await mails.link_mail(session, configured, token_id, purpose=verify)
        assert mail is None
