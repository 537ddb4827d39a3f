"""Every listing reads to its last page, and nothing is ever cut in silence."""

import pytest

from app.aws import listing, reading
from app.aws.call import Guard
from app.aws.catalog.loader import Operation, Service, catalog
from app.aws.concurrency import AT_ONCE
from app.aws.engine import list_pages
from app.aws.errors import AWSPermissionError, AWSServiceError, AWSServiceLimitError
from app.aws.session import TenantSession
from tests.aws.fake_aws import Asked, FakeAWS
from tests.aws.faults import Fault, Refused
from tests.aws.lists import listed, refused, unit_of
from tests.aws.test_catalog_listing import ANSWERS

OPERATIONS = list(catalog().all_operations())


def chosen(service: Service) -> Operation:
    """One listing of a service: one that is fed by another, where there is any."""
    listings = list(service.operations.values())
    return next((one for one in listings if one.feed), listings[0])


CHOSEN = [chosen(one) for one in catalog().services.values() if one.operations]


# ── errors ───────────────────────────────────────────────────────────────────────
# (That every operation is read to its end is in test_catalog_listing.py.)


@pytest.mark.parametrize("operation", CHOSEN, ids=lambda one: one.key)
def test_a_denial_at_any_call_is_raised(
    operation: Operation, fake: FakeAWS, session: TenantSession
) -> None:
    with fake.afresh(answers=ANSWERS):
        listed(operation.key, session)
        calls = len(fake.ledger)
    for number in {0, 1, calls - 1} & set(range(calls)):
        with fake.afresh(answers=ANSWERS, fail={number: "AccessDenied"}):
            assert isinstance(refused(operation.key, session), AWSPermissionError)
            # Beyond it only what was in flight already.
            assert number < len(fake.ledger) <= number + 1 + AT_ONCE


def test_24_runs_over_an_idle_account_have_the_same_hashes(
    fake: FakeAWS, session: TenantSession
) -> None:
    defaults = [one for one in OPERATIONS if one.tier == "curated"]
    with fake.afresh(hold_still=True):
        for operation in defaults[::6]:
            runs = {
                tuple(
                    sorted(one.content_hash for one in listed(operation.key, session))
                )
                for _ in range(24)
            }
            assert len(runs) == 1, operation.key


# ── pages ────────────────────────────────────────────────────────────────────────


def test_a_token_that_repeats_is_an_error_not_the_end(
    fake: FakeAWS, session: TenantSession
) -> None:
    with fake.afresh(page_token="same"):
        failure = refused("sns:ListTopics", session)
    assert isinstance(failure, AWSServiceError)
    assert failure.facts.code == "repeated_token"


def test_a_circle_of_tokens_is_an_error_too(
    fake: FakeAWS, session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = iter(["a", "b", "c", "a", "b"])

    def next_input(*_: object) -> dict[str, str]:
        return {"NextToken": next(tokens)}

    monkeypatch.setattr(listing, "_next_input", next_input)
    with fake.afresh():
        assert refused("sns:ListTopics", session).facts.code == "repeated_token"
        assert len(fake.ledger) == 4


def test_more_pages_than_the_cap_are_an_error(
    fake: FakeAWS, session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_CAP", 1)
    with fake.afresh():
        failure = refused("sns:ListTopics", session)
    assert isinstance(failure, AWSServiceLimitError)
    assert failure.facts.code == "page_cap"


def test_more_resources_than_the_cap_are_an_error(
    fake: FakeAWS, session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "UNIT_CAP", 1)
    with fake.afresh():
        failure = refused("sns:ListTopics", session)
    assert isinstance(failure, AWSServiceLimitError)
    assert failure.facts.code == "unit_cap"


def test_pages_arrive_one_by_one(fake: FakeAWS, session: TenantSession) -> None:
    with fake.afresh():
        unit = unit_of(catalog().operation("sns:ListTopics"))
        pages = list_pages(unit, session, guard=Guard())
        next(pages)
        assert len(fake.ledger) == 1


def test_stops_between_calls(fake: FakeAWS, session: TenantSession) -> None:
    class Cancelled(Exception):
        pass

    def stop() -> None:
        if len(fake.ledger) >= 2:
            raise Cancelled

    with fake.afresh(), pytest.raises(Cancelled):
        listed("dynamodb:DescribeTable", session, Guard(stop))
    with fake.afresh():
        with pytest.raises(Cancelled):
            listed("dynamodb:DescribeTable", session, Guard(stop))
        # What had been let through before is in flight; nothing is begun after it.
        assert 2 <= len(fake.ledger) <= 1 + AT_ONCE


def test_asks_aws_for_pages_where_it_would_else_cut_the_list(
    fake: FakeAWS, session: TenantSession
) -> None:
    with fake.afresh():
        listed("sqs:ListQueues", session)
        assert fake.ledger[0].params["MaxResults"] == 1000


# ── parents ──────────────────────────────────────────────────────────────────────


def test_describes_in_batches_and_carries_the_parents_input(
    fake: FakeAWS, session: TenantSession
) -> None:
    names = {"serviceArns": [f"service-{n}" for n in range(23)]}
    clusters = {"clusterArns": ["one"], "nextToken": None}
    with fake.afresh(
        answers={
            "ecs:ListClusters": clusters,
            "ecs:ListServices": {**names, "nextToken": None},
        }
    ):
        listed("ecs:DescribeServices", session)
        asked = [one for one in fake.ledger if one.operation == "DescribeServices"]
    assert sorted(len(one.params["services"]) for one in asked) == [3, 10, 10]
    assert {one.params["cluster"] for one in asked} == {"one"}


def test_what_vanished_between_list_and_description_is_left_out(
    fake: FakeAWS, session: TenantSession
) -> None:
    tables = {"TableNames": ["stays", "goes", "stays too"]}

    def judge(asked: Asked) -> Fault | None:
        is_gone = asked.params.get("TableName") == "goes"
        return Refused("ResourceNotFoundException") if is_gone else None

    names = {"dynamodb:ListTables": {**tables, "LastEvaluatedTableName": None}}
    with fake.afresh(answers=names):
        assert len(listed("dynamodb:DescribeTable", session)) == 3
    with fake.afresh(answers=names, judge=judge):
        assert len(listed("dynamodb:DescribeTable", session)) == 2


def test_the_same_code_is_an_error_where_it_is_not_declared(
    fake: FakeAWS, session: TenantSession
) -> None:
    with fake.afresh(fail={0: "ResourceNotFoundException"}):
        assert refused("dynamodb:ListTables", session).facts.service == "dynamodb"


def test_an_item_that_a_batch_could_not_describe_is_an_error(
    fake: FakeAWS, session: TenantSession
) -> None:
    failures = {"ecs:DescribeClusters": {"failures": [{"reason": "ACCESS"}]}}
    with fake.afresh(answers=failures):
        assert refused("ecs:DescribeClusters", session).facts.code == "ACCESS"


def test_an_item_that_a_batch_misses_has_vanished(
    fake: FakeAWS, session: TenantSession
) -> None:
    gone = {"clusters": [], "failures": [{"reason": "MISSING"}]}
    with fake.afresh(answers={"ecs:DescribeClusters": gone}):
        assert listed("ecs:DescribeClusters", session) == []
