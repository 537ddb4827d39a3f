"""WAF: regional ACLs everywhere, CloudFront's in one region only."""

import pytest

from app.aws.call import Guard
from app.aws.engine import list_pages
from app.aws.session import TenantSession
from app.aws.unit import Unit
from tests.aws.fake_aws import FakeAWS
from tests.aws.health.tables import VerdictRow, judging

VERDICTS: list[VerdictRow] = [
    (
        "wafv2:web_acl",
        {},
        "reachable",
        "It is listed; AWS keeps no health state for it.",
    ),
]

test_verdicts = judging(VERDICTS)


@pytest.mark.parametrize(
    ("region", "scopes"),
    [("us-east-1", {"CLOUDFRONT", "REGIONAL"}), ("eu-west-1", {"REGIONAL"})],
)
def test_cloudfronts_acls_are_asked_for_in_the_home_region_only(
    region: str, scopes: set[str], fake: FakeAWS, session: TenantSession
) -> None:
    unit = Unit("list", "wafv2", region, "wafv2:ListWebACLs")
    with fake.afresh():
        list(list_pages(unit, session, guard=Guard()))
        asked = {one.params["Scope"] for one in fake.ledger}
    assert asked == scopes
