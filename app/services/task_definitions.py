"""The work that a task's definition means today, and what is refused about it: checked
against the catalog and the task type."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from app.aws.catalog.loader import UnknownOperation, UnknownService, catalog
from app.aws.engine import NothingToDo
from app.aws.services.health import UnknownCheck
from app.aws.unit import Unit
from app.core.errors import FieldError, Invalid
from app.schemas.tasks import ALL_ENABLED, TaskDefinition
from app.services.task_types import task_type


def invalid(error: ValidationError, *, at: str = "") -> Invalid:
    """The same said with pointers, below `at`."""
    fields = tuple(
        FieldError(
            at + "".join(f"/{_escaped(part)}" for part in item["loc"]),
            item["type"],
            item["msg"],
        )
        for item in error.errors(include_url=False, include_input=False)
    )
    return refusal(fields)


def refusal(fields: Sequence[FieldError]) -> Invalid:
    names = ", ".join(sorted({field.pointer for field in fields}))
    return Invalid(f"Look at {names}.", fields=tuple(fields))


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def units_of(definition: TaskDefinition) -> list[Unit]:
    """The units on one account; `all_enabled` counts as every known region, which is
    the most it can become. Raises Invalid naming what is not known."""
    wrong = [*_unknown_services(definition), *_unknown_regions(definition)]
    if wrong:
        raise refusal(wrong)
    units = _planned(definition, definition.parameters, at="/parameters")
    once = definition.schedule.parameters
    if once:
        _planned(definition, definition.parameters | once, at="/schedule/parameters")
    return units


def _unknown_services(definition: TaskDefinition) -> Iterator[FieldError]:
    known = catalog().services
    for index, name in enumerate(definition.services):
        if name not in known:
            message = f"There is no AWS service {name!r}{_meant(name, known)}"
            yield FieldError(f"/services/{index}", "unknown", message)


def _unknown_regions(definition: TaskDefinition) -> Iterator[FieldError]:
    known = catalog().regions
    for index, name in enumerate(definition.regions):
        if name == ALL_ENABLED:
            if len(definition.regions) > 1:
                message = f"{ALL_ENABLED} stands alone, or regions are named"
                yield FieldError(f"/regions/{index}", "not_alone", message)
        elif name not in known:
            message = f"There is no AWS region {name!r}{_meant(name, known)}"
            yield FieldError(f"/regions/{index}", "unknown", message)


def _meant(name: str, known: Mapping[str, object] | frozenset[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _planned(
    definition: TaskDefinition, parameters: Mapping[str, Any], *, at: str
) -> list[Unit]:
    declared = task_type(definition.type)
    regions = definition.regions
    if regions == [ALL_ENABLED]:
        regions = sorted(catalog().regions)
    try:
        units = declared.plan(definition.services, regions, parameters)
    except ValidationError as error:
        raise invalid(error, at=at) from error
    except (UnknownOperation, UnknownCheck) as error:
        raise _unknown_key(parameters, error.key, str(error), at=at) from error
    except UnknownService as error:
        raise _unknown_key(parameters, error.service, str(error), at=at) from error
    except NothingToDo as error:
        raise _nothing_to_do(definition, parameters, error, at=at) from error
    _refuse_idle_services(definition, units)
    return units


def _unknown_key(
    parameters: Mapping[str, Any], name: str, message: str, *, at: str
) -> Invalid:
    """`name` is a key of the catalog, or the service before its colon."""
    return Invalid.field(_place(parameters, name, at=at), "unknown", message)


def _place(parameters: Mapping[str, Any], name: str, *, at: str) -> str:
    for member, keys in parameters.items():
        for index, key in enumerate(keys if isinstance(keys, list) else []):
            if name in {key, str(key).partition(":")[0]}:
                return f"{at}/{member}/{index}"
    return at


def _nothing_to_do(
    definition: TaskDefinition,
    parameters: Mapping[str, Any],
    error: NothingToDo,
    *,
    at: str,
) -> Invalid:
    if error.service in definition.services:
        pointer = f"/services/{definition.services.index(error.service)}"
    else:
        pointer = _place(parameters, error.service, at=at)
    return Invalid.field(pointer, "nothing_to_do", str(error))


def _refuse_idle_services(definition: TaskDefinition, units: Sequence[Unit]) -> None:
    """What is chosen is looked at: a task must not seem to watch more than it does."""
    busy = {unit.service for unit in units}
    message = "Nothing of this service is among what the parameters name"
    idle = [
        FieldError(f"/services/{index}", "nothing_to_do", message)
        for index, name in enumerate(definition.services)
        if name not in busy
    ]
    if idle:
        raise refusal(idle)
