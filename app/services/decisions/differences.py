"""How one document differs from another, field by field."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.aws.hostile import NOTHING, content_hash, keeps_order


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`pointer` is a JSON pointer. Of two lists only the members that the other one
    lacks are given, but both whole where their order counts; a field that is not there
    is None."""

    pointer: str
    before: Any
    after: Any


def differences(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    volatile: frozenset[str] = NOTHING,
    ordered: frozenset[str] = NOTHING,
) -> tuple[FieldChange, ...]:
    """The fields that differ, by the rule of the content hash: `volatile` members say
    nothing, and lists are bags unless they are `ordered` ones."""
    return tuple(_Comparison(volatile, ordered).of_mappings(before, after, ()))


@dataclass(frozen=True, slots=True)
class _Comparison:
    volatile: frozenset[str]
    ordered: frozenset[str]

    def of_mappings(
        self, before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]
    ) -> Iterator[FieldChange]:
        for name in sorted({*before, *after}):
            here = (*path, name)
            if not {name, ".".join(here)} & self.volatile:
                yield from self._of_values(before.get(name), after.get(name), here)

    def _of_values(
        self, before: Any, after: Any, path: tuple[str, ...]
    ) -> Iterator[FieldChange]:
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self.of_mappings(before, after, path)
        elif isinstance(before, list) and isinstance(after, list):
            yield from self._of_lists(before, after, path)
        elif type(before) is not type(after) or before != after:
            yield FieldChange(_pointer(path), before, after)

    def _of_lists(
        self, before: list[Any], after: list[Any], path: tuple[str, ...]
    ) -> Iterator[FieldChange]:
        if keeps_order(path[-1], ".".join(path), self.ordered):
            if self._hash(before, path) != self._hash(after, path):
                yield FieldChange(_pointer(path), before, after)
            return
        lost = self._only_in(before, after, path)
        won = self._only_in(after, before, path)
        if lost or won:
            yield FieldChange(_pointer(path), lost, won)

    def _only_in(
        self, these: list[Any], others: list[Any], path: tuple[str, ...]
    ) -> list[Any]:
        left = Counter(self._hash(one, path) for one in others)
        only = []
        for one in these:
            hashed = self._hash(one, path)
            if left[hashed]:
                left[hashed] -= 1
            else:
                only.append(one)
        return only

    def _hash(self, member: Any, path: tuple[str, ...]) -> str:
        """The member's content hash in its place, so that dotted paths still hold."""
        for name in reversed(path):
            member = {name: member}
        return content_hash(member, volatile=self.volatile, ordered=self.ordered)


def _pointer(path: tuple[str, ...]) -> str:
    return "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in path)
