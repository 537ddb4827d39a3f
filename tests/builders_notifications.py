"""Channels and webhook endpoints for tests, as the API would store them."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.channels import ChannelType
from app.core.clock import now
from app.core.crypto import KeyProvider, encrypt
from app.core.ids import new_id
from app.core.secret import Secret
from app.models.notification import (
    ChannelSecret,
    NotificationChannel,
    WebhookEndpoint,
)
from app.services.channel_secrets import place_of

SLACK_URL = "https://hooks.slack.com/services/T0/B0/canary"
ENDPOINT_SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXM="


async def make_channel(
    session: AsyncSession,
    organization_id: UUID,
    *,
    keys: KeyProvider | None = None,
    secret: str = SLACK_URL,
    **members: Any,
) -> NotificationChannel:
    """One of Slack unless `type` and `configuration` say otherwise; with `keys` its
    secret is stored, too."""
    row = NotificationChannel(
        **{
            "id": new_id(),
            "organization_id": organization_id,
            "name": f"Channel {new_id()}",
            "type": ChannelType.SLACK,
            "configuration": {"type": "slack"},
            "secret_version": 1 if keys else 0,
            "secret_last4": secret[-4:] if keys else None,
            "secret_fingerprint": "made for a test" if keys else None,
            "verified_at": now(),
        }
        | members
    )
    session.add(row)
    await session.flush()
    if keys is not None:
        add_secret(session, row, secret, keys=keys)
        await session.flush()
    return row


async def make_endpoint(
    session: AsyncSession,
    organization_id: UUID,
    *,
    keys: KeyProvider,
    secret: str = ENDPOINT_SECRET,
    **members: Any,
) -> WebhookEndpoint:
    row = WebhookEndpoint(
        **{
            "id": new_id(),
            "organization_id": organization_id,
            "name": f"Endpoint {new_id()}",
            "url": "https://hooks.example.com/cloudrota",
            "events": ["problem.opened", "problem.closed"],
            "secret_version": 1,
            "secret_last4": secret[-4:],
            "secret_fingerprint": "made for a test",
        }
        | members
    )
    session.add(row)
    await session.flush()
    add_secret(session, row, secret, keys=keys)
    await session.flush()
    return row


def add_secret(
    session: AsyncSession,
    row: NotificationChannel | WebhookEndpoint,
    secret: str,
    *,
    keys: KeyProvider,
    version: int | None = None,
) -> None:
    """As the version that the row names, or that one."""
    number = row.secret_version if version is None else version
    place = place_of(row.organization_id, row.id, number)
    sealed = encrypt(keys, Secret(secret), place)
    is_channel = isinstance(row, NotificationChannel)
    session.add(
        ChannelSecret(
            organization_id=row.organization_id,
            channel_id=row.id if is_channel else None,
            endpoint_id=None if is_channel else row.id,
            version=number,
            key_id=sealed.key_id,
            wrapped_key=sealed.wrapped_key,
            ciphertext=sealed.ciphertext,
        )
    )
