"""CodeBuild: the latest build, and fleets in trouble."""

from typing import Any

from app.aws.services.health import check_of, codebuild
from tests.aws.fake_aws import MOMENT
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

PROJECT, FLEET = "codebuild:project", "codebuild:fleet"


def built(*states: str) -> dict[str, Any]:
    return {"Builds": {"builds": [{"buildStatus": state} for state in states]}}


def fleet(state: str, trouble: str | None = None) -> dict[str, Any]:
    context = {"context": trouble} if trouble else {}
    return {"status": {"statusCode": state, **context}}


VERDICTS: list[VerdictRow] = [
    (PROJECT, built("SUCCEEDED"), "healthy", "The latest build is SUCCEEDED."),
    (PROJECT, built("STOPPED"), "degraded", "The latest build is STOPPED."),
    *(
        (PROJECT, built(word), "unhealthy", f"The latest build is {word}.")
        for word in ("FAILED", "FAULT", "TIMED_OUT")
    ),
    (PROJECT, built("ODD"), "unknown", "The latest build 'ODD' is not known."),
    (PROJECT, built(), "unknown", "AWS does not tell of the latest build."),
    (PROJECT, {}, "inactive", "The project was never built."),
    (FLEET, fleet("ACTIVE"), "healthy", "The fleet's state is ACTIVE."),
    (
        FLEET,
        fleet("ACTIVE", "INSUFFICIENT_CAPACITY"),
        "degraded",
        "The fleet's trouble is INSUFFICIENT_CAPACITY.",
    ),
    (
        FLEET,
        fleet("CREATE_FAILED", "CREATE_FAILED"),
        "unhealthy",
        "The fleet's state is CREATE_FAILED.",
    ),
    (FLEET, {}, "unknown", "AWS states no fleet's state."),
]
WORDS: list[WordRow] = [
    ("codebuild", "BatchGetBuilds", "builds[]", "buildStatus", codebuild.BUILDS),
    (
        "codebuild",
        "BatchGetFleets",
        "fleets[]",
        "status.statusCode",
        codebuild.FLEET_STATES,
    ),
    (
        "codebuild",
        "BatchGetFleets",
        "fleets[]",
        "status.context",
        codebuild.FLEET_TROUBLES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)


def test_asks_for_the_latest_build_only() -> None:
    detail = check_of(PROJECT).details[1]
    assert detail.inputs({"BuildIds": {"ids": ["p:2", "p:1"]}}, MOMENT) == {
        "ids": ["p:2"]
    }
    assert detail.inputs({"BuildIds": {"ids": []}}, MOMENT) is None
    assert detail.inputs({"BuildIds": None}, MOMENT) is None
