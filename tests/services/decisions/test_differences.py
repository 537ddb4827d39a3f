"""Documents compared field by field, by the rule of the content hash."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.aws.hostile import content_hash
from app.services.decisions.differences import FieldChange, differences

# Without null: one that is there and one that is not look alike in a difference.
values = st.recursive(
    st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from("xyz"), values, max_size=3)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("/a", 1, 2)]),
        ({"a": 1}, {"a": True}, [("/a", 1, True)]),
        ({"a": 1}, {}, [("/a", 1, None)]),
        ({}, {"a": {"b": 1}}, [("/a", None, {"b": 1})]),
        ({"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 1}}, [("/a/b", 1, 2)]),
        ({"a": [1, 2]}, {"a": [2, 1]}, []),
        ({"a": [1, 1, 2]}, {"a": [1, 2, 3]}, [("/a", [1], [3])]),
        ({"a": [{"b": [1, 2]}]}, {"a": [{"b": [2, 1]}]}, []),
        ({"a/b~": 1}, {"a/b~": 2}, [("/a~1b~0", 1, 2)]),
    ],
)
def test_names_each_field_that_differs(
    before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, Any, Any]]
) -> None:
    assert differences(before, after) == tuple(FieldChange(*one) for one in expected)


@pytest.mark.parametrize("volatile", ["seen", "a.seen"])
def test_volatile_members_say_nothing_in_lists_either(volatile: str) -> None:
    before = {"a": [{"id": 1, "seen": 1}]}
    after = {"a": [{"id": 1, "seen": 2}]}
    assert differences(before, after)
    assert differences(before, after, volatile=frozenset({volatile})) == ()


@given(before=documents, after=documents)
def test_there_are_differences_exactly_where_the_hashes_differ(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    is_same = content_hash(before) == content_hash(after)
    assert (differences(before, after) == ()) == is_same
