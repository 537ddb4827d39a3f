"""Security Hub: severe findings and standards; not enabled is not a fault."""

import pytest

from app.aws.call import Guard
from app.aws.engine import check_pages, list_pages
from app.aws.errors import AWSPermissionError
from app.aws.services.health import securityhub
from app.aws.session import TenantSession
from app.aws.unit import NotApplicable, Unit
from tests.aws.fake_aws import MOMENT, FakeAWS
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

HUB, STANDARD = "securityhub:hub", "securityhub:standard"
REGION = "eu-west-1"
VERDICTS: list[VerdictRow] = [
    (
        HUB,
        {"HubArn": "arn", "Severe": {"Findings": []}},
        "healthy",
        "It is enabled and has no new critical or high ones.",
    ),
    (
        HUB,
        {"HubArn": "arn", "Severe": {"Findings": [{"Id": "f"}]}},
        "degraded",
        "It has new critical or high findings.",
    ),
    (HUB, {"Severe": {}}, "unknown", "AWS names no hub."),
    (
        STANDARD,
        {"StandardsStatus": "READY"},
        "healthy",
        "The standard's state is READY.",
    ),
    (
        STANDARD,
        {"StandardsStatus": "INCOMPLETE"},
        "degraded",
        "The standard's state is INCOMPLETE.",
    ),
    (
        STANDARD,
        {"StandardsStatus": "FAILED"},
        "unhealthy",
        "The standard's state is FAILED.",
    ),
    (STANDARD, {}, "unknown", "AWS states no standard's state."),
]
WORDS: list[WordRow] = [
    (
        "securityhub",
        "GetEnabledStandards",
        "StandardsSubscriptions[]",
        "StandardsStatus",
        securityhub.STANDARD_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)


def test_a_region_where_it_is_not_enabled_is_not_applicable(
    fake: FakeAWS, session: TenantSession
) -> None:
    code = "InvalidAccessException"
    for key in ("securityhub:DescribeHub", "securityhub:GetEnabledStandards"):
        listing = Unit("list", "securityhub", REGION, key)
        with fake.afresh(fail={0: code}), pytest.raises(NotApplicable, match=code):
            list(list_pages(listing, session, guard=Guard()))
    check = Unit("health", "securityhub", REGION, HUB)
    with fake.afresh(fail={0: code}), pytest.raises(NotApplicable, match=code):
        list(check_pages(check, session, guard=Guard(), now=MOMENT))


def test_a_denied_call_stays_an_error(fake: FakeAWS, session: TenantSession) -> None:
    check = Unit("health", "securityhub", REGION, HUB)
    denied = fake.afresh(fail={0: "AccessDeniedException"})
    with denied, pytest.raises(AWSPermissionError):
        list(check_pages(check, session, guard=Guard(), now=MOMENT))
