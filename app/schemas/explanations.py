"""Why something ran, did not run, or waits, as it crosses the edge."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict

from app.schemas.base import Output


class SentenceRead(Output):
    """One thing that happened, or that is waited for. `code` stays the same for a
    program to look at; `text` is for people. `at` is null for what holds now."""

    at: datetime | None
    code: str
    text: str


class ExplanationRead(Output):
    """In the order of time; what holds now comes last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "about": "execution",
                    "id": "01961f60-1c2d-7a11-8a0c-3f1d8a5e9b10",
                    "status": "queued",
                    "sentences": [
                        {
                            "at": "2026-03-03T06:00:00Z",
                            "code": "slot",
                            "text": "The slot of 2026-03-03 06:00:00 UTC was recorded.",
                        },
                        {
                            "at": None,
                            "code": "same_task",
                            "text": "The same task is at work on this account since"
                            " 2026-03-03 05:00:01 UTC.",
                        },
                    ],
                }
            ]
        }
    )

    about: Literal["task", "run", "execution"]
    id: UUID
    status: str
    sentences: list[SentenceRead]
