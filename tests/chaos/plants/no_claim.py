"""A hint is taken from the queue and nothing is claimed, and nobody looks again."""

from typing import Any

from app.services import claims
from tests.chaos.plants import replace


async def _claim(*_: Any, **__: Any) -> list[claims.Claim]:
    return []


def plant() -> None:
    replace(claims, "claim", _claim)
