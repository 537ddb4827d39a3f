"""ECR: its verdicts, its reasons, its words."""

from tests.aws.health.tables import VerdictRow, judging

VERDICTS: list[VerdictRow] = [
    (
        "ecr:repository",
        {},
        "reachable",
        "It is listed; AWS keeps no health state for it.",
    ),
]

test_verdicts = judging(VERDICTS)
