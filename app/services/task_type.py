"""What a task type declares: its parameters, the units it makes, the IAM actions those
need, and whether it changes anything."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from app.aws.unit import Unit
from app.models.task import ActionKind, TaskType

Parameters = TypeVar("Parameters", bound=BaseModel)

MakesUnits = Callable[[Sequence[str], Sequence[str], Parameters], list[Unit]]


@dataclass(frozen=True, slots=True)
class TaskTypeDeclaration(Generic[Parameters]):
    """One module of app/services/task_types holds one of these as `TYPE`.

    `units` gets services, regions and parameters, and raises what
    `app.aws.engine.units_for` raises; `actions` are the IAM actions of such units.
    """

    name: TaskType
    title: str
    kind: ActionKind
    parameters: type[Parameters]
    units: MakesUnits[Parameters]
    actions: Callable[[Sequence[Unit]], tuple[str, ...]]

    def plan(
        self,
        services: Sequence[str],
        regions: Sequence[str],
        parameters: Mapping[str, Any],
    ) -> list[Unit]:
        """The units of stored parameters. Raises pydantic's ValidationError where those
        are not of this type, and what `units` raises."""
        return self.units(services, regions, self.parameters.model_validate(parameters))
