"""Documents compared field by field, by the rule of the content hash."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.aws.hostile import EVERY_LIST, NOTHING, content_hash
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


@pytest.mark.parametrize("ordered", ["rules", "a.rules"])
def test_an_ordered_list_that_differs_is_given_whole(ordered: str) -> None:
    before = {"a": {"rules": [1, 2], "tags": [1, 2]}}
    after = {"a": {"rules": [2, 1], "tags": [2, 1]}}
    (change,) = differences(before, after, ordered=frozenset({ordered}))
    assert change == FieldChange("/a/rules", [1, 2], [2, 1])
    assert differences(before, after) == ()


def test_an_ordered_list_inside_of_a_bag_makes_its_member_another_one() -> None:
    before = {"containers": [{"command": ["a", "b"]}, {"command": ["c"]}]}
    after = {"containers": [{"command": ["c"]}, {"command": ["b", "a"]}]}
    (change,) = differences(before, after, ordered=frozenset({"command"}))
    assert change == FieldChange(
        "/containers", [{"command": ["a", "b"]}], [{"command": ["b", "a"]}]
    )


@given(
    before=documents,
    after=documents,
    ordered=st.sampled_from(
        [NOTHING, EVERY_LIST, frozenset("x"), frozenset({"x.y", "z"})]
    ),
)
def test_there_are_differences_exactly_where_the_hashes_differ(
    before: dict[str, Any], after: dict[str, Any], ordered: frozenset[str]
) -> None:
    is_same = content_hash(before, ordered=ordered) == content_hash(
        after, ordered=ordered
    )
    assert (differences(before, after, ordered=ordered) == ()) == is_same
