"""The form of an evidence bundle: lines of JSON, each a record, of which the last is a
signature over all before it. docs/evidence.md says the same to those outside."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

FORM = "cloudrota-evidence-1"
# Some 50,000 units with their errors; whoever reads one needs about four times that.
MOST_BYTES = 64 * 1024 * 1024

_SIGNATURE = re.compile(
    rb'\{"is":"signature","public_key":"([0-9a-f]{64})","sha256":"([0-9a-f]{64})",'
    rb'"signature":"([0-9a-f]{128})"\}\n'
)


class Signature(NamedTuple):
    public_key: bytes
    sha256: bytes
    signature: bytes

    @property
    def line(self) -> bytes:
        return line(
            "signature", {name: one.hex() for name, one in self._asdict().items()}
        )


def line(kind: str, record: Mapping[str, Any]) -> bytes:
    """One record, always written the same."""
    text = json.dumps(
        {"is": kind, **record},
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )
    return text.encode() + b"\n"


def signed_message(sha256: bytes) -> bytes:
    """What is signed of lines with that hash; no other thing we sign begins so."""
    return f"{FORM}\n".encode() + sha256


def split(bundle: bytes) -> tuple[bytes, Signature] | None:
    """The lines that are signed, and the signature; None if there is none at the
    end."""
    begin = bundle.rfind(b"\n", 0, max(len(bundle) - 1, 0)) + 1
    found = _SIGNATURE.fullmatch(bundle, begin)
    if found is None:
        return None
    parts = (bytes.fromhex(part.decode()) for part in found.groups())
    return bundle[:begin], Signature(*parts)


def sha256(lines: bytes) -> bytes:
    return hashlib.sha256(lines).digest()
