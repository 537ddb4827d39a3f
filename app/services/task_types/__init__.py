"""The task types, one module each; found by walking this package."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from app.models.task import TaskType
from app.services.task_type import TaskTypeDeclaration


@cache
def task_types() -> Mapping[TaskType, TaskTypeDeclaration[Any]]:
    """Every task type by its name."""
    found: dict[TaskType, TaskTypeDeclaration[Any]] = {}
    for module in pkgutil.iter_modules(__path__):
        declared = importlib.import_module(f"{__name__}.{module.name}").TYPE
        if declared.name in found:
            raise ValueError(f"two task types are called {declared.name}")
        found[declared.name] = declared
    return MappingProxyType(found)


def task_type(name: TaskType) -> TaskTypeDeclaration[Any]:
    return task_types()[name]
