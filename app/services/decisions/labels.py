"""Label selectors: which AWS accounts are meant."""

from collections.abc import Mapping, Sequence


def matches(
    selector: Mapping[str, str | Sequence[str]], labels: Mapping[str, str]
) -> bool:
    """Whether every label of the selector is there with one of its allowed values.

    An empty selector selects nothing: removing the last label from a limit must not
    widen it to everything. A label with no allowed value matches nothing either.
    """
    return bool(selector) and all(
        label in labels and _allows(allowed, labels[label])
        for label, allowed in selector.items()
    )


def _allows(allowed: str | Sequence[str], value: str) -> bool:
    return value == allowed if isinstance(allowed, str) else value in allowed
