"""The task type `health_check`: a verdict on each resource of the chosen services."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from app.aws.engine import actions_for, units_for
from app.aws.unit import Unit
from app.models.task import ActionKind, TaskType
from app.schemas.base import Input
from app.services.task_type import TaskTypeDeclaration

CheckKey = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}:[A-Za-z0-9_]{1,128}$")
]


class Parameters(Input):
    """Without `checks` every check of each service is made; where some are named
    (`ec2:instance_status`), the task is exactly those."""

    checks: list[CheckKey] = Field(default_factory=list, max_length=500)


def _units(
    services: Sequence[str], regions: Sequence[str], parameters: Parameters
) -> list[Unit]:
    return units_for("health", services, regions, operations=parameters.checks)


TYPE = TaskTypeDeclaration(
    name=TaskType.HEALTH_CHECK,
    title="Check health",
    kind=ActionKind.READ,
    parameters=Parameters,
    units=_units,
    actions=actions_for,
)
