"""AWS Health: issues and changes; without a support plan nothing of it applies."""

from typing import Any

import pytest

from app.aws.call import Guard
from app.aws.engine import check_pages, units_for
from app.aws.services.health import health
from app.aws.session import TenantSession
from app.aws.unit import NotApplicable
from tests.aws.fake_aws import MOMENT, FakeAWS
from tests.aws.health.tables import VerdictRow, judging, modelled

EVENT = "health:event"


def event(
    category: str, status: str, scope: str = "ACCOUNT_SPECIFIC"
) -> dict[str, Any]:
    return {
        "service": "EC2",
        "region": "eu-west-1",
        "eventTypeCategory": category,
        "statusCode": status,
        "eventScopeCode": scope,
    }


VERDICTS: list[VerdictRow] = [
    (
        EVENT,
        event("issue", "open"),
        "unhealthy",
        "AWS has an open issue with EC2 in eu-west-1.",
    ),
    (
        EVENT,
        event("issue", "open", "PUBLIC"),
        "unhealthy",
        "AWS has an open issue with EC2 in eu-west-1 for everybody.",
    ),
    (
        EVENT,
        event("scheduledChange", "upcoming"),
        "degraded",
        "AWS has an upcoming scheduled change with EC2 in eu-west-1.",
    ),
    (
        EVENT,
        event("investigation", "open"),
        "degraded",
        "AWS has an open investigation with EC2 in eu-west-1.",
    ),
    (
        EVENT,
        event("dream", "open"),
        "unknown",
        "What the 'open' event of the category 'dream' means is not known.",
    ),
]


test_verdicts = judging(VERDICTS)


def test_knows_every_category_but_notices() -> None:
    words = modelled("health", "DescribeEvents", "events[]", "eventTypeCategory")
    assert words - {"accountNotification"} == set(health.CATEGORIES)


def test_it_is_asked_once_and_where_it_answers(
    fake: FakeAWS, session: TenantSession
) -> None:
    (unit,) = units_for("health", ["health"], ["eu-west-1", "eu-west-2"])
    with fake.afresh():
        list(check_pages(unit, session, guard=Guard(), now=MOMENT))
        regions = {one.region for one in fake.ledger}
    assert (unit.region, regions) == ("global", {"us-east-1"})


def test_an_account_without_support_plan_is_not_applicable(
    fake: FakeAWS, session: TenantSession
) -> None:
    (unit,) = units_for("health", ["health"], ["eu-west-1"])
    code = "SubscriptionRequiredException"
    with fake.afresh(fail={0: code}), pytest.raises(NotApplicable, match=code):
        list(check_pages(unit, session, guard=Guard(), now=MOMENT))
