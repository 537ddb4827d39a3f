"""Records of a worker that lost its lease are not refused any more."""

from typing import Any

from sqlalchemy import select

from app.core.errors import LeaseLost
from app.models.run import Status, TaskExecution
from app.services import claims
from tests.chaos.plants import replace


async def _hold(session: Any, claim: claims.Claim) -> TaskExecution:
    execution = await session.scalar(
        select(TaskExecution)
        .where(
            TaskExecution.organization_id == claim.organization_id,
            TaskExecution.id == claim.execution_id,
            TaskExecution.status == Status.RUNNING,
        )
        .with_for_update(key_share=True)
    )
    if execution is None:
        raise LeaseLost("It is not running.")
    found: TaskExecution = execution
    return found


def plant() -> None:
    replace(claims, "hold", _hold)
