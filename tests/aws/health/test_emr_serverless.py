"""EMR Serverless: its verdicts, its reasons, its words."""

from app.aws.services.health import emr_serverless
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "emr-serverless:application",
        "application's state",
        "state",
        {
            "STARTED": "healthy",
            "STARTING": "in_transition",
            "CREATED": "inactive",
            "STOPPED": "inactive",
            "TERMINATED": "inactive",
        },
    ),
]
WORDS: list[WordRow] = [
    (
        "emr-serverless",
        "ListApplications",
        "applications[]",
        "state",
        emr_serverless.STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
