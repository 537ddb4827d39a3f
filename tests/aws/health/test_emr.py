"""EMR: its verdicts, its reasons, its words."""

from datetime import timedelta
from typing import Any

from app.aws.services.health import emr
from tests.aws.fake_aws import MOMENT
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded


def ended(ago: timedelta) -> dict[str, Any]:
    timeline = {"EndDateTime": MOMENT - ago}
    return {"Status": {"State": "TERMINATED_WITH_ERRORS", "Timeline": timeline}}


VERDICTS: list[VerdictRow] = [
    *worded(
        "emr:cluster",
        "cluster's state",
        "Status.State",
        {
            "RUNNING": "healthy",
            "WAITING": "healthy",
            "BOOTSTRAPPING": "in_transition",
            "TERMINATED": "inactive",
            "TERMINATED_WITH_ERRORS": "unhealthy",
        },
    ),
    (
        "emr:cluster",
        ended(timedelta(hours=23)),
        "unhealthy",
        "The cluster's state is TERMINATED_WITH_ERRORS.",
    ),
    (
        "emr:cluster",
        ended(timedelta(hours=25)),
        "inactive",
        "It ended with errors on 2026-02-28.",
    ),
    ("emr:cluster", {}, "unknown", "AWS states no cluster's state."),
]
WORDS: list[WordRow] = [
    ("emr", "ListClusters", "Clusters[]", "Status.State", emr.STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
