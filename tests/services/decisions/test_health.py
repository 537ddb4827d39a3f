"""What scopes say about health at an instant."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from app.services.decisions.health import (
    ScopeState,
    ServiceHealth,
    Watch,
    account_health,
    worst,
)

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
EC2 = frozenset({"ec2"})
STATUS = frozenset({"ec2:instance_status"})
EVERYWHERE = Watch(EC2, None, STATUS)


def scope(verdict: str | None = "healthy", **changes: Any) -> ScopeState:
    given: dict[str, Any] = {
        "service": "ec2",
        "region": "eu-central-1",
        "key": "ec2:instance_status",
        "verdict": verdict,
        "counts": {verdict: 1},
        "as_of": NOON,
        "stale_at": None,
        "error": None,
    }
    return ScopeState(**{**given, **changes})


def health(
    *scopes: ScopeState, watches: tuple[Watch, ...] = (EVERYWHERE,)
) -> ServiceHealth:
    (found,) = account_health(scopes, watches, (), NOON)
    return found


ORDER = ["unhealthy", "degraded", "unknown", "in_transition", "healthy", "inactive"]
ORDER += ["reachable", "excluded", "no_resources", "not_applicable"]


@pytest.mark.parametrize(("one", "other"), list(permutations(ORDER, 2)))
def test_the_worst_of_two_decides(one: str, other: str) -> None:
    expected = min(one, other, key=ORDER.index)
    assert worst((one, other), otherwise="healthy") == expected
    assert health(scope(one), scope(other)).verdict == expected


def test_a_verdict_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        worst(("fine",), otherwise="healthy")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stale_at": NOON - timedelta(microseconds=1)}, "stale"),
        ({"error": {"category": "AWSServiceError"}}, "AWSServiceError"),
        ({"verdict": None}, "not_read"),
    ],
)
def test_what_does_not_hold_is_unknown_with_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    found = health(scope(**changes))
    assert (found.verdict, found.reason, found.counts) == ("unknown", reason, {})


def test_a_verdict_holds_until_the_very_instant() -> None:
    assert health(scope(stale_at=NOON)).verdict == "healthy"


def test_rests_on_the_oldest_read() -> None:
    old = NOON - timedelta(hours=3)
    assert health(scope(), scope(as_of=old)).as_of == old


@pytest.mark.parametrize(
    ("watch", "is_covered"),
    [
        (EVERYWHERE, True),
        (Watch(EC2, frozenset({"eu-central-1"}), STATUS), True),
        (Watch(EC2, frozenset({"us-east-1"}), STATUS), False),
        (Watch(EC2, None, STATUS | {"ec2:volume_status"}), True),
        (Watch(EC2, None, frozenset({"ec2:volume_status"})), False),
        (Watch(EC2, None, frozenset()), False),
    ],
)
def test_only_what_is_still_watched_counts(watch: Watch, is_covered: bool) -> None:
    assert watch.covers(scope()) == is_covered


def test_a_global_check_is_watched_from_any_region() -> None:
    watch = Watch(EC2, frozenset({"us-east-1"}), STATUS)
    assert watch.covers(scope(region="global"))


HERE, THERE = "eu-central-1", "us-east-1"
BOTH = Watch(EC2, frozenset({HERE, THERE}), STATUS)
TWICE = Watch(EC2, None, STATUS | {"ec2:volume_status"})


@pytest.mark.parametrize(
    ("watch", "scopes", "unread"),
    [
        (BOTH, [scope()], 1),
        (BOTH, [scope(), scope(region=THERE)], 0),
        (BOTH, [scope(region="global")], 0),
        (TWICE, [scope()], 1),
        (TWICE, [scope(), scope(key="ec2:volume_status")], 0),
    ],
)
def test_what_was_never_read_is_unknown_beside_what_was(
    watch: Watch, scopes: list[ScopeState], unread: int
) -> None:
    found = health(*scopes, watches=(watch,))
    assert found.verdict == ("unknown" if unread else "healthy")
    assert found.not_known == ({"not_read": unread} if unread else {})


def test_two_tasks_that_miss_the_same_count_it_once() -> None:
    assert health(scope(), watches=(BOTH, BOTH)).not_known == {"not_read": 1}


def test_what_is_left_out_is_not_waited_for() -> None:
    def there(_service: str, region: str, _key: str) -> bool:
        return region == THERE

    (found,) = account_health([scope()], (BOTH,), (), NOON, is_excluded=there)
    assert found.verdict == "healthy"


def test_an_excluded_check_keeps_no_older_verdict() -> None:
    assert health(scope("unhealthy", exclusion="Olga: old")).verdict == "excluded"


def test_names_what_was_listed_and_is_not_watched() -> None:
    found = account_health((), (), {"s3"}, NOON)
    assert [(one.service, one.verdict) for one in found] == [("s3", "not_watched")]
