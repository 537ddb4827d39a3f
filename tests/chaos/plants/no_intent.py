"""Nothing is said of an effect before it is begun."""

from typing import Any

from app.services import actions
from tests.chaos.plants import replace


async def _intend(*_: Any, **__: Any) -> None:
    """Keeps what is about to be done to itself."""


def plant() -> None:
    replace(actions, "intend", _intend)
