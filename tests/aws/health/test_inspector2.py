"""Inspector: what it scans, and accounts it cannot tell of."""

from app.aws.services.health import inspector2
from tests.aws.health.tables import (
    VerdictRow,
    WordRow,
    judging,
    knowing,
    modelled,
)

ACCOUNT = "inspector2:account"
ENABLED = {"state": {"status": "ENABLED"}}
VERDICTS: list[VerdictRow] = [
    (
        ACCOUNT,
        {**ENABLED, "resourceState": {"ec2": {"status": "ENABLED"}}},
        "healthy",
        "The state of Inspector is ENABLED.",
    ),
    (
        ACCOUNT,
        {
            **ENABLED,
            "resourceState": {
                "ec2": {"status": "ENABLED", "errorCode": "SSM_UNAVAILABLE"},
                "ecr": {"status": "DISABLED", "errorCode": "ACCESS_DENIED"},
            },
        },
        "degraded",
        "Scanning of ec2 has a fault (SSM_UNAVAILABLE).",
    ),
    (
        ACCOUNT,
        {"state": {"status": "DISABLED"}},
        "inactive",
        "The state of Inspector is DISABLED.",
    ),
    (
        ACCOUNT,
        {"errorCode": "ACCESS_DENIED"},
        "unknown",
        "Inspector does not tell its state (ACCESS_DENIED).",
    ),
    (ACCOUNT, {}, "unknown", "AWS states no state of Inspector."),
]
PATH = ("inspector2", "BatchGetAccountStatus", "accounts[]")
WORDS: list[WordRow] = [(*PATH, "state.status", inspector2.STATES)]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)


def test_every_fault_is_a_code_of_the_model() -> None:
    assert modelled(*PATH, "resourceState.ec2.errorCode") > inspector2.FAULTS
