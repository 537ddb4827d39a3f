"""Problems as they cross the edge. (An error of a request is in problem.py.)"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.models.problem import ProblemStatus
from app.schemas.aws_errors import AWSErrorRead
from app.schemas.base import Input, Output


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("control_character", "A text holds the character NUL")
    return text


Note = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000),
    AfterValidator(_without_nul),
]


def _left_alone() -> Any:
    """What a member is that the client did not send; it is never looked at."""
    return None


class ProblemEdit(Input):
    """What is sent changes. A note of null is taken away."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"status": "acknowledged", "note": "Olga asks the client."}]
        }
    )

    status: Literal["open", "acknowledged"] = Field(default_factory=_left_alone)
    note: Note | None = Field(default_factory=_left_alone)


class ProblemRead(Output):
    """Failures with one cause. `error` is the last one; it is closed once the task that
    suffered it last succeeds."""

    id: UUID
    aws_account_id: UUID
    category: str
    code: str
    missing_action: str | None
    status: ProblemStatus
    count: int
    first_at: datetime
    last_at: datetime
    last_execution_id: UUID
    error: AWSErrorRead
    note: str | None
    acknowledged_by: UUID | None
    closed_at: datetime | None


class UnclosedProblemsRead(Output):
    """How many problems are not closed."""

    open: int
    acknowledged: int
