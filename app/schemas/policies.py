"""IAM policies as they cross the edge."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from app.models.task import TaskType
from app.schemas.base import Input, Output
from app.schemas.texts import OneLine

MAX_SERVICES = 500
MAX_OPERATIONS = 1000

_Service = Annotated[str, StringConstraints(min_length=1, max_length=64), OneLine]
_Operation = Annotated[str, StringConstraints(min_length=1, max_length=128), OneLine]


class PolicyPreviewInput(Input):
    """Without `operations` each service's default listings and checks are meant; where
    some are named (catalog keys), exactly those listings."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"services": ["ec2", "s3"]}}
    )

    services: list[_Service] = Field(min_length=1, max_length=MAX_SERVICES)
    types: list[TaskType] = Field(
        default=list(TaskType), min_length=1, max_length=len(TaskType)
    )
    operations: list[_Operation] = Field(default=[], max_length=MAX_OPERATIONS)


class Policies(Output):
    """Managed policies that together allow exactly `actions`; each is within IAM's
    limit. None at all when nothing is needed."""

    actions: list[str]
    policies: list[dict[str, Any]]
