"""CodePipeline: how each pipeline's latest run went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

RUNS: Mapping[str, Verdict] = {
    "Succeeded": "healthy",
    "InProgress": "degraded",
    "Stopping": "degraded",
    "Stopped": "degraded",
    "Cancelled": "degraded",
    "Superseded": "in_transition",
    "Failed": "unhealthy",
}


def pipeline(item: Mapping[str, Any], _now: datetime) -> Judgement:
    runs = item["Runs"].get("pipelineExecutionSummaries", [])
    if not runs:
        return Judgement("inactive", "The pipeline has not run in the last year.")
    return by_word("latest run", runs[0].get("status"), RUNS)


CHECKS = (
    HealthCheck(
        key="codepipeline:pipeline",
        title="Pipelines: the latest run",
        listing="codepipeline:ListPipelines",
        actions=("codepipeline:ListPipelines", "codepipeline:ListPipelineExecutions"),
        judge=pipeline,
        details=(
            Detail(
                into="Runs",
                service="codepipeline",
                operation="ListPipelineExecutions",
                inputs=lambda item, _: {"pipelineName": item["name"], "maxResults": 1},
                actions=("codepipeline:ListPipelineExecutions",),
                absent={"PipelineNotFoundException": "vanished"},
                first_page="AWS answers the latest run first.",
            ),
        ),
        facts={
            "status": "Runs.pipelineExecutionSummaries[0].status",
            "run": "Runs.pipelineExecutionSummaries[0].pipelineExecutionId",
        },
    ),
)
