"""Limits to account labels, one within another: a label with its allowed values each.
None is no limit, and a limit without labels shows nothing."""

from collections.abc import Mapping, Sequence

Limit = Mapping[str, Sequence[str]]


def both(first: Limit | None, second: Limit | None) -> dict[str, list[str]] | None:
    """What both let through."""
    if first is None or second is None:
        one = second if first is None else first
        return None if one is None else {name: list(one[name]) for name in one}
    if not first or not second:
        return {}
    joined = {name: list(values) for name, values in first.items()}
    for name, values in second.items():
        others = joined.get(name, values)
        joined[name] = [value for value in values if value in others]
    return joined


def beyond(limit: Limit | None, wanted: Limit | None) -> list[str]:
    """The labels of `wanted` of which it names a value that `limit` does not let
    through."""
    if limit is None or wanted is None:
        return []
    return [
        name
        for name, values in wanted.items()
        if name in limit and not set(values) <= set(limit[name])
    ]
