"""Step Functions: the share of failed executions in the last hour."""

from datetime import timedelta
from typing import Any

import pytest

from app.aws.services.health import check_of, stepfunctions
from tests.aws.fake_aws import MOMENT
from tests.aws.health.tables import VerdictRow, judging, modelled

MACHINE = "stepfunctions:state_machine"
HOUR = timedelta(hours=1)


def machine(*ends: tuple[str, timedelta | None]) -> dict[str, Any]:
    executions = [
        {"status": status, **({"stopDate": MOMENT - ago} if ago else {})}
        for status, ago in ends
    ]
    return {"type": "STANDARD", "Executions": {"executions": executions}}


NOW = timedelta(minutes=1)
WELL = [("SUCCEEDED", NOW)]
VERDICTS: list[VerdictRow] = [
    (
        MACHINE,
        machine(),
        "healthy",
        "None of the last hour's executions failed.",
    ),
    (
        MACHINE,
        machine(*WELL, ("FAILED", HOUR + NOW)),
        "healthy",
        "None of the last hour's executions failed.",
    ),
    (
        MACHINE,
        machine(("FAILED", HOUR), *WELL * 9),
        "degraded",
        "1 of the 10 last hour's executions failed or timed out.",
    ),
    (
        MACHINE,
        machine(("TIMED_OUT", NOW), *WELL * 8),
        "unhealthy",
        "1 of the 9 last hour's executions failed or timed out.",
    ),
    (
        MACHINE,
        machine(("RUNNING", None), ("ABORTED", NOW), ("FAILED", NOW)),
        "unhealthy",
        "1 of the 1 last hour's executions failed or timed out.",
    ),
    (
        MACHINE,
        machine(("DREAMING", NOW)),
        "unknown",
        "Executions are in unknown states: ['DREAMING'].",
    ),
    (
        MACHINE,
        machine(("FAILED", NOW), *WELL * 999),
        "degraded",
        "1 of the 1000 latest 1000 executions failed or timed out.",
    ),
    (
        MACHINE,
        {"type": "EXPRESS"},
        "reachable",
        "AWS lists no executions of an express state machine.",
    ),
]
test_verdicts = judging(VERDICTS)


def test_knows_every_way_an_execution_can_stand() -> None:
    words = modelled("stepfunctions", "ListExecutions", "executions[]", "status")
    assert words == stepfunctions.ENDED | stepfunctions.UNJUDGED


@pytest.mark.parametrize(("kind", "asks"), [("STANDARD", True), ("EXPRESS", False)])
def test_asks_only_for_executions_that_are_listed(kind: str, *, asks: bool) -> None:
    (detail,) = check_of(MACHINE).details
    found = detail.inputs({"type": kind, "stateMachineArn": "arn"}, MOMENT)
    expected = {"stateMachineArn": "arn", "maxResults": 1000}
    assert found == (expected if asks else None)
