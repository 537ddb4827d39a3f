"""Checks that nobody wrote: they know every word they judge by, agree with the SDK's
waiters, and never call healthy what they do not know."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from app.aws.catalog import state_words
from app.aws.catalog.loader import Operation, Service, catalog
from app.aws.catalog.state_words import meaning, tells_health
from app.aws.services.check import HealthCheck
from app.aws.services.generated import can_be_checked, check_over
from app.aws.services.health import UnknownCheck, check_of, checks, checks_of
from app.aws.session import TenantSession
from tests.aws.fake_aws import MOMENT, FakeAWS
from tests.aws.test_health import checked

LISTS = [words for _, words in state_words._LISTS]  # noqa: SLF001 - the table itself


# ── the words ────────────────────────────────────────────────────────────────────


def test_no_word_means_two_things() -> None:
    words = [word for words in LISTS for word in words.split()]
    assert len(words) == len(set(words))


def test_words_are_sorted_and_spelled_as_they_are_looked_up() -> None:
    for words in LISTS:
        assert words.split() == sorted(words.split())
        assert all(word.isalnum() and word.isupper() for word in words.split())


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("ACTIVE", "healthy"),
        ("CREATE_FAILED", "unhealthy"),
        ("CreateFailed", "unhealthy"),
        ("create-failed", "unhealthy"),
        ("Create Failed", "unhealthy"),
        ("UPDATE_ROLLBACK_COMPLETE", "degraded"),
        ("DELETING", "in_transition"),
        ("STOPPED", "inactive"),
        ("PAUSED", "inactive"),
        ("DISABLED", "inactive"),
        ("UNKNOWN", "unknown"),
        ("ENCHANTED", None),
        ("OPEN", None),
        ("", None),
    ],
)
def test_a_word_means(word: str, verdict: str | None) -> None:
    assert meaning(word) == verdict


def test_health_is_told_only_by_words_that_are_all_known_good_and_bad() -> None:
    assert tells_health(["ACTIVE", "FAILED", "CREATING"])
    assert not tells_health(["ACTIVE", "FAILED", "ENCHANTED"])
    assert not tells_health(["ACTIVE", "INACTIVE"])
    assert not tells_health(["FAILED", "STOPPED"])
    assert not tells_health([])


# ── the waiters as an oracle ─────────────────────────────────────────────────────


# To those that wait until something has been made, any later state will do; and to a
# replication task that is to start, or to run, the other good state is a failure.
OF_ANOTHER_MIND = re.compile("Exists$|^StackCreateComplete$|^ReplicationTask")
Words = dict[str, set[str]]


def waits() -> Iterator[tuple[str, Words]]:
    """Which listing the SDK's waiters ask, and the words of its state that end a wait
    well or badly."""
    for service in catalog().services.values():
        for waiter in waiters(service.name):
            operation = service.operations.get(waiter["operation"])
            if operation and operation.state:
                words: Words = {"success": set(), "failure": set(), "retry": set()}
                for one in filter(looks_at(operation), waiter["acceptors"]):
                    words[one["state"]].add(one["expected"])
                yield operation.key, words


def waiters(service: str) -> list[dict[str, Any]]:
    try:
        model = Loader().load_service_model(service, "waiters-2")
    except UnknownServiceError:
        return []
    found = model["waiters"].items()
    return [one for name, one in found if not OF_ANOTHER_MIND.search(name)]


def looks_at(operation: Operation) -> Callable[[dict[str, Any]], bool]:
    def about_state(acceptor: dict[str, Any]) -> bool:
        path = str(acceptor.get("argument", ""))
        return path.endswith(f".{operation.state}") and "pathA" in acceptor["matcher"]

    return about_state


def test_what_a_waiter_waits_for_is_not_bad_and_its_failure_not_good() -> None:
    # Some wait for an end: deleted, stopped. To them all that is well is a failure.
    well = [
        (key, words)
        for key, words in waits()
        if words["success"] and {*map(meaning, words["success"])} != {"inactive"}
    ]
    assert len(well) >= 20
    for key, words in well:
        assert "unhealthy" not in map(meaning, words["success"]), key
        assert "healthy" not in map(meaning, words["failure"]), key


# ── generated checks ─────────────────────────────────────────────────────────────


SERVICES = list(catalog().services.values())
CURATED = {check.service for check in checks().values()}


def generated() -> list[HealthCheck]:
    every = (check for one in SERVICES for check in checks_of(one.name))
    return [check for check in every if check.tier != "curated"]


def test_what_tells_health_is_read_by_curated_checks_or_by_one_generic_check() -> None:
    beside_curated = 0
    for service in SERVICES:
        for listing in service.default_operations():
            tiers = [one.tier for one in checks_of(service.name) if reads(one, listing)]
            if listing.tells_health and can_be_checked(listing):
                assert set(tiers) == {"curated"} or tiers == ["generic"], listing.key
                beside_curated += "generic" in tiers and service.name in CURATED
    assert beside_curated >= 60


def reads(check: HealthCheck, listing: Operation) -> bool:
    return check.listing == listing.key


def test_what_only_answers_is_read_where_no_check_is_curated() -> None:
    for service in SERVICES:
        found = checks_of(service.name)
        reachable = {check.listing for check in found if check.tier == "reachable"}
        defaults = service.default_operations()
        silent = {one.key for one in defaults if not one.tells_health}
        assert reachable == (set() if service.name in CURATED else silent)


def test_every_curated_check_is_made_and_nothing_is_looked_at_twice() -> None:
    for service in SERVICES:
        found = checks_of(service.name)
        keys = [check.key for check in found]
        assert len(keys) == len(set(keys))
        by_hand = [check for check in found if check.tier == "curated"]
        assert by_hand == [one for one in checks().values() if of(service, one)]
        types = {catalog().operation(check.listing).type for check in by_hand}
        others = [one.listing for one in found if one.tier != "curated"]
        assert types.isdisjoint(catalog().operation(key).type for key in others)


def of(service: Service, check: HealthCheck) -> bool:
    return check.service == service.name


def test_a_generic_check_asks_for_its_listing_and_judges_all_of_it(
    fake: FakeAWS, session: TenantSession
) -> None:
    for check in generated():
        if check.tier == "generic":
            with fake.afresh():
                findings = checked(check, session)
                asked = {(one.service, one.operation) for one in fake.ledger}
            chain = catalog().chain(catalog().operation(check.key))
            assert asked == {(one.service, one.name) for one in chain}
            assert {one.type for one in findings} == {chain[-1].type}


def test_a_generated_check_has_its_listings_key_and_actions() -> None:
    for check in generated():
        chain = catalog().chain(catalog().operation(check.listing))
        assert check.key == check.listing
        assert set(check.actions) == {action for one in chain for action in one.iam}
        assert check.title
        assert check_of(check.key).tier == check.tier


def test_its_tier_says_whether_the_state_is_judged() -> None:
    found = generated()
    assert {check.tier for check in found} == {"generic", "reachable"}
    for check in found:
        telling = catalog().operation(check.listing).tells_health
        assert (check.tier == "generic") == telling


def judged(key: str, state: str | None) -> tuple[str, str]:
    operation = catalog().operation(key)
    assert operation.state
    item: Any = state
    for step in reversed(operation.state.split(".")):
        item = {step: item}
    return check_over(operation).judge(item, MOMENT)


FLOW = "mediaconnect:ListFlows"


@pytest.mark.parametrize(
    ("state", "verdict", "reason"),
    [
        ("ACTIVE", "healthy", "The flow's state is ACTIVE."),
        ("ERROR", "unhealthy", "The flow's state is ERROR."),
        ("UPDATING", "in_transition", "The flow's state is UPDATING."),
        ("STANDBY", "inactive", "The flow's state is STANDBY."),
        ("ENCHANTED", "unknown", "The flow's state 'ENCHANTED' is not known."),
        (None, "unknown", "AWS states no state of this flow."),
    ],
)
def test_judges_by_the_word_and_a_new_one_is_unknown(
    state: str | None, verdict: str, reason: str
) -> None:
    assert judged(FLOW, state) == (verdict, reason)


def test_without_words_it_is_only_reachable() -> None:
    operation = catalog().operation("amp:ListScrapers")
    plain = next(one for one in generated() if one.tier == "reachable")
    assert plain.judge({}, MOMENT).verdict == "reachable"
    assert check_over(operation).key == operation.key


def test_a_check_that_was_named_stays_when_its_service_gets_better_ones() -> None:
    assert "ec2:DescribeVpcs" not in {check.key for check in checks_of("ec2")}
    assert check_of("ec2:DescribeVpcs").tier == "reachable"


@pytest.mark.parametrize("key", ["ec2:DescribeRegions", "sqs:ListQueues", "ec2:Dreams"])
def test_what_is_no_resource_of_the_account_has_no_check(key: str) -> None:
    with pytest.raises(UnknownCheck):
        check_of(key)
