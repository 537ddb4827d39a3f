"""The task type `resource_list`: lists the resources of the chosen services into the
inventory."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from app.aws.engine import actions_for, units_for
from app.aws.unit import Unit
from app.models.task import ActionKind, TaskType
from app.schemas.base import Input
from app.services.task_type import TaskTypeDeclaration

OperationKey = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}:[A-Za-z0-9]{1,128}$")
]


class Parameters(Input):
    """Without `operations` each service is listed by its default ones; where some are
    named (`ec2:DescribeInstances`), the task is exactly those."""

    operations: list[OperationKey] = Field(default_factory=list, max_length=500)


def _units(
    services: Sequence[str], regions: Sequence[str], parameters: Parameters
) -> list[Unit]:
    return units_for("list", services, regions, operations=parameters.operations)


TYPE = TaskTypeDeclaration(
    name=TaskType.RESOURCE_LIST,
    title="List resources",
    kind=ActionKind.READ,
    parameters=Parameters,
    units=_units,
    actions=actions_for,
)
