"""The secret of an authenticator and the recovery codes are told once, to their user,
and are then in no row, no log, no message and no answer."""

from io import StringIO

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import LocalKeys, Undecryptable
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.second_factor import Authenticator
from app.services import second_factor
from tests.api.authenticating import Enrolled, MoveClock, enrol
from tests.api.mailing import deliver
from tests.api.signing import login
from tests.conftest import Client
from tests.hostile.database import columns, hits, hits_in_valkey
from tests.mailbox import Mailbox


@pytest.fixture
async def rita(client: Client, move_clock: MoveClock, logged: StringIO) -> Enrolled:
    return await enrol(client(None), move_clock)


async def live(client: Client, rita: Enrolled) -> list[str]:
    """What she is answered for right, wrong and used codes, and when she looks."""
    used = rita.recovery_codes[0]
    sent = [await rita.app.next(), rita.app.wrong_code(), used, used]
    answers = [await login(client(None), code=code) for code in sent]
    answers += [
        await rita.ask("GET", path)
        for path in ("/auth/mfa", "/auth/me", "/auth/sessions", "/organization")
    ]
    answers.append(await rita.ask("POST", "/auth/mfa/totp"))
    answers.append(
        await rita.ask("POST", "/auth/mfa/totp/confirm", {"code": "1", "used": used})
    )
    return [answer.text for answer in answers]


async def test_they_are_told_once_and_kept_nowhere(
    client: Client,
    rita: Enrolled,
    owner: AsyncSession,
    configured: Settings,
    database: Database,
    mailbox: Mailbox,
    logged: StringIO,
) -> None:
    before = len(mailbox.mails())
    answers = await live(client, rita)
    await deliver(database, configured)
    mails = [mail.text for mail in mailbox.mails()[before:]]
    assert mails
    plain = [code.replace("-", "") for code in rita.recovery_codes]
    for secret in (rita.app.secret, *rita.recovery_codes, *plain):
        assert await hits(owner, secret) == {}
        assert await hits_in_valkey(configured, secret) == []
        assert secret not in logged.getvalue()
        assert not [text for text in answers + mails if secret in text]
    # The same look finds what is no secret, and goes into these tables.
    assert "rita@example.com" in "".join(answers)
    assert (await hits(owner, "rita@example.com")).keys() >= {"users.email"}
    tables = {table for _, table, _ in await columns(owner)}
    assert tables >= {"authenticators", "recovery_codes"}


async def test_a_secret_that_was_moved_to_another_user_opens_nothing(
    rita: Enrolled, database: Database, configured: Settings, owner: AsyncSession
) -> None:
    keys = LocalKeys.from_settings(configured)
    user_id = await owner.scalar(select(Authenticator.user_id))
    assert user_id is not None
    async with database.unit_of_work(Login.APP, user_id=user_id) as session:
        stored = await second_factor.find(session, user_id)
    assert stored is not None
    opened = await second_factor.unseal(keys, stored)
    assert opened.secret.reveal() == rita.app.secret
    assert rita.app.secret not in repr(opened)
    moved = second_factor.Factor(stored.id, stored.id, stored.envelope)
    with pytest.raises(Undecryptable):
        await second_factor.unseal(keys, moved)
