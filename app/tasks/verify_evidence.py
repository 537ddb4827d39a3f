"""Verifies an evidence bundle without a database, settings or a network:
`python -m app.tasks.verify_evidence FILE --key KEY [--heads FILE]`. KEY is a public
key, its fingerprint, or a file with the keys as the installation lists them. Says what
is proven, or what does not hold with exit code 1."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
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


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.tasks.verify_evidence")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--key", required=True, metavar="KEY")
    parser.add_argument("--heads", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    try:
        trusted, kept = _trusted(asked.key), list(_kept(asked.heads))
        with asked.file.open("rb") as file:
            bundle = file.read(MOST_BYTES + 1)
    except (OSError, ValueError, RecursionError) as error:
        sys.stderr.write(f"Cannot be read: {error}\n")
        return 2
    try:
        sentences = prove(bundle, trusted, kept)
    except Refused as refused:
        sys.stderr.write(f"REFUSED. {refused}\n")
        return 1
    sys.stdout.writelines(f"{sentence}\n" for sentence in sentences)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
