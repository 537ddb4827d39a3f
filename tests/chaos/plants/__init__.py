"""Sabotage, one module each: `plant()` changes the product's own code in the process
that is about to start, so that a promise does not hold any more. It is called before
anything else of the product is imported."""

from types import ModuleType
from typing import Any


def replace(where: ModuleType | type, name: str, planted: Any) -> None:
    """Put `planted` in the place of what must be there, or it would change nothing."""
    if not hasattr(where, name):
        raise AttributeError(f"{where.__name__} has no {name} to sabotage")
    setattr(where, name, planted)
