"""Amplify: the latest job of a branch, and domains."""

from datetime import timedelta
from typing import Any

from app.aws.services.health import amplify
from tests.aws.fake_aws import MOMENT
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

BRANCH, DOMAIN = "amplify:branch", "amplify:domain"


def jobs(*states: str) -> dict[str, Any]:
    """The later the state is named, the later its job began."""
    found = [
        {"status": state, "startTime": MOMENT + timedelta(hours=hour)}
        for hour, state in enumerate(states)
    ]
    return {"Jobs": {"jobSummaries": found}}


VERDICTS: list[VerdictRow] = [
    (BRANCH, jobs("SUCCEED"), "healthy", "The latest of 1 jobs is SUCCEED."),
    (BRANCH, jobs("RUNNING"), "in_transition", "The latest of 1 jobs is RUNNING."),
    (
        BRANCH,
        jobs("SUCCEED", "FAILED"),
        "unhealthy",
        "The latest of 2 jobs is FAILED.",
    ),
    (BRANCH, jobs("ODD"), "unknown", "The latest of 1 jobs 'ODD' is not known."),
    (BRANCH, jobs(), "inactive", "The branch was never built."),
    (
        DOMAIN,
        {"domainStatus": "AVAILABLE"},
        "healthy",
        "The domain's state is AVAILABLE.",
    ),
    (
        DOMAIN,
        {"domainStatus": "AWAITING_APP_CNAME"},
        "degraded",
        "The domain's state is AWAITING_APP_CNAME.",
    ),
    (DOMAIN, {"domainStatus": "FAILED"}, "unhealthy", "The domain's state is FAILED."),
    (DOMAIN, {}, "unknown", "AWS states no domain's state."),
]
WORDS: list[WordRow] = [
    ("amplify", "ListJobs", "jobSummaries[]", "status", amplify.JOBS),
    (
        "amplify",
        "ListDomainAssociations",
        "domainAssociations[]",
        "domainStatus",
        amplify.DOMAIN_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
