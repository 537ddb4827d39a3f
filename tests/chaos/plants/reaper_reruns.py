"""The reaper queues whatever was lost, also a change whose effect was begun."""

from typing import Any

from app.services.decisions import retries
from tests.chaos.plants import replace


def _decide_lost(*_: Any, **__: Any) -> retries.Lost:
    return retries.Lost("queued", "worker_lost", "It reruns, whatever it is.")


def plant() -> None:
    replace(retries, "decide_lost", _decide_lost)
