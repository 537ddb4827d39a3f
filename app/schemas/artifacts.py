"""Artifacts as they cross the edge."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.models.artifact import ArtifactStatus
from app.schemas.base import Input, Output

_ARTIFACT: dict[str, Any] = {
    "id": "01961f60-5c2d-7a11-8a0c-3f1d8a5e9b10",
    "execution_id": "01961f60-1c2d-7a11-8a0c-3f1d8a5e9b10",
    "part": "resources",
    "format": "csv",
    "status": "ready",
    "error": None,
    "bytes": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "created_at": "2026-03-03T06:10:00Z",
    "ready_at": "2026-03-03T06:10:02Z",
    "expires_at": "2026-04-02T06:10:02Z",
    "purged_at": None,
}


class ArtifactInput(Input):
    """What to keep: all resources that the execution listed, or all its findings."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"part": "findings", "format": "csv"}]}
    )

    part: Literal["resources", "findings"] = "resources"
    format: Literal["csv", "json"] = "csv"


class ArtifactRead(Output):
    """A compressed file. `failed` says why in `error`; what is `purged` was deleted
    when its time was over."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ARTIFACT]})

    id: UUID
    execution_id: UUID
    part: Literal["resources", "findings"]
    format: Literal["csv", "json"]
    status: ArtifactStatus
    error: str | None
    bytes: int | None = Field(description="Of the compressed file.")
    sha256: str | None = Field(description="Of the compressed file.")
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    purged_at: datetime | None
