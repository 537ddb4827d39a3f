"""The mail that asks for a channel's confirmation, over real SMTP."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.tokens import hash_token
from app.models.notification import ChannelConfirmation, NotificationChannel
from app.services import channel_confirmations, channel_mails
from tests.builders_notifications import make_channel
from tests.mailbox import Mailbox
from tests.personae import People

HOSTILE = '<a href="https://evil.example">Click</a>\n<!channel> win'


@pytest.fixture
async def asked(database: Database, configured: Settings, people: People) -> UUID:
    """A confirmation that Alice asked for, of an address of this test's own."""
    id, acme = new_id(), people.alice.organization_id
    address = f"desk-{id.hex}@example.com"
    async with database.unit_of_work(Login.OWNER) as session:
        channel = await make_channel(
            session,
            acme,
            name=HOSTILE,
            type="email",
            configuration={"type": "email", "to": "address", "address": address},
            verified_at=None,
        )
        session.add(
            ChannelConfirmation(
                id=id,
                organization_id=acme,
                channel_id=channel.id,
                address=address,
                asked_by=people.alice.user_id,
                token_hash=hash_token(channel_confirmations.token_of(configured, id)),
                expires_at=now() + timedelta(minutes=30),
            )
        )
    return id


async def test_its_link_works_and_it_repeats_nothing_that_somebody_typed(
    database: Database,
    configured: Settings,
    people: People,
    mailbox: Mailbox,
    asked: UUID,
) -> None:
    before = len(mailbox.mails())
    whose = (database, configured, people.alice.organization_id, asked)
    await channel_mails.send_confirmation(*whose)
    mail = await mailbox.arrival(f"desk-{asked.hex}@example.com", after=before)
    for part in mail.message.walk():
        assert "evil" not in part.as_string()
        assert "!channel" not in part.as_string()
    assert "alice@example.com asks" in mail.text
    assert mail.token == channel_confirmations.token_of(configured, asked)
    await channel_confirmations.confirm(database, mail.token)


ENDED = {
    "used": update(ChannelConfirmation).values(used_at=now()),
    "expired": update(ChannelConfirmation).values(expires_at=now()),
    "of another address": update(ChannelConfirmation).values(address="x@example.com"),
    "of what is deleted": update(NotificationChannel).values(deleted_at=now()),
}


@pytest.mark.parametrize("why", ENDED)
async def test_a_link_that_does_not_work_is_not_mailed(
    database: Database,
    configured: Settings,
    people: People,
    mailbox: Mailbox,
    asked: UUID,
    why: str,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(ENDED[why])
    before = len(mailbox.mails())
    whose = (database, configured, people.alice.organization_id, asked)
    await channel_mails.send_confirmation(*whose)
    assert len(mailbox.mails()) == before
