"""A worker that ends gives back an execution that another one has by now."""

from typing import Any

from sqlalchemy import update

from app.models.run import Status, TaskExecution
from app.services import claims
from tests.chaos.plants import replace


async def _release(session: Any, claim: claims.Claim, **_: Any) -> None:
    await session.execute(
        update(TaskExecution)
        .where(
            TaskExecution.organization_id == claim.organization_id,
            TaskExecution.id == claim.execution_id,
            TaskExecution.status == Status.RUNNING,
        )
        .values(
            status=Status.QUEUED,
            reason="released",
            fence=TaskExecution.fence + 1,
            lease_owner=None,
            lease_until=None,
            deadline=None,
        )
        .execution_options(synchronize_session=False)
    )


def plant() -> None:
    replace(claims, "release", _release)
