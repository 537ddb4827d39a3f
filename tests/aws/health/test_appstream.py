"""AppStream: fleets with errors, and image builders."""

from app.aws.services.health import appstream
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

FLEET, BUILDER = "appstream:fleet", "appstream:image_builder"
VERDICTS: list[VerdictRow] = [
    (FLEET, {"State": "RUNNING"}, "healthy", "The fleet's state is RUNNING."),
    (
        FLEET,
        {
            "State": "RUNNING",
            "FleetErrors": [{"ErrorCode": "B"}, {"ErrorCode": "A"}, {"ErrorCode": "B"}],
        },
        "degraded",
        "The fleet has errors: A, B.",
    ),
    (FLEET, {"State": "STOPPED"}, "inactive", "The fleet's state is STOPPED."),
    (FLEET, {}, "unknown", "AWS states no fleet's state."),
    (
        BUILDER,
        {"State": "RUNNING"},
        "healthy",
        "The image builder's state is RUNNING.",
    ),
    (
        BUILDER,
        {"State": "FAILED"},
        "unhealthy",
        "The image builder's state is FAILED.",
    ),
    (BUILDER, {}, "unknown", "AWS states no image builder's state."),
]
WORDS: list[WordRow] = [
    ("appstream", "DescribeFleets", "Fleets[]", "State", appstream.FLEET_STATES),
    (
        "appstream",
        "DescribeImageBuilders",
        "ImageBuilders[]",
        "State",
        appstream.BUILDER_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
