"""Redshift Serverless: its verdicts, its reasons, its words."""

from app.aws.services.health import redshift_serverless
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "redshift-serverless:workgroup",
        "work group's status",
        "status",
        {
            "AVAILABLE": "healthy",
            "MODIFYING": "degraded",
            "CREATING": "in_transition",
            "DELETING": "in_transition",
        },
    ),
    *worded(
        "redshift-serverless:namespace",
        "namespace's status",
        "status",
        {"AVAILABLE": "healthy", "MODIFYING": "degraded", "DELETING": "in_transition"},
    ),
]
WORDS: list[WordRow] = [
    (
        "redshift-serverless",
        "ListWorkgroups",
        "workgroups[]",
        "status",
        redshift_serverless.WORKGROUP_STATES,
    ),
    (
        "redshift-serverless",
        "ListNamespaces",
        "namespaces[]",
        "status",
        redshift_serverless.NAMESPACE_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
