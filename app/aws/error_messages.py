"""Reads AWS's error messages: hostile text, at most 8 KiB of it, in linear time."""

import re
from dataclasses import dataclass
from typing import Literal

from app.aws.redaction import mask_secrets

MESSAGE_LIMIT = 8192  # characters kept and read

DenySource = Literal[
    "service_control_policy",
    "resource_control_policy",
    "identity_policy",
    "resource_policy",
    "session_policy",
    "permissions_boundary",
    "endpoint_policy",
    "trust_policy",
]

# Bounded runs only; none can be entered twice at the same place.
_ACTION = re.compile(
    r"(?:perform|action|permission|do):? ?:?[ \"'`(\[]{0,3}"
    r"((?!arn:)[a-z0-9][a-z0-9-]{1,63}:[A-Za-z][A-Za-z0-9*]{0,127})"
)
_RESOURCE = re.compile(
    r"(?:on|to) (?:the )?resource(?:\(s\))?:?[ \"'`\[]{1,3}([^\s\"'`\]]{1,2048})"
)
_EXPLICIT = re.compile(r"explicit deny([A-Za-z -]{0,60})")
_IMPLICIT = re.compile(r"because no ([A-Za-z -]{4,40}) allows")
_ENCODED = re.compile(r"(?<=ncoded authorization failure message: )[\w-]{100,8192}")
_SOURCES: tuple[tuple[DenySource, re.Pattern[str]], ...] = (
    (
        "service_control_policy",
        re.compile(r"service[ -]control polic|\bSCP\b", re.IGNORECASE),
    ),
    (
        "resource_control_policy",
        re.compile(r"resource[ -]control polic|\bRCP\b", re.IGNORECASE),
    ),
    ("permissions_boundary", re.compile(r"permissions? boundar", re.IGNORECASE)),
    ("session_policy", re.compile(r"session polic", re.IGNORECASE)),
    ("endpoint_policy", re.compile(r"endpoint polic", re.IGNORECASE)),
    ("trust_policy", re.compile(r"trust polic", re.IGNORECASE)),
    ("resource_policy", re.compile(r"resource[ -]based polic", re.IGNORECASE)),
    ("identity_policy", re.compile(r"identity[ -]based polic", re.IGNORECASE)),
)
# A signature error quotes the request that was signed, session token and all.
_CANONICAL = re.compile(
    r"The (?:Canonical String|String-to-Sign)[^\n]{0,80}should have"
)
_UNSTORABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class Denial:
    """What a permission message says; None where it does not say."""

    action: str | None
    resource: str | None
    source: DenySource | None
    explicit: bool | None  # an explicit deny, or no policy that allows
    encoded: bool = False  # the reason is there, for who may have STS decode it


def read_denial(message: str) -> Denial:
    text = message[:MESSAGE_LIMIT]
    action = _ACTION.search(text)
    resource = _RESOURCE.search(text)
    explicit, implicit = _EXPLICIT.search(text), _IMPLICIT.search(text)
    said = explicit or implicit
    return Denial(
        action=action[1] if action else None,
        resource=resource[1].rstrip(".,;)") if resource else None,
        source=_source(said[1]) if said else None,
        explicit=explicit is not None if said else None,
        encoded=_ENCODED.search(text) is not None,
    )


def _source(words: str) -> DenySource | None:
    """What kind of policy the words name; a role may be called after one as well."""
    return next((name for name, known in _SOURCES if known.search(words)), None)


def clean_message(message: str) -> str:
    """The message as it is kept: secrets masked, unstorable characters escaped.

    What is over 8 KiB is left out, and the text then says how much.
    """
    text, left_out = message[:MESSAGE_LIMIT], len(message) - MESSAGE_LIMIT
    canonical = _CANONICAL.search(text)
    if canonical:
        text = f"{text[: canonical.start()]}[signed request left out]"
    text = _masked(text)
    text = _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return f"{text} [{left_out} more characters left out]" if left_out > 0 else text


def _masked(text: str) -> str:
    """Secrets masked; AWS's encoded reason is left whole, or nobody could decode it."""
    encoded = _ENCODED.search(text)
    if encoded is None:
        return mask_secrets(text)
    before, after = text[: encoded.start()], text[encoded.end() :]
    return f"{mask_secrets(before)}{encoded[0]}{mask_secrets(after)}"
