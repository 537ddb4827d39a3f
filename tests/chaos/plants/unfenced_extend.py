"""A heartbeat extends the lease of whoever has the execution now."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, update

from app.models.run import Status, TaskExecution
from app.services import claims
from tests.chaos.plants import replace


async def _extend(session: Any, held: Mapping[UUID, int]) -> set[UUID]:
    statement = (
        update(TaskExecution)
        .where(TaskExecution.id.in_(list(held)), TaskExecution.status == Status.RUNNING)
        .values(lease_until=func.app_now() + claims.LEASE)
        .returning(TaskExecution.id)
        .execution_options(synchronize_session=False)
    )
    return set(await session.scalars(statement))


def plant() -> None:
    replace(claims, "extend", _extend)
