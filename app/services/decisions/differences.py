"""How one document differs from another, field by field."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.aws.hostile import content_hash


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`pointer` is a JSON pointer. Of two lists only the members that the other one
    lacks are given; a field that is not there is None."""

    pointer: str
    before: Any
    after: Any


def differences(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    volatile: frozenset[str] = frozenset(),
) -> tuple[FieldChange, ...]:
    """The fields that differ, by the rule of the content hash: lists are bags, and
    `volatile` members (a name anywhere, or a dotted path) say nothing."""
    return tuple(_of_mappings(before, after, (), volatile))


def _of_mappings(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    path: tuple[str, ...],
    volatile: frozenset[str],
) -> Iterator[FieldChange]:
    for name in sorted({*before, *after}):
        here = (*path, name)
        if name not in volatile and ".".join(here) not in volatile:
            yield from _of_values(before.get(name), after.get(name), here, volatile)


def _of_values(
    before: Any, after: Any, path: tuple[str, ...], volatile: frozenset[str]
) -> Iterator[FieldChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_mappings(before, after, path, volatile)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path, volatile)
    elif type(before) is not type(after) or before != after:
        yield FieldChange(_pointer(path), before, after)


def _of_lists(
    before: list[Any], after: list[Any], path: tuple[str, ...], volatile: frozenset[str]
) -> Iterator[FieldChange]:
    lost = _only_in(before, after, path, volatile)
    won = _only_in(after, before, path, volatile)
    if lost or won:
        yield FieldChange(_pointer(path), lost, won)


def _only_in(
    these: list[Any], others: list[Any], path: tuple[str, ...], volatile: frozenset[str]
) -> list[Any]:
    left = Counter(_hash(one, path, volatile) for one in others)
    only = []
    for one in these:
        hashed = _hash(one, path, volatile)
        if left[hashed]:
            left[hashed] -= 1
        else:
            only.append(one)
    return only


def _hash(member: Any, path: tuple[str, ...], volatile: frozenset[str]) -> str:
    """The member's content hash in its place, so that dotted paths still hold."""
    for name in reversed(path):
        member = {name: member}
    return content_hash(member, volatile=volatile)


def _pointer(path: tuple[str, ...]) -> str:
    return "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in path)
