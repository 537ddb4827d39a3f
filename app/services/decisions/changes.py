"""What a complete read says against what was known: opened, changed, gone."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Changes(Generic[Key]):
    """Keys, each in one list; `opened` are those without a present version: never
    seen, or back after an absence."""

    opened: tuple[Key, ...]
    changed: tuple[Key, ...]
    gone: tuple[Key, ...]
    unchanged: tuple[Key, ...]


def compare(known: Mapping[Key, str], read: Mapping[Key, str]) -> Changes[Key]:
    """Compare content hashes by key. Only a complete read may be given: what it does
    not hold is gone."""
    return Changes(
        opened=tuple(key for key in read if key not in known),
        changed=tuple(key for key in read if known.get(key, read[key]) != read[key]),
        gone=tuple(key for key in known if key not in read),
        unchanged=tuple(key for key in read if known.get(key) == read[key]),
    )
