"""Organizations: member accounts; an account in no organization has none."""

from app.aws.services.health import organizations
from tests.aws.health.tables import (
    VerdictRow,
    WordRow,
    judging,
    knowing,
    modelled,
)

ACCOUNT = "organizations:account"
VERDICTS: list[VerdictRow] = [
    (ACCOUNT, {"State": "ACTIVE"}, "healthy", "The account's state is ACTIVE."),
    (ACCOUNT, {"Status": "ACTIVE"}, "healthy", "The account's state is ACTIVE."),
    (
        ACCOUNT,
        {"State": "CLOSED", "Status": "SUSPENDED"},
        "inactive",
        "The account's state is CLOSED.",
    ),
    (
        ACCOUNT,
        {"State": "PENDING_CLOSURE"},
        "degraded",
        "The account's state is PENDING_CLOSURE.",
    ),
    (ACCOUNT, {}, "unknown", "AWS states no account's state."),
]
PATH = ("organizations", "ListAccounts", "Accounts[]")
WORDS: list[WordRow] = [(*PATH, "State", organizations.STATES)]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)


def test_knows_the_older_status_too() -> None:
    assert modelled(*PATH, "Status") <= set(organizations.STATES)
