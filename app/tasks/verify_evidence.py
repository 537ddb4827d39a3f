"""Verifies an evidence bundle without a database, settings or a network: `cloudrota
verify-evidence`."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from app.services import audit_heads
from app.services.decisions.evidence_form import MOST_BYTES
from app.services.decisions.evidence_proof import prove
from app.services.decisions.evidence_steps import Kept, Refused

_KEY = re.compile("[0-9a-f]{64}")
MOST_OF_KEYS = 1024 * 1024


def _trusted(text: str) -> set[str]:
    """Raises ValueError for what is no key."""
    if _KEY.fullmatch(text.lower()):
        return {text.lower()}
    with Path(text).open("rb") as file:
        listed = json.loads(file.read(MOST_OF_KEYS))
    try:
        keys = {str(one["public_key"]) for one in listed["keys"]}
    except (KeyError, TypeError) as error:
        raise ValueError("it is no list of keys") from error
    if not all(_KEY.fullmatch(key) for key in keys):
        raise ValueError("a key in it is none")
    return keys


def _kept(path: Path | None) -> Iterator[Kept]:
    for line in path.read_text("utf-8").splitlines() if path else ():
        if line.strip():
            head = audit_heads.read_line(line)
            yield Kept(head.organization_id, head.seq, head.hash)


def verify(bundle: Path, key: str, heads: Path | None = None) -> int:
    """Say what is proven; the exit code, 1 for what does not hold. The key is a public
    one, its fingerprint, or a file with the keys as the installation lists them."""
    try:
        trusted, kept = _trusted(key), list(_kept(heads))
        with bundle.open("rb") as file:
            read = file.read(MOST_BYTES + 1)
    except (OSError, ValueError, RecursionError) as error:
        sys.stderr.write(f"Cannot be read: {error}\n")
        return 2
    try:
        sentences = prove(read, trusted, kept)
    except Refused as refused:
        sys.stderr.write(f"REFUSED. {refused}\n")
        return 1
    sys.stdout.writelines(f"{sentence}\n" for sentence in sentences)
    return 0
