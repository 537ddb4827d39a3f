"""The task type `rehearsal`: messages sent to one queue, one call each. It stands for
what will change something, and is not offered to anybody."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field

from app.aws.unit import Intent, Unit
from app.models.task import ActionKind, TaskType
from app.schemas.base import Input
from app.services.task_type import TaskTypeDeclaration

SERVICE = "sqs"
OPERATION = "SendMessage"


class Parameters(Input):
    """Each step sends one message to the queue."""

    queue_url: str
    steps: int = Field(1, ge=1, le=20)


def _units(
    _services: Sequence[str], regions: Sequence[str], parameters: Parameters
) -> list[Unit]:
    return [
        Unit("act", SERVICE, region, f"{SERVICE}:{OPERATION}#{step}")
        for region in regions
        for step in range(1, parameters.steps + 1)
    ]


def _intent(unit: Unit, execution_id: UUID, parameters: Parameters) -> Intent:
    step = unit.key.rpartition("#")[2]
    message = {
        "QueueUrl": parameters.queue_url,
        "MessageBody": f"{execution_id}:{step}",
    }
    return Intent(SERVICE, OPERATION, unit.region, message)


def _actions(_units: Sequence[Unit]) -> tuple[str, ...]:
    return (f"{SERVICE}:{OPERATION}",)


TYPE = TaskTypeDeclaration(
    name=TaskType.REHEARSAL,
    title="Rehearse a change",
    kind=ActionKind.MUTATE,
    parameters=Parameters,
    units=_units,
    actions=_actions,
    intent=_intent,
)
