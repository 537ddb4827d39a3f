"""The keys of evidence as they cross the edge."""

from typing import Literal

from pydantic import Field

from app.schemas.base import Output


class SigningKeyRead(Output):
    """One public key, in hexadecimal digits."""

    fingerprint: str = Field(description="SHA-256 over the 32 bytes of the key.")
    public_key: str
    algorithm: Literal["Ed25519"] = "Ed25519"
    status: Literal["active", "retired"]


class SigningKeysRead(Output):
    """None where the deployment signs no evidence."""

    keys: list[SigningKeyRead]
