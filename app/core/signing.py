"""The Ed25519 keys that evidence is signed with: one that signs, and the public ones
of those that signed before."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from app.core.settings import Settings


def fingerprint(public_key: bytes) -> str:
    """How a public key is named: SHA-256 over its 32 bytes, in hexadecimal digits."""
    return hashlib.sha256(public_key).hexdigest()


def is_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):  # the bytes of a key may be no key
        return False
    return True


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """`retired` are public keys: what they signed is still proven by them."""

    active: Ed25519PrivateKey
    retired: tuple[bytes, ...] = ()

    @classmethod
    def from_settings(cls, settings: Settings) -> Self | None:
        """None where the deployment has no key to sign with; outside development that
        is a ValueError."""
        if settings.evidence_signing_key is None:
            if not settings.is_local:
                raise ValueError("EVIDENCE_SIGNING_KEY is not set")
            return None
        seed = base64.b64decode(settings.evidence_signing_key.get_secret_value())
        retired = tuple(bytes.fromhex(key) for key in settings.evidence_retired_keys)
        return cls(Ed25519PrivateKey.from_private_bytes(seed), retired)

    @property
    def public_key(self) -> bytes:
        return self.active.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self.active.sign(message)
