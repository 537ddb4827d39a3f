"""Image Builder: its verdicts, its reasons, its words."""

from typing import Any

from app.aws.services.health import imagebuilder
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing


def pipeline(last: str) -> dict[str, Any]:
    return {"status": "ENABLED", "lastRunStatus": last}


VERDICTS: list[VerdictRow] = [
    (
        "imagebuilder:image_pipeline",
        pipeline("AVAILABLE"),
        "healthy",
        "The last image's status is AVAILABLE.",
    ),
    (
        "imagebuilder:image_pipeline",
        pipeline("BUILDING"),
        "in_transition",
        "The last image's status is BUILDING.",
    ),
    (
        "imagebuilder:image_pipeline",
        pipeline("CANCELLED"),
        "inactive",
        "The last image's status is CANCELLED.",
    ),
    (
        "imagebuilder:image_pipeline",
        pipeline("FAILED"),
        "unhealthy",
        "The last image's status is FAILED.",
    ),
    (
        "imagebuilder:image_pipeline",
        pipeline("Odd"),
        "unknown",
        "The last image's status 'Odd' is not known.",
    ),
    (
        "imagebuilder:image_pipeline",
        {"status": "ENABLED"},
        "inactive",
        "AWS states no run of the pipeline.",
    ),
    (
        "imagebuilder:image_pipeline",
        {"status": "DISABLED", "lastRunStatus": "FAILED"},
        "inactive",
        "The pipeline's status is DISABLED.",
    ),
    ("imagebuilder:image_pipeline", {}, "unknown", "AWS states no pipeline's status."),
]
WORDS: list[WordRow] = [
    (
        "imagebuilder",
        "ListImagePipelines",
        "imagePipelineList[]",
        "status",
        imagebuilder.SWITCH,
    ),
    (
        "imagebuilder",
        "ListImagePipelines",
        "imagePipelineList[]",
        "lastRunStatus",
        imagebuilder.IMAGE_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
