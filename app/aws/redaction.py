"""Masks what an inventory must not keep: botocore's sensitive members, a hand-kept
list of members that hold secrets all the same, and secrets in tags."""

import re
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from app.aws.secret_members import BY_SERVICE, EVERYWHERE

MASK = "[redacted]"

# In a pair of name and value, only these say which one it is.
_NAMES = frozenset(
    {
        "name",
        "key",
        "type",
        "parameterkey",
        "outputkey",
        "optionname",
        "namespace",
        "resourcename",
    }
)
_TAG_MEMBERS = re.compile(r"tags$|^tag(?:set|list|smap)$")
# AWS allows 256 characters; what is far over it is no tag, and not worth the reading.
_TAG_LIMIT = 8192
# Over these, app/aws/hostile.py refuses the document, which must not be hidden from it.
_TEXT_LIMIT = 1024 * 1024
_DEPTH_LIMIT = 64
_SECRET_NAME = re.compile(
    r"passw|pwd|passphrase|secret|token|api.?key|private.?key|access.?key|credential"
    r"|connection.?string|\bdsn\b|\bauth\b",
    re.IGNORECASE,
)
# Shapes of secrets in running text. Every run is bounded, so reading is linear.
_SECRET_TEXT = re.compile(
    r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9/+=%]{16,8192}"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}"
    r"|glpat-[A-Za-z0-9_-]{16,64}|npm_[A-Za-z0-9]{30,64}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,255}"
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,255}|(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,255}"
    r"|AIza[A-Za-z0-9_-]{35}|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{0,1024}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s]{0,8192}"
    r"|(?<=://)[^\s:/@]{1,128}:[^\s/@]{1,256}(?=@)"
    r"|(?<=[Pp]assword=)[^\s;&,\"']{1,256}|(?<=PASSWORD=)[^\s;&,\"']{1,256}"
    r"|(?<=[Ss]ecurity-[Tt]oken:)[^\s]{1,8192}"
    r"|(?<=X-Amz-Security-Token=)[^\s&]{1,8192}"
)
# An AWS secret key has 40 characters; a git commit has too, in hexadecimal, and so
# have some of AWS's names, all letters.
_SECRET_KEY = re.compile(
    r"(?<![A-Za-z0-9/+=])(?![0-9a-f]{40})(?![A-Za-z]{40})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
)


def mask_secrets(text: str) -> str:
    """The text with everything that has the shape of a secret masked."""
    return _SECRET_KEY.sub(MASK, _SECRET_TEXT.sub(MASK, text))


def redact(
    document: Any, *, service: str, operation: str, shape: Shape | None = None
) -> Any:
    """A copy of `document` with its secrets replaced by "[redacted]".

    `shape` is botocore's shape of `document`; without it only the hand-kept list and
    the tags' filter apply. Names and structure stay: who reads the inventory sees that
    a variable exists, not what it holds.
    """
    return _Redaction(service, operation).of(document, shape)


def is_masked(
    member: str, shape: Shape | None = None, *, service: str, operation: str
) -> bool:
    """Whether a member of an answer, with its own shape, never keeps its value; then
    it can identify nothing."""
    redaction = _Redaction(service, operation)
    return redaction.masks(member) or _is_sensitive(shape)


def _is_sensitive(shape: Shape | None) -> bool:
    return shape is not None and bool(shape.metadata.get("sensitive"))


def _may_hold_secret(text: str) -> bool:
    """Cheap to ask of every text: a user and password in a URL, or a private key."""
    return ("://" in text and "@" in text) or "PRIVATE KEY-----" in text


class _Redaction:
    def __init__(self, service: str, operation: str) -> None:
        self._members = BY_SERVICE.get(service, frozenset())
        # `value` holds a secret in one answer of API Gateway only.
        if service == "apigateway" and not operation.startswith("GetApiKey"):
            self._members -= {"value"}

    def masks(self, member: str) -> bool:
        return member.lower() in EVERYWHERE or member in self._members

    def of(self, value: Any, shape: Shape | None, depth: int = 0) -> Any:
        if _is_sensitive(shape):
            return mask(value)
        if depth > _DEPTH_LIMIT:
            return value
        if isinstance(value, Mapping):
            return {
                name: self._member(name, one, _member_shape(shape, name), depth + 1)
                for name, one in value.items()
            }
        if isinstance(value, list):
            item = shape.member if isinstance(shape, ListShape) else None
            return [self.of(one, item, depth + 1) for one in value]
        if isinstance(value, str) and _may_hold_secret(value):
            return mask_secrets(value)
        return value

    def _member(self, name: str, value: Any, shape: Shape | None, depth: int) -> Any:
        if self.masks(name) or _is_sensitive(shape):
            return mask(value)
        if _TAG_MEMBERS.search(name.lower()):
            return _tags(value)
        return self.of(value, shape, depth)


def _member_shape(shape: Shape | None, name: str) -> Shape | None:
    if isinstance(shape, StructureShape):
        return shape.members.get(name)
    return shape.value if isinstance(shape, MapShape) else None


def mask(value: Any, depth: int = 0) -> Any:
    """Every value below masked; member names, list lengths and None stay, as far down
    as a document may go."""
    if isinstance(value, Mapping) and depth < _DEPTH_LIMIT:
        return {name: mask(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list) and depth < _DEPTH_LIMIT:
        return [_mask_item(one, depth + 1) for one in value]
    return value if value is None else MASK


def _mask_item(value: Any, depth: int) -> Any:
    """In a list, `{name, value}` keeps its name; in a map, a name is no exception."""
    if isinstance(value, Mapping) and any("value" in name.lower() for name in value):
        return {
            name: one if name.lower() in _NAMES else mask(one, depth)
            for name, one in value.items()
        }
    return mask(value, depth)


def _tags(value: Any, depth: int = 0) -> Any:
    """Tags as a map, as a list of pairs, or as whatever a service made of them."""
    if depth > _DEPTH_LIMIT:
        return MASK
    if isinstance(value, list):
        return [_tags(one, depth + 1) for one in value]
    if not isinstance(value, Mapping):
        return _tag("", value, depth) if isinstance(value, str) else value
    pair = {name.lower().removeprefix("tag"): name for name in value}
    if "key" in pair and "value" in pair:
        text = value[pair["value"]]
        return {**value, pair["value"]: _tag(str(value[pair["key"]]), text, depth)}
    return {name: _tag(name, text, depth) for name, text in value.items()}


def _tag(name: str, text: Any, depth: int) -> Any:
    if not isinstance(text, str):
        return _tags(text, depth + 1)
    if len(text) > _TAG_LIMIT:
        return MASK if len(text) < _TEXT_LIMIT else text
    return MASK if text and _SECRET_NAME.search(name) else mask_secrets(text)
