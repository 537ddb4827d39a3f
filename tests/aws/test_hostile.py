"""What AWS returns is other people's text: stored whole and safe, or not at all."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from app.aws.errors import AWSServiceError
from app.aws.hostile import (
    DEPTH_LIMIT,
    DOCUMENT_LIMIT,
    EVERY_LIST,
    clean_document,
    content_hash,
)


def clean(document: dict[str, Any]) -> dict[str, Any]:
    return clean_document(
        document, service="ec2", operation="DescribeInstances", region="eu-west-1"
    )


def nested(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(levels - 1):
        document = {"a": document}
    return document


@pytest.mark.parametrize(
    "value",
    [
        "a\x00b",
        "\ud800",
        "\udfff tail",
        "invoice\u202efdp.exe",
        "\u2066isolated\u2069",
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        "x" * (DOCUMENT_LIMIT + 1),
        "é" * (DOCUMENT_LIMIT // 2),
        ["x" * 1000] * 1100,
        nested(1000),
        nested(DEPTH_LIMIT),
        object(),
        datetime(2026, 1, 1),  # noqa: DTZ001 - an instant without a zone is the point
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_stored_safely_fails_its_unit(value: Any) -> None:
    for document in ({"Name": value}, {"Tags": [{"Key": "a", "Value": value}]}):
        with pytest.raises(AWSServiceError) as caught:
            clean(document)
        facts = caught.value.facts
        assert facts.code == "hostile_or_oversized"
        assert (facts.service, facts.operation) == ("ec2", "DescribeInstances")
        json.dumps(facts.as_json()).encode()


def test_a_hostile_member_name_is_refused_too() -> None:
    documents: list[Any] = [{"a\x00": 1}, {"\u202e": 1}, {1: 1}]
    for document in documents:
        with pytest.raises(AWSServiceError, match="hostile_or_oversized"):
            clean(document)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "a\r\nb",
        "<!channel>",
        "[click](javascript:alert(1))",
        "\x1b[31mred",
        "שלום\u200f עולם",
        "👩‍👩‍👧",
        "x" * 100_000,
    ],
)
def test_strange_text_that_can_be_stored_is_stored_as_it_is(text: str) -> None:
    assert clean({"Name": text}) == {"Name": text}


def test_values_become_what_json_can_hold() -> None:
    east = timezone(timedelta(hours=2))
    document = {
        "At": datetime(2026, 3, 1, 12, 30, tzinfo=east),
        "Precise": datetime(2026, 3, 1, 12, 30, 0, 5000, tzinfo=UTC),
        "Blob": b"\x00\xff",
        "Price": Decimal("0.10"),
        "Set": {"b", "a"},
        "Pair": ("a", 1),
        "Nothing": None,
        "Yes": True,
        "Big": 2**70,
        "Half": 0.5,
    }
    assert clean(document) == {
        "At": "2026-03-01T10:30:00Z",
        "Precise": "2026-03-01T12:30:00.005000Z",
        "Blob": {"base64": "AP8="},
        "Price": "0.10",
        "Set": ["a", "b"],
        "Pair": ["a", 1],
        "Nothing": None,
        "Yes": True,
        "Big": 2**70,
        "Half": 0.5,
    }


def test_the_deepest_and_largest_that_fit_are_kept() -> None:
    deepest = nested(DEPTH_LIMIT)
    assert clean(deepest) == deepest
    frame = len('{"a":""}')
    largest = {"a": "x" * (DOCUMENT_LIMIT - frame)}
    assert clean(largest) == largest


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)  # other work on the machine is no failure
@given(st.dictionaries(st.text(), json_values))
def test_a_document_is_stored_whole_or_not_at_all(document: dict[str, Any]) -> None:
    try:
        cleaned = clean(document)
    except AWSServiceError:
        event("refused")
        return
    assert cleaned == document
    stored = json.loads(json.dumps(cleaned))
    assert stored == cleaned
    assert content_hash(stored) == content_hash(cleaned)


def test_the_order_of_names_and_of_lists_changes_no_hash() -> None:
    one = {"Tags": [{"Key": "a", "Value": "1"}, {"Value": "2", "Key": "b"}], "Id": 1}
    two = {"Id": 1, "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]}
    assert content_hash(one) == content_hash(two)
    assert content_hash(one, ordered=EVERY_LIST) != content_hash(
        two, ordered=EVERY_LIST
    )
    assert len(content_hash(one)) == 64


def test_a_list_counts_how_often_an_item_is_in_it() -> None:
    assert content_hash({"a": [1, 1, 2]}) != content_hash({"a": [1, 2, 2]})


@pytest.mark.parametrize("ordered", ["Items", "Behaviors.Items"])
def test_the_order_of_an_ordered_list_counts_there_alone(ordered: str) -> None:
    def hashed(*, behaviors: list[Any], tags: list[Any]) -> str:
        document = {"Behaviors": {"Items": behaviors}, "Tags": tags}
        return content_hash(document, ordered=frozenset({ordered}))

    one, two = {"Path": "/a", "Ips": [1, 2]}, {"Path": "/b", "Ips": [3]}
    first = hashed(behaviors=[one, two], tags=[1, 2])
    assert first != hashed(behaviors=[two, one], tags=[1, 2])
    assert first == hashed(behaviors=[{**one, "Ips": [2, 1]}, two], tags=[2, 1])


def test_a_path_means_one_place() -> None:
    one, two = {"Tags": {"Items": [1, 2]}}, {"Tags": {"Items": [2, 1]}}
    elsewhere, anywhere = frozenset({"Behaviors.Items"}), frozenset({"Items"})
    assert content_hash(one, ordered=elsewhere) == content_hash(two, ordered=elsewhere)
    assert content_hash(one, ordered=anywhere) != content_hash(two, ordered=anywhere)


def test_nested_unordered_lists_have_one_order() -> None:
    one = {"Rules": [{"Ports": [1, 2]}, {"Ports": [4, 3]}]}
    two = {"Rules": [{"Ports": [3, 4]}, {"Ports": [2, 1]}]}
    assert content_hash(one) == content_hash(two)


@pytest.mark.parametrize(
    "change",
    [
        {"State": "stopped"},
        {"Tags": []},
        {"State": None},
        {"Depth": "5"},
        {"New": None},
    ],
)
def test_any_other_difference_changes_the_hash(change: dict[str, Any]) -> None:
    document = {"State": "running", "Tags": [{"Key": "a"}], "Depth": 5}
    assert content_hash(document) != content_hash({**document, **change})


def test_volatile_members_are_left_out() -> None:
    quiet = {"Attributes": {"Depth": 1, "Arn": "a"}, "Depth": 1, "Seen": [{"At": 1}]}
    busy = {"Attributes": {"Depth": 9, "Arn": "a"}, "Depth": 9, "Seen": [{"At": 9}]}
    everywhere = frozenset({"Depth", "Seen.At"})
    assert content_hash(quiet, volatile=everywhere) == content_hash(
        busy, volatile=everywhere
    )
    one_place = frozenset({"Attributes.Depth", "Seen.At"})
    assert content_hash(quiet, volatile=one_place) != content_hash(
        busy, volatile=one_place
    )
    assert content_hash({**quiet, "Depth": 9}, volatile=one_place) == content_hash(
        busy, volatile=one_place
    )
