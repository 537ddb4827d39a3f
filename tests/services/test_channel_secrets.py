"""Secrets of channels and endpoints: opened where they stand, while they are good."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.crypto import LocalKeys, Undecryptable
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.notification import ChannelSecret, WebhookEndpoint
from app.services.channel_secrets import destroy, open_secret
from tests.builders_notifications import (
    ENDPOINT_SECRET,
    SLACK_URL,
    add_secret,
    make_channel,
    make_endpoint,
)
from tests.personae import People


@pytest.fixture
def keys(configured: Settings) -> LocalKeys:
    return LocalKeys.from_settings(configured)


async def _revealed(database: Database, keys: LocalKeys, **whose: object) -> list[str]:
    organization_id = whose.pop("organization_id")
    async with database.unit_of_work(
        Login.WORKER,
        organization_id=organization_id,  # type: ignore[arg-type]  # of the caller
    ) as session:
        found = await open_secret(
            session,
            keys,
            organization_id,  # type: ignore[arg-type]  # same
            **whose,  # type: ignore[arg-type]  # same
        )
    return [secret.reveal() for secret in found]


async def test_a_channel_has_one_and_one_without_has_none(
    database: Database, people: People, keys: LocalKeys
) -> None:
    acme = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        channel = await make_channel(session, acme, keys=keys)
        mail = await make_channel(
            session, acme, type="email", configuration={"type": "email"}
        )
    of = {"organization_id": acme}
    assert await _revealed(database, keys, channel_id=channel.id, **of) == [SLACK_URL]
    assert await _revealed(database, keys, channel_id=mail.id, **of) == []
    others = {"organization_id": people.mallory.organization_id}
    assert await _revealed(database, keys, channel_id=channel.id, **others) == []


async def test_the_secret_before_signs_along_until_its_time_is_over(
    database: Database, people: People, keys: LocalKeys
) -> None:
    acme = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        row = await make_endpoint(
            session,
            acme,
            keys=keys,
            secret_version=3,
            previous_until=now() + timedelta(hours=1),
        )
        add_secret(session, row, "whsec_Mg==", keys=keys, version=2)
        add_secret(session, row, "whsec_MQ==", keys=keys, version=1)
    whose = {"organization_id": acme, "endpoint_id": row.id}
    both = [ENDPOINT_SECRET, "whsec_Mg=="]
    assert await _revealed(database, keys, **whose) == both
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        assert await destroy(session, acme, row.id) == 1
    assert await _revealed(database, keys, **whose) == both
    async with database.unit_of_work(Login.OWNER) as session:
        over = update(WebhookEndpoint).values(previous_until=func.app_now())
        await session.execute(over)
    assert await _revealed(database, keys, **whose) == both[:1]
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        assert await destroy(session, acme, row.id) == 1
        assert await destroy(session, acme, row.id) == 0


async def test_of_what_is_deleted_nothing_opens_and_nothing_stays(
    database: Database, people: People, keys: LocalKeys, owner: AsyncSession
) -> None:
    acme = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        gone = await make_channel(session, acme, keys=keys, deleted_at=now())
        stays = await make_channel(session, acme, keys=keys)
    whose = {"organization_id": acme, "channel_id": gone.id}
    assert await _revealed(database, keys, **whose) == []
    async with database.unit_of_work(Login.WORKER, organization_id=acme) as session:
        assert await destroy(session, acme, gone.id) == 1
        assert await destroy(session, acme, stays.id) == 0
    assert (await owner.scalars(select(ChannelSecret.channel_id))).all() == [stays.id]


async def test_ciphertext_opens_at_its_own_row_alone(
    database: Database, people: People, keys: LocalKeys
) -> None:
    acme = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        one = await make_channel(session, acme, keys=keys)
        other = await make_channel(session, acme, keys=keys)
        stolen = (
            await session.scalars(
                select(ChannelSecret).where(ChannelSecret.channel_id == one.id)
            )
        ).one()
        moved = update(ChannelSecret).where(ChannelSecret.channel_id == other.id)
        await session.execute(
            moved.values(wrapped_key=stolen.wrapped_key, ciphertext=stolen.ciphertext)
        )
    with pytest.raises(Undecryptable):
        await _revealed(database, keys, organization_id=acme, channel_id=other.id)


async def test_the_api_cannot_read_what_it_writes(
    database: Database, people: People
) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.unit_of_work(
            Login.APP, organization_id=people.alice.organization_id
        ) as session:
            await session.scalars(select(ChannelSecret.ciphertext))
