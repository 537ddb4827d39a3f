"""What a user left out: units, resources, and no more than was named."""

from typing import Any

import pytest

from app.services.decisions.exclusions import (
    excluding_resource,
    excluding_unit,
    parse,
)

UNIT = {"service": "ec2", "region": "eu-central-1", "key": "ec2:DescribeInstances"}
WHO = {"by": "Olga", "reason": "nothing runs there", "at": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("named", "is_excluded"),
    [
        ({"service": "ec2"}, True),
        ({"service": "rds"}, False),
        ({"region": "eu-central-1"}, True),
        ({"region": "us-east-1"}, False),
        ({"service": "ec2", "region": "us-east-1"}, False),
        ({"key": "ec2:DescribeInstances"}, True),
        ({"key": "ec2:DescribeVolumes"}, False),
        ({"service": "ec2", "type": "ec2:instance"}, False),
        ({"identity": "i-1"}, False),
    ],
)
def test_a_unit_is_left_out_where_all_that_is_named_fits(
    named: dict[str, Any], is_excluded: bool
) -> None:
    rule = excluding_unit(parse([{**named, **WHO}]), **UNIT)
    assert (rule is not None) == is_excluded


@pytest.mark.parametrize(
    ("named", "is_excluded"),
    [
        ({"type": "ec2:instance"}, True),
        ({"type": "ec2:volume"}, False),
        ({"identity": "i-1"}, True),
        ({"identity": "arn:i-1"}, True),
        ({"identity": "i-2"}, False),
        ({"type": "ec2:instance", "identity": "i-2"}, False),
        ({"identity": "i-1", "region": "us-east-1"}, False),
        ({"service": "ec2"}, False),
    ],
)
def test_a_resource_is_left_out_by_type_id_or_arn(
    named: dict[str, Any], is_excluded: bool
) -> None:
    rule = excluding_resource(
        parse([{**named, **WHO}]),
        **UNIT,
        type="ec2:instance",
        identities=("i-1", "arn:i-1"),
    )
    assert (rule is not None) == is_excluded


def test_says_who_left_it_out_and_why() -> None:
    (rule,) = parse([{"service": "ec2", **WHO}])
    assert rule.sentence == "Olga: nothing runs there"


def test_without_an_arn_no_arn_is_left_out() -> None:
    rules = parse([{"type": "ec2:volume", "identity": None, **WHO}])
    assert excluding_resource(rules, **UNIT, type="x", identities=("a", None)) is None
