"""Envelope encryption: every value gets a fresh AES-256-GCM data key, which a
key-encryption key wraps. What is encrypted is bound to where it stands."""

import base64
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.errors import Unavailable
from app.core.secret import Secret
from app.core.settings import Settings
from app.core.threads import Threads

_KEY_BYTES = 32
_NONCE_BYTES = 12
# A key service that hangs holds these, and not the threads of everything else.
_threads = Threads(16)

Reason = Literal["away", "throttled", "denied", "disabled", "failed"]
_SENTENCES: Mapping[Reason, str] = {
    "away": "The key service does not answer. Try again in a moment.",
    "throttled": "The key service is asked too much. Try again in a moment.",
    "denied": "The key service refuses this deployment: tell who runs it.",
    "disabled": "The key is disabled or gone: tell who runs this deployment.",
    "failed": "The key service failed: tell who runs this deployment.",
}


class Undecryptable(Unavailable):
    """The key is unknown, or the value was altered or moved to another row."""

    code = "undecryptable"
    title = "A stored secret cannot be decrypted"


class KeyServiceUnavailable(Unavailable):
    """The service that holds a key did not do its part: the deployment's own trouble,
    which says nothing about the value, nor about anybody's AWS account."""

    code = "key-service-unavailable"
    title = "The service that holds the encryption keys cannot be used"

    def __init__(self, key_id: str, reason: Reason) -> None:
        super().__init__(_SENTENCES[reason])
        self.key_id = key_id
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands; it decrypts nowhere else."""

    organization_id: str
    row_id: str
    version: int
    column: str

    def authenticated_data(self, key_id: str) -> bytes:
        """The parts, each with its length in front, so that none can run over."""
        parts = (
            self.organization_id,
            self.row_id,
            str(self.version),
            self.column,
            key_id,
        )
        encoded = [part.encode() for part in parts]
        return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)

    def context(self) -> dict[str, str]:
        """The parts by name, as a key service takes, checks and logs them."""
        return {
            "organization": self.organization_id,
            "row": self.row_id,
            "version": str(self.version),
            "column": self.column,
        }


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is stored: the wrapped data key, and the value under that data key."""

    key_id: str
    wrapped_key: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class DataKey:
    """A fresh key for one value, and how it is stored. Who holds it forgets it soon."""

    plain: bytes = field(repr=False)
    wrapped: bytes


class WrappingKey(Protocol):
    """One key-encryption key, wherever it is held. It may ask a service, and so blocks:
    for threads, with no transaction open."""

    def new_data_key(self, place: Place) -> DataKey: ...

    def unwrap(self, wrapped: bytes, place: Place) -> bytes: ...


class KeyProvider(Protocol):
    """Holds key-encryption keys by id: the active one wraps what is new, each unwraps
    what it wrapped. Raises KeyServiceUnavailable, or Undecryptable."""

    @property
    def active_key_id(self) -> str: ...

    @property
    def key_ids(self) -> Collection[str]: ...

    def new_data_key(self, place: Place) -> DataKey: ...

    def unwrap(self, key_id: str, wrapped: bytes, place: Place) -> bytes: ...


class Keyring:
    """A KeyProvider of keys that may be held in different places."""

    def __init__(self, keys: Mapping[str, WrappingKey], active_key_id: str) -> None:
        if active_key_id not in keys:
            raise ValueError(f"the active key {active_key_id!r} is not here")
        self._keys = keys
        self._active_key_id = active_key_id

    @property
    def active_key_id(self) -> str:
        return self._active_key_id

    @property
    def key_ids(self) -> Collection[str]:
        return self._keys.keys()

    def new_data_key(self, place: Place) -> DataKey:
        return self._keys[self._active_key_id].new_data_key(place)

    def unwrap(self, key_id: str, wrapped: bytes, place: Place) -> bytes:
        if key_id not in self._keys:
            raise Undecryptable(f"The key-encryption key {key_id!r} is not here.")
        return self._keys[key_id].unwrap(wrapped, place)


class LocalKey:
    """A key-encryption key that this process holds itself."""

    def __init__(self, key_id: str, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise ValueError(f"key {key_id!r} must have {_KEY_BYTES} bytes")
        self._key_id = key_id
        self._key = key

    def new_data_key(self, place: Place) -> DataKey:
        plain = secrets.token_bytes(_KEY_BYTES)
        data = place.authenticated_data(self._key_id)
        return DataKey(plain, _seal(self._key, plain, data))

    def unwrap(self, wrapped: bytes, place: Place) -> bytes:
        return _open(self._key, wrapped, place.authenticated_data(self._key_id))


class LocalKeys(Keyring):
    """Key-encryption keys from the settings, by id: for self-hosting and tests."""

    def __init__(self, keys: dict[str, bytes], active_key_id: str) -> None:
        held = {key_id: LocalKey(key_id, key) for key_id, key in keys.items()}
        super().__init__(held, active_key_id)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        if settings.credential_active_key is None:
            raise ValueError("CREDENTIAL_KEYS and CREDENTIAL_ACTIVE_KEY are not set")
        return cls(local_keys_of(settings), settings.credential_active_key)


def local_keys_of(settings: Settings) -> dict[str, bytes]:
    return {
        key_id: base64.b64decode(key.get_secret_value(), validate=True)
        for key_id, key in settings.credential_keys.items()
    }


async def seal(provider: KeyProvider, secret: Secret, place: Place) -> Envelope:
    """`encrypt` in a thread. No transaction may be open: a key service may be asked."""
    return await _threads.run(encrypt, provider, secret, place)


async def unseal(provider: KeyProvider, envelope: Envelope, place: Place) -> Secret:
    """`decrypt` in a thread. No transaction may be open: a key service may be asked."""
    return await _threads.run(decrypt, provider, envelope, place)


def encrypt(provider: KeyProvider, secret: Secret, place: Place) -> Envelope:
    key_id = provider.active_key_id
    data_key = provider.new_data_key(place)
    data = place.authenticated_data(key_id)
    sealed = _seal(data_key.plain, secret.reveal().encode(), data)
    return Envelope(key_id, data_key.wrapped, sealed)


def decrypt(provider: KeyProvider, envelope: Envelope, place: Place) -> Secret:
    """The secret; Undecryptable if anything about it or its place was changed."""
    data_key = provider.unwrap(envelope.key_id, envelope.wrapped_key, place)
    data = place.authenticated_data(envelope.key_id)
    return Secret(_open(data_key, envelope.ciphertext, data).decode())


def _seal(key: bytes, text: bytes, data: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, data)


def _open(key: bytes, sealed: bytes, data: bytes) -> bytes:
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, data)
    except (InvalidTag, ValueError) as error:  # altered, or cut short
        raise Undecryptable("The value or its place was altered.") from error
