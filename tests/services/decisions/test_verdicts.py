"""Coverage and verdicts: what was not read is unknown, and never healthy."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.coverage import (
    Coverage,
    Covered,
    Exclusion,
    UnitEnd,
    cover,
)
from app.services.decisions.verdicts import WORST_FIRST, is_stale, roll_up

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
STATUSES = [
    "pending",
    "running",
    "succeeded",
    "failed",
    "cancelled",
    "not_attempted",
    "not_applicable",
]
UNITS = st.lists(
    st.builds(
        UnitEnd,
        region=st.sampled_from(["eu-central-1", "us-east-1"]),
        service=st.sampled_from(["ec2", "s3"]),
        key=st.text(max_size=3),
        status=st.sampled_from(STATUSES),
        reason=st.none() | st.just("AccessDenied"),
    )
)
VERDICTS = st.lists(st.none() | st.sampled_from(WORST_FIRST))


def unit(status: str, reason: str | None = None) -> UnitEnd:
    return UnitEnd("eu-central-1", "ec2", "DescribeInstances", status, reason)


def covered(*statuses: str) -> Coverage:
    return cover(unit(status) for status in statuses)


READ = covered("succeeded")


@given(UNITS)
def test_each_unit_is_in_exactly_one_list(units: list[UnitEnd]) -> None:
    coverage = cover(units)
    listed = [*coverage.read, *coverage.not_read, *coverage.not_applicable]
    assert len(listed) == len(units)
    assert len(coverage.read) == sum(unit.status == "succeeded" for unit in units)
    assert coverage.is_complete == (
        bool(coverage.read)
        and {unit.status for unit in units} <= {"succeeded", "not_applicable"}
    )


def test_coverage_says_why() -> None:
    exclusion = Exclusion("us-east-1", "s3", "ListBuckets", "olga", "costs too much")
    coverage = cover(
        [
            unit("succeeded"),
            unit("failed", "AccessDenied"),
            unit("not_attempted"),
            unit("not_applicable", "the region is disabled"),
        ],
        [exclusion],
    )
    assert coverage.to_json() == {
        "read": [_json(None)],
        "not_read": [_json("AccessDenied"), _json("not_attempted")],
        "not_applicable": [_json("the region is disabled")],
        "excluded": [
            {
                "region": "us-east-1",
                "service": "s3",
                "key": "ListBuckets",
                "reason": "olga: costs too much",
            }
        ],
    }
    assert coverage.excluded == (
        Covered("us-east-1", "s3", "ListBuckets", "olga: costs too much"),
    )


def _json(reason: str | None) -> dict[str, str | None]:
    return {
        "region": "eu-central-1",
        "service": "ec2",
        "key": "DescribeInstances",
        "reason": reason,
    }


def test_an_unknown_status_is_an_error() -> None:
    with pytest.raises(KeyError):
        covered("done")


@pytest.mark.parametrize(
    ("verdicts", "verdict", "reason"),
    [
        (["healthy", "healthy"], "healthy", "2 of 2 resources: healthy."),
        (
            ["healthy", "in_transition"],
            "in_transition",
            "1 of 2 resources: in_transition.",
        ),
        (["in_transition", "unknown"], "unknown", "1 of 2 resources: unknown."),
        (["unknown", "degraded"], "degraded", "1 of 2 resources: degraded."),
        (["degraded", "unhealthy"], "unhealthy", "1 of 2 resources: unhealthy."),
        (["healthy", "inactive"], "healthy", "1 of 2 resources: healthy."),
        (["inactive"], "inactive", "1 of 1 resources: inactive."),
        (["healthy", None], "healthy", "1 of 2 resources: healthy."),
        ([None, None], None, "2 resources, none with a health state."),
        ([], "no_resources", "Everything was read and there are no resources."),
    ],
)
def test_the_worst_resource_decides(
    verdicts: list[str | None], verdict: str | None, reason: str
) -> None:
    health = roll_up(verdicts, READ)
    assert (health.verdict, health.reason) == (verdict, reason)
    assert health.reachable


@given(VERDICTS, UNITS)
def test_what_was_not_read_is_never_called_well(
    verdicts: list[str | None], units: list[UnitEnd]
) -> None:
    coverage = cover(units)
    health = roll_up(verdicts, coverage)
    if coverage.not_read or "unknown" in verdicts:
        assert health.verdict in {"unknown", "degraded", "unhealthy"}
    if health.verdict == "no_resources":
        assert coverage.is_complete
        assert not verdicts
    assert health.reachable == coverage.is_complete


@given(VERDICTS)
def test_one_unhealthy_resource_is_never_hidden(verdicts: list[str | None]) -> None:
    assert roll_up([*verdicts, "unhealthy"], READ).verdict == "unhealthy"


def test_nothing_read_is_unknown_and_not_no_resources() -> None:
    for coverage in (covered(), covered("not_applicable")):
        health = roll_up([], coverage)
        assert (health.verdict, health.reachable) == ("unknown", False)


def test_refuses_a_verdict_that_no_resource_can_have() -> None:
    with pytest.raises(ValueError, match="fine"):
        roll_up(["fine"], READ)


@pytest.mark.parametrize(
    ("age", "stale"),
    [(2 * HOUR, False), (2 * HOUR + timedelta(microseconds=1), True)],
)
def test_a_verdict_is_stale_after_the_interval_and_the_grace(
    age: timedelta, *, stale: bool
) -> None:
    assert is_stale(NOW - age, HOUR, HOUR, NOW) == stale


def test_a_verdict_that_nothing_promised_to_renew_is_not_stale() -> None:
    assert not is_stale(NOW - 10_000 * HOUR, None, HOUR, NOW)
