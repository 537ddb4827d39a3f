"""Work is only found by its hint: no worker looks without one, and none is repeated."""

from typing import Any

from app.services import reaping
from tests.chaos.plants import replace


async def _hint_again(*_: Any, **__: Any) -> int:
    return 0


def plant() -> None:
    replace(reaping, "hint_again", _hint_again)
    from app.tasks import worker  # noqa: PLC0415 — reads what was just replaced

    replace(worker, "POLL_SECONDS", 86_400)
