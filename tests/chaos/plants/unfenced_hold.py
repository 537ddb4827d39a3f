"""Records of a worker that lost its lease are not refused any more."""

from sqlalchemy import bindparam, select

from app.models.run import TaskExecution
from app.services import claims
from tests.chaos.plants import replace

_FENCE = 2  # its place in HELD


def plant() -> None:
    held = list(claims.HELD)
    held[_FENCE] = TaskExecution.fence >= bindparam("claim_fence")
    replace(claims, "HELD", tuple(held))
    hold = select(TaskExecution).where(*held).with_for_update(key_share=True)
    replace(claims, "_HOLD", hold)
