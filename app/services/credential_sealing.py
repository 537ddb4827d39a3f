"""Encrypts an access key on arrival, with no transaction open while the key service is
asked, and stores what this side cannot read again."""

from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import crypto
from app.core.actor import Actor
from app.core.crypto import Envelope, KeyProvider
from app.core.db import pause
from app.core.ids import new_id
from app.core.permissions import Permission
from app.core.secret import Secret
from app.models.aws_account import AWSCredentials, AWSCredentialVersion
from app.schemas.aws_credentials import WayIn
from app.services import actors
from app.services.credential_entries import long_term
from app.services.credential_opening import StoredKey, place_of


def _stored_key(entry: WayIn) -> StoredKey | None:
    """What is entered of an access key, which must be one that lasts."""
    if entry.access_key_id is None or entry.secret_access_key is None:
        return None
    secret = Secret(entry.secret_access_key.get_secret_value())
    return StoredKey(long_term(entry.access_key_id), secret)


async def seal(
    session: AsyncSession,
    actor: Actor,
    entry: WayIn,
    place: tuple[UUID, int],
    *,
    keys: KeyProvider,
) -> Envelope | None:
    """What is stored of an access key, as that version of these credentials; of a role,
    nothing. No transaction is open while the key service is asked, and who was taken
    off the organization meanwhile writes nothing."""
    key = _stored_key(entry)
    if key is None:
        return None
    await pause(session)
    envelope = await crypto.seal(
        keys, key.pack(), place_of(actor.organization_id, *place)
    )
    present = await actors.authenticate_again(session, actor)
    present.must(Permission.EDIT_CREDENTIALS)
    return envelope


async def store(session: AsyncSession, row: AWSCredentials, envelope: Envelope) -> None:
    # Inline: this login may not read the row it writes, not even its id.
    await session.execute(
        insert(AWSCredentialVersion)
        .inline()
        .values(
            id=new_id(),
            organization_id=row.organization_id,
            credentials_id=row.id,
            version=row.current_version,
            key_id=envelope.key_id,
            wrapped_key=envelope.wrapped_key,
            ciphertext=envelope.ciphertext,
        )
    )
