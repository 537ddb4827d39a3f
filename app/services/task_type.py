"""What a task type declares: its parameters, the units it makes, the IAM actions those
need, and whether it changes anything."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from app.aws.unit import Intent, Unit
from app.models.task import ActionKind, TaskType

Parameters = TypeVar("Parameters", bound=BaseModel)

Intends = Callable[[Unit, UUID, Parameters], Intent]
MakesUnits = Callable[[Sequence[str], Sequence[str], Parameters], list[Unit]]


@dataclass(frozen=True, slots=True)
class TaskTypeDeclaration(Generic[Parameters]):
    """One module of app/services/task_types holds one of these as `TYPE`.

    `units` gets services, regions and parameters, and raises what
    `app.aws.engine.units_for` raises; `actions` are the IAM actions of such units. What
    changes something says for each unit, and an execution's id, by which one call.
    """

    name: TaskType
    title: str
    kind: ActionKind
    parameters: type[Parameters]
    units: MakesUnits[Parameters]
    actions: Callable[[Sequence[Unit]], tuple[str, ...]]
    intent: Intends[Parameters] | None = None

    def plan(
        self,
        services: Sequence[str],
        regions: Sequence[str],
        parameters: Mapping[str, Any],
    ) -> list[Unit]:
        """The units of stored parameters. Raises pydantic's ValidationError where those
        are not of this type, and what `units` raises."""
        return self.units(services, regions, self.parameters.model_validate(parameters))

    def intended(
        self, unit: Unit, execution_id: UUID, parameters: Mapping[str, Any]
    ) -> Intent:
        """The one call of a unit that changes something."""
        assert self.intent is not None, f"{self.name} only reads"
        return self.intent(
            unit, execution_id, self.parameters.model_validate(parameters)
        )
