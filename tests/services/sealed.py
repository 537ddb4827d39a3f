"""Stored secrets for the tests of wrapping anew: made under keys of their own, opened
by chosen ones, and a key that lets a test act in the middle."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import (
    DataKey,
    Envelope,
    KeyProvider,
    Keyring,
    LocalKey,
    Place,
    decrypt,
    encrypt,
)
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.secret import Secret
from app.models.aws_account import AWSCredentialVersion, CredentialsKind
from app.models.notification import ChannelSecret
from app.models.second_factor import Authenticator
from app.services import channel_secrets, second_factor
from app.services.credential_opening import place_of
from tests.builders import make_credentials

OLD_BYTES, NEW_BYTES = b"o" * 31 + b"1", b"n" * 31 + b"2"
OLD, NEW = LocalKey("old", OLD_BYTES), LocalKey("new", NEW_BYTES)
BEFORE = Keyring({"old": OLD}, "old")
BOTH = Keyring({"old": OLD, "new": NEW}, "new")
AFTER = Keyring({"new": NEW}, "new")

Hook = Callable[[int], Coroutine[Any, Any, None]]


class Watched(LocalKey):
    """A key that lets the test do something on the loop before each new data key."""

    def __init__(self, hook: Hook) -> None:
        super().__init__("new", NEW_BYTES)
        self._hook, self._made = hook, 0
        self._loop = asyncio.get_running_loop()

    def new_data_key(self, place: Place) -> DataKey:
        self._made += 1
        asyncio.run_coroutine_threadsafe(self._hook(self._made), self._loop).result(30)
        return super().new_data_key(place)


def watched(hook: Hook) -> Keyring:
    return Keyring({"old": OLD, "new": Watched(hook)}, "new")


async def make_version(
    database: Database,
    organization_id: UUID,
    secret: str,
    *,
    keys: KeyProvider = BEFORE,
    version: int = 1,
    credentials_id: UUID | None = None,
) -> AWSCredentialVersion:
    """Stored as the API stores it."""
    async with database.unit_of_work(Login.OWNER) as session:
        if credentials_id is None:
            credentials = await make_credentials(
                session,
                organization_id,
                None,
                name=str(new_id()),
                kind=CredentialsKind.ACCESS_KEY,
            )
            credentials_id = credentials.id
        place = place_of(organization_id, credentials_id, version)
        sealed = encrypt(keys, Secret(secret), place)
        row = AWSCredentialVersion(
            id=new_id(),
            organization_id=organization_id,
            credentials_id=credentials_id,
            version=version,
            key_id=sealed.key_id,
            wrapped_key=sealed.wrapped_key,
            ciphertext=sealed.ciphertext,
        )
        session.add(row)
    return row


async def make_factor(database: Database, user_id: UUID, secret: str) -> UUID:
    id = new_id()
    sealed = encrypt(BEFORE, Secret(secret), second_factor.place_of(id, user_id))
    row = Authenticator(
        id=id,
        user_id=user_id,
        key_id=sealed.key_id,
        wrapped_key=sealed.wrapped_key,
        ciphertext=sealed.ciphertext,
    )
    async with database.unit_of_work(Login.OWNER) as session:
        session.add(row)
    return id


async def opened(owner: AsyncSession, keys: KeyProvider) -> Counter[str]:
    """Every secret that is stored, opened by these keys alone."""
    await owner.rollback()
    found: Counter[str] = Counter()
    versions = await owner.scalars(select(AWSCredentialVersion))
    for row in versions:
        place = place_of(row.organization_id, row.credentials_id, row.version)
        found[_open(keys, row, place)] += 1
    for factor in await owner.scalars(select(Authenticator)):
        place = second_factor.place_of(factor.id, factor.user_id)
        found[_open(keys, factor, place)] += 1
    for secret in await owner.scalars(select(ChannelSecret)):
        recipient = secret.channel_id or secret.endpoint_id
        assert recipient is not None
        place = channel_secrets.place_of(
            secret.organization_id, recipient, secret.version
        )
        found[_open(keys, secret, place)] += 1
    owner.expunge_all()
    return found


def _open(
    keys: KeyProvider,
    row: AWSCredentialVersion | Authenticator | ChannelSecret,
    place: Place,
) -> str:
    envelope = Envelope(row.key_id, row.wrapped_key, row.ciphertext)
    return decrypt(keys, envelope, place).reveal()
