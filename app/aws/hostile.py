"""Makes a document of AWS safe to store, or refuses it; and hashes what it says."""

import base64
import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from app.aws.errors import AWSServiceError, error

DOCUMENT_LIMIT = 1024 * 1024  # bytes of its JSON in UTF-8
DEPTH_LIMIT = 64
NOTHING: frozenset[str] = frozenset()
EVERY_LIST = frozenset({"*"})  # as `ordered`: of all of them

# JSONB refuses NUL, UTF-8 has no lone surrogates, and bidi embeddings, overrides and
# isolates make a text read as another one. (The marks of ordinary Hebrew and Arabic
# text, U+200E and U+200F, are none of these.)
_HOSTILE = re.compile("[\x00\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class _Refused(Exception):
    """Why a document is not safe to store."""


def clean_document(
    document: Mapping[str, Any], *, service: str, operation: str, region: str
) -> dict[str, Any]:
    """A copy that JSON and JSONB can hold, equal in meaning.

    Instants become RFC 3339 in UTC, bytes `{"base64": …}`, Decimals texts, sets sorted
    lists. Raises AWSServiceError `hostile_or_oversized` for NUL, lone surrogates, bidi
    controls, a number that is none, over 64 levels or over 1 MiB.
    """
    try:
        cleaned: dict[str, Any] = _mapping(document, 1)
        size = len(canonical(cleaned))
        if size > DOCUMENT_LIMIT:
            _refuse(f"a document of {size} bytes, where {DOCUMENT_LIMIT} are the limit")
    except _Refused as reason:
        raise error(
            AWSServiceError,
            code="hostile_or_oversized",
            message=f"{service} {operation} answered {reason}",
            service=service,
            operation=operation,
            region=region,
        ) from reason
    return cleaned


def _refuse(reason: str) -> NoReturn:
    raise _Refused(reason)


def _mapping(value: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if depth > DEPTH_LIMIT:
        _refuse(f"more than {DEPTH_LIMIT} levels")
    cleaned = {}
    for name, one in value.items():
        if not isinstance(name, str):
            _refuse(f"a member name of type {type(name).__name__}")
        cleaned[_text(name)] = _value(one, depth + 1)
    return cleaned


def _value(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return _mapping(value, depth)
    if isinstance(value, list | tuple):
        return _list(list(value), depth)
    if isinstance(value, set | frozenset):
        return _list(sorted(value, key=repr), depth)
    return _scalar(value)


def _list(values: list[Any], depth: int) -> list[Any]:
    if depth > DEPTH_LIMIT:
        _refuse(f"more than {DEPTH_LIMIT} levels")
    return [_value(one, depth + 1) for one in values]


def _scalar(value: Any) -> Any:
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes | bytearray):
        return {"base64": base64.b64encode(value).decode("ascii")}
    return _refuse(f"a value of type {type(value).__name__} that cannot be stored")


def _text(text: str) -> str:
    found = _HOSTILE.search(text)
    if found:
        _refuse(f"a text with the character U+{ord(found[0]):04X}")
    return text


def canonical(value: Any) -> bytes:
    """The one JSON text of a value, in UTF-8: names sorted, no spaces."""
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode()


def content_hash(
    document: Mapping[str, Any],
    *,
    volatile: frozenset[str] = NOTHING,
    ordered: frozenset[str] = NOTHING,
) -> str:
    """SHA-256, in hexadecimal, of what a cleaned document says.

    `volatile` members are left out, and of `ordered` ones, which are lists, the order
    counts: each is a name wherever it is, or a dotted path from the top (lists count as
    no step). Other lists are compared as bags: AWS answers most in any order.
    """
    settled = _settled(document, "", volatile, ordered, keep=False)
    return hashlib.sha256(canonical(settled)).hexdigest()


def keeps_order(name: str, path: str, ordered: frozenset[str]) -> bool:
    """Whether the order counts of a list that is the member `name`, at `path`."""
    return name in ordered or path in ordered or ordered == EVERY_LIST


def _settled(
    value: Any,
    path: str,
    volatile: frozenset[str],
    ordered: frozenset[str],
    *,
    keep: bool,
) -> Any:
    if isinstance(value, Mapping):
        paths = {name: f"{path}.{name}" if path else name for name in value}
        return {
            name: _settled(
                one,
                paths[name],
                volatile,
                ordered,
                keep=keeps_order(name, paths[name], ordered),
            )
            for name, one in value.items()
            if name not in volatile and paths[name] not in volatile
        }
    if isinstance(value, list):
        items = [_settled(one, path, volatile, ordered, keep=keep) for one in value]
        return items if keep else sorted(items, key=canonical)
    return value
