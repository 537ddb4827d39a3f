"""Directory Service: its verdicts, its reasons, its words."""

from app.aws.services.health import ds
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "ds:directory",
        {"Stage": "Active"},
        "healthy",
        "The directory's stage is Active.",
    ),
    (
        "ds:directory",
        {"Stage": "Requested"},
        "in_transition",
        "The directory's stage is Requested.",
    ),
    (
        "ds:directory",
        {"Stage": "Impaired"},
        "degraded",
        "The directory's stage is Impaired.",
    ),
    (
        "ds:directory",
        {"Stage": "Deleted"},
        "inactive",
        "The directory's stage is Deleted.",
    ),
    (
        "ds:directory",
        {"Stage": "Inoperable"},
        "unhealthy",
        "The directory's stage is Inoperable.",
    ),
    (
        "ds:directory",
        {"Stage": "ODD"},
        "unknown",
        "The directory's stage 'ODD' is not known.",
    ),
    ("ds:directory", {}, "unknown", "AWS states no directory's stage."),
    (
        "ds:domain_controller",
        {"Status": "Active"},
        "healthy",
        "The controller's state is Active.",
    ),
    (
        "ds:domain_controller",
        {"Status": "Creating"},
        "in_transition",
        "The controller's state is Creating.",
    ),
    (
        "ds:domain_controller",
        {"Status": "Impaired"},
        "degraded",
        "The controller's state is Impaired.",
    ),
    (
        "ds:domain_controller",
        {"Status": "Deleted"},
        "inactive",
        "The controller's state is Deleted.",
    ),
    (
        "ds:domain_controller",
        {"Status": "Failed"},
        "unhealthy",
        "The controller's state is Failed.",
    ),
    (
        "ds:domain_controller",
        {"Status": "ODD"},
        "unknown",
        "The controller's state 'ODD' is not known.",
    ),
    ("ds:domain_controller", {}, "unknown", "AWS states no controller's state."),
    (
        "ds:trust",
        {"TrustState": "Verified"},
        "healthy",
        "The trust's state is Verified.",
    ),
    (
        "ds:trust",
        {"TrustState": "Creating"},
        "in_transition",
        "The trust's state is Creating.",
    ),
    (
        "ds:trust",
        {"TrustState": "Deleted"},
        "inactive",
        "The trust's state is Deleted.",
    ),
    (
        "ds:trust",
        {"TrustState": "VerifyFailed"},
        "unhealthy",
        "The trust's state is VerifyFailed.",
    ),
    (
        "ds:trust",
        {"TrustState": "ODD"},
        "unknown",
        "The trust's state 'ODD' is not known.",
    ),
    ("ds:trust", {}, "unknown", "AWS states no trust's state."),
]
WORDS: list[WordRow] = [
    ("ds", "DescribeDirectories", "DirectoryDescriptions[]", "Stage", ds.STAGES),
    (
        "ds",
        "DescribeDomainControllers",
        "DomainControllers[]",
        "Status",
        ds.CONTROLLER_STATES,
    ),
    ("ds", "DescribeTrusts", "Trusts[]", "TrustState", ds.TRUST_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
