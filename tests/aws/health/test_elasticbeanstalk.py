"""Elastic Beanstalk: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import elasticbeanstalk
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing


def environment(status: str, health: str) -> dict[str, Any]:
    return {"Status": status, "Health": health}


VERDICTS: list[VerdictRow] = [
    (
        "elasticbeanstalk:environment",
        environment("Ready", "Green"),
        "healthy",
        "The environment's health is Green.",
    ),
    (
        "elasticbeanstalk:environment",
        environment("Ready", "Yellow"),
        "degraded",
        "The environment's health is Yellow.",
    ),
    (
        "elasticbeanstalk:environment",
        environment("Ready", "Red"),
        "unhealthy",
        "The environment's health is Red.",
    ),
    (
        "elasticbeanstalk:environment",
        environment("Ready", "Grey"),
        "unknown",
        "The environment's health is Grey.",
    ),
    (
        "elasticbeanstalk:environment",
        environment("Updating", "Green"),
        "degraded",
        "The environment's status is Updating.",
    ),
    (
        "elasticbeanstalk:environment",
        environment("Updating", "Grey"),
        "degraded",
        "The environment's status is Updating.",
    ),
    (
        "elasticbeanstalk:environment",
        environment("Updating", "Red"),
        "unhealthy",
        "The environment's health is Red.",
    ),
    (
        "elasticbeanstalk:environment",
        environment("Launching", "Grey"),
        "in_transition",
        "The environment's status is Launching.",
    ),
    (
        "elasticbeanstalk:environment",
        environment("Terminated", "Grey"),
        "inactive",
        "The environment's status is Terminated.",
    ),
    (
        "elasticbeanstalk:environment",
        environment("Odd", "Green"),
        "unknown",
        "The environment's status 'Odd' is not known.",
    ),
]
WORDS: list[WordRow] = [
    (
        "elasticbeanstalk",
        "DescribeEnvironments",
        "Environments[]",
        "Status",
        elasticbeanstalk.STATES,
    ),
    (
        "elasticbeanstalk",
        "DescribeEnvironments",
        "Environments[]",
        "Health",
        elasticbeanstalk.COLOURS,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
