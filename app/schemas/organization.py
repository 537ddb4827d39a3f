"""The organization as it crosses the edge; its external id is shown only where a
connection is made."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field, StrictBool

from app.schemas.base import Input, Output
from app.schemas.texts import Name


class OrganizationRead(Output):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",
                    "name": "Acme",
                    "created_at": "2026-03-02T08:15:30Z",
                    "deletion_due_at": None,
                    "mfa_required": False,
                }
            ]
        }
    )

    id: UUID
    name: str
    created_at: datetime
    deletion_due_at: datetime | None = Field(
        description="When it will be deleted with all that is in it; null: never."
    )
    mfa_required: bool = Field(
        description="Members without a second factor reach `/auth` only."
    )


class Deletion(Input):
    """The organization's name, so that nobody deletes another one by mistake."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Acme"}]})

    name: Name


class OrganizationUpdate(Input):
    """What is absent or null stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Acme", "mfa_required": False}]}
    )

    name: Name | None = None
    mfa_required: StrictBool | None = Field(
        default=None, description="Who asks for it must have a second factor."
    )
