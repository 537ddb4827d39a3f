"""Limits to account labels, one within another: what both let through is what each
lets through, whatever the account."""

from hypothesis import example, given
from hypothesis import strategies as st

from app.services.decisions.label_limits import beyond, both
from app.services.decisions.labels import matches

VALUES = st.lists(st.sampled_from("xyz"), unique=True)
LIMITS = st.none() | st.dictionaries(st.sampled_from("abc"), VALUES)
LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))


def lets_through(limit: dict[str, list[str]] | None, labels: dict[str, str]) -> bool:
    return limit is None or matches(limit, labels)


@given(LIMITS, LIMITS, LABELS)
@example({}, {"a": ["x"]}, {"a": "x"})  # what shows nothing is not widened
@example({}, None, {"a": "x"})
@example({"a": ["x"]}, {"a": ["y"]}, {"a": "x"})
def test_both_let_through_what_each_does(
    first: dict[str, list[str]] | None,
    second: dict[str, list[str]] | None,
    labels: dict[str, str],
) -> None:
    each = lets_through(first, labels) and lets_through(second, labels)
    assert lets_through(both(first, second), labels) == each
    assert lets_through(both(second, first), labels) == each


@given(LIMITS, LIMITS)
def test_nothing_is_taken_away_unsaid(
    limit: dict[str, list[str]] | None, wanted: dict[str, list[str]] | None
) -> None:
    """What is not beyond the limit keeps all the values that it names."""
    if wanted and limit != {} and not beyond(limit, wanted):
        joined = both(limit, wanted)
        assert joined is not None
        assert {name: joined[name] for name in wanted} == wanted


def test_names_what_is_beyond() -> None:
    limit = {"client": ["north"], "stage": ["prod", "test"]}
    assert beyond(limit, {"client": ["north", "south"], "stage": ["test"]}) == [
        "client"
    ]
    assert beyond(limit, {"team": ["web"]}) == []
    assert beyond(limit, limit) == []
    assert beyond(None, {"client": ["south"]}) == []
    assert beyond(limit, None) == []
