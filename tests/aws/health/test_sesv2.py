"""SES: reputation, identities, endpoints."""

from app.aws.services.health import sesv2
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

ACCOUNT, IDENTITY, ENDPOINT = (
    "sesv2:account",
    "sesv2:email_identity",
    "sesv2:multi_region_endpoint",
)
VERDICTS: list[VerdictRow] = [
    (
        ACCOUNT,
        {"EnforcementStatus": "HEALTHY", "SendingEnabled": True},
        "healthy",
        "The reputation is HEALTHY.",
    ),
    (
        ACCOUNT,
        {"EnforcementStatus": "HEALTHY", "SendingEnabled": False},
        "inactive",
        "Sending is not enabled.",
    ),
    (
        ACCOUNT,
        {"EnforcementStatus": "PROBATION"},
        "degraded",
        "The reputation is PROBATION.",
    ),
    (
        ACCOUNT,
        {"EnforcementStatus": "SHUTDOWN"},
        "unhealthy",
        "The reputation is SHUTDOWN.",
    ),
    (ACCOUNT, {}, "unknown", "AWS states no reputation."),
    (
        IDENTITY,
        {"VerificationStatus": "SUCCESS"},
        "healthy",
        "The identity's verification is SUCCESS.",
    ),
    (
        IDENTITY,
        {"VerificationStatus": "PENDING"},
        "degraded",
        "The identity's verification is PENDING.",
    ),
    (
        IDENTITY,
        {"VerificationStatus": "FAILED"},
        "unhealthy",
        "The identity's verification is FAILED.",
    ),
    (IDENTITY, {}, "unknown", "AWS states no identity's verification."),
    (ENDPOINT, {"Status": "READY"}, "healthy", "The endpoint's state is READY."),
    (ENDPOINT, {"Status": "FAILED"}, "unhealthy", "The endpoint's state is FAILED."),
    (ENDPOINT, {}, "unknown", "AWS states no endpoint's state."),
]
WORDS: list[WordRow] = [
    (
        "sesv2",
        "ListEmailIdentities",
        "EmailIdentities[]",
        "VerificationStatus",
        sesv2.VERIFICATION,
    ),
    (
        "sesv2",
        "ListMultiRegionEndpoints",
        "MultiRegionEndpoints[]",
        "Status",
        sesv2.ENDPOINT_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
