"""The tags of a resource, out of the shapes in which AWS's services write them."""

from collections.abc import Mapping
from typing import Any

MEMBERS = ("Tags", "tags", "TagSet", "TagList", "tagList", "tagSet", "TagsMap")
_KEYS = ("Key", "key", "TagKey", "tagKey")
_VALUES = ("Value", "value", "TagValue", "tagValue")


def tags_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Keys and values, as far as the document holds them as texts: a listing without
    tags says nothing about whether there are any."""
    for member in MEMBERS:
        found = document.get(member)
        if isinstance(found, Mapping):
            return {key: one for key, one in found.items() if isinstance(one, str)}
        if isinstance(found, list):
            return dict(pair for one in found if (pair := _pair(one)) is not None)
    return {}


def _pair(tag: Any) -> tuple[str, str] | None:
    """A tag without a value has the empty one, as AWS says."""
    if not isinstance(tag, Mapping):
        return None
    key = next((tag[name] for name in _KEYS if name in tag), None)
    value = next((tag[name] for name in _VALUES if name in tag), "")
    return (key, value) if isinstance(key, str) and isinstance(value, str) else None
