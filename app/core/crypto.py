"""Envelope encryption: every value gets a fresh AES-256-GCM data key, which a
key-encryption key wraps. What is encrypted is bound to where it stands."""

import base64
import secrets
from dataclasses import dataclass
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.errors import Unavailable
from app.core.secret import Secret
from app.core.settings import Settings

_KEY_BYTES = 32
_NONCE_BYTES = 12


class Undecryptable(Unavailable):
    """The key is unknown, or the value was altered or moved to another row."""

    code = "undecryptable"
    title = "A stored secret cannot be decrypted"


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


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is stored: the wrapped data key, and the value under that data key."""

    key_id: str
    wrapped_key: bytes
    ciphertext: bytes


class KeyProvider(Protocol):
    """Holds key-encryption keys; wraps and unwraps data keys."""

    @property
    def active_key_id(self) -> str: ...

    def wrap(self, data_key: bytes, place: Place) -> bytes: ...

    def unwrap(self, key_id: str, wrapped: bytes, place: Place) -> bytes: ...


class LocalKeys:
    """Key-encryption keys from the settings, by id: for self-hosting and tests."""

    def __init__(self, keys: dict[str, bytes], active_key_id: str) -> None:
        for key_id, key in keys.items():
            if len(key) != _KEY_BYTES:
                raise ValueError(f"key {key_id!r} must have {_KEY_BYTES} bytes")
        self._keys = keys
        self._active_key_id = active_key_id

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        if settings.credential_active_key is None:
            raise ValueError("CREDENTIAL_KEYS and CREDENTIAL_ACTIVE_KEY are not set")
        keys = {
            key_id: base64.b64decode(key.get_secret_value(), validate=True)
            for key_id, key in settings.credential_keys.items()
        }
        return cls(keys, settings.credential_active_key)

    @property
    def active_key_id(self) -> str:
        return self._active_key_id

    def wrap(self, data_key: bytes, place: Place) -> bytes:
        return _seal(
            self._keys[self._active_key_id],
            data_key,
            place.authenticated_data(self._active_key_id),
        )

    def unwrap(self, key_id: str, wrapped: bytes, place: Place) -> bytes:
        if key_id not in self._keys:
            raise Undecryptable(f"The key-encryption key {key_id!r} is not here.")
        return _open(self._keys[key_id], wrapped, place.authenticated_data(key_id))


def encrypt(provider: KeyProvider, secret: Secret, place: Place) -> Envelope:
    data_key = secrets.token_bytes(_KEY_BYTES)
    key_id = provider.active_key_id
    wrapped = provider.wrap(data_key, place)
    text = secret.reveal().encode()
    return Envelope(
        key_id, wrapped, _seal(data_key, text, place.authenticated_data(key_id))
    )


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
