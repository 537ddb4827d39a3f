"""STS: another account than the expected one is an error, and never a verdict."""

import pytest

from app.aws.call import Guard
from app.aws.engine import check_pages, units_for
from app.aws.errors import AWSConfigurationError
from app.aws.session import TenantSession
from tests.aws.fake_aws import ACCOUNT, MOMENT, FakeAWS
from tests.aws.health.tables import VerdictRow, judging

VERDICTS: list[VerdictRow] = [
    (
        "sts:identity",
        {"Account": ACCOUNT},
        "healthy",
        f"The credentials open account {ACCOUNT}, as expected.",
    ),
    (
        "sts:identity",
        {},
        "unknown",
        "AWS does not state which account this is.",
    ),
]

test_verdicts = judging(VERDICTS)


@pytest.mark.parametrize("account", ["210987654321", None])
def test_another_account_is_a_configuration_error(
    account: str | None, fake: FakeAWS, session: TenantSession
) -> None:
    (unit,) = units_for("health", ["sts"], ["eu-west-1"])
    answered = fake.afresh(answers={"sts:GetCallerIdentity": {"Account": account}})
    with answered, pytest.raises(AWSConfigurationError) as caught:
        list(check_pages(unit, session, guard=Guard(), now=MOMENT))
    assert caught.value.facts.code == "account_mismatch"
    assert unit.region == "global"
