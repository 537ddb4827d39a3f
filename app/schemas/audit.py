"""The audit log as it crosses the edge."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from app.schemas.base import Output


class AuditEventRead(Output):
    """One act. `seq` and `hash` are its place in the organization's chain, which it
    gets within some minutes."""

    id: UUID
    at: datetime
    actor: str = Field(
        description="user:<id>, operator:<name> of who runs the installation, system,"
        " or nobody where nobody was signed in.",
        examples=["user:01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31"],
    )
    action: str = Field(examples=["task.execute"])
    subject_type: str = Field(examples=["task"])
    subject_id: UUID | None
    detail: dict[str, Any] = Field(description="Empty where it was erased.")
    address: str | None = Field(description="Of the client; null where it was erased.")
    user_agent: str | None
    request_id: str | None
    seq: int | None
    hash: str | None = Field(description="SHA-256 in hexadecimal digits.")


class AuditHeadRead(Output):
    """The end of the chain on a day, as it left the database."""

    id: UUID
    day: date
    seq: int
    hash: str = Field(description="SHA-256 in hexadecimal digits.")
    at: datetime
