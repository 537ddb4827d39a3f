"""CodePipeline: the latest run."""

from typing import Any

from app.aws.services.health import codepipeline
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

PIPELINE = "codepipeline:pipeline"


def runs(*states: str) -> dict[str, Any]:
    found = [{"status": state} for state in states]
    return {"Runs": {"pipelineExecutionSummaries": found}}


VERDICTS: list[VerdictRow] = [
    (PIPELINE, runs("Succeeded"), "healthy", "The latest run is Succeeded."),
    (PIPELINE, runs("InProgress"), "degraded", "The latest run is InProgress."),
    (PIPELINE, runs("Stopped"), "degraded", "The latest run is Stopped."),
    (PIPELINE, runs("Failed"), "unhealthy", "The latest run is Failed."),
    (PIPELINE, runs("Odd"), "unknown", "The latest run 'Odd' is not known."),
    (PIPELINE, runs(), "inactive", "The pipeline has not run in the last year."),
]
WORDS: list[WordRow] = [
    (
        "codepipeline",
        "ListPipelineExecutions",
        "pipelineExecutionSummaries[]",
        "status",
        codepipeline.RUNS,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
