"""Two editors who read the same do not overwrite each other unseen: what can be edited
is one tag, and who names the tag that was read changes nothing else."""

import hashlib
import json

from app.core.errors import StaleVersion

# The tags that a client is ready to change; None is whatever is there.
Tags = frozenset[str] | None
ANY = "*"


def tag_of(*state: object) -> str:
    """Another one for another state, as far as people edit it: what happens to a thing
    meanwhile (a verification, a failure) takes nobody's edit away."""
    text = json.dumps(state, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def must_match(expected: Tags, tag: str) -> None:
    """Asked while the row is locked. Raises StaleVersion."""
    if expected is not None and not expected & {tag, ANY}:
        raise StaleVersion(f'Read it again: its tag is "{tag}" now.')
