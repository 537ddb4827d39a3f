"""The records around an action that changes something: the intent is committed before
the call, its outcome after it, so that what a lost worker may have done is known."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.run import ExecutionEvent, ExecutionUnit, TaskExecution, UnitStatus
from app.services.claims import LEASE, Claim, hold
from app.services.execution_ends import OUTCOME_UNKNOWN
from app.services.execution_work import NOT_ASKED, Asked, end_unit

INTENDED = "intended"
WITHDRAWN = "withdrawn"
DONE = "done"
NOT_DONE = "not_done"


async def intend(
    session: AsyncSession, claim: Claim, unit_id: UUID, described: dict[str, Any]
) -> None:
    """Say what is about to be done, without its secrets, and take a whole lease for it.
    From this commit until the outcome's nobody does it again: a worker that is lost
    between the two leaves the execution interrupted."""
    execution = await hold(session, claim)
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    execution.effect_started_at = now
    execution.lease_until = now + LEASE
    unit = await session.get_one(ExecutionUnit, unit_id)
    unit.status = UnitStatus.RUNNING
    unit.started_at = now
    _record(session, execution, unit, INTENDED, described)
    await session.flush()


async def withdraw(session: AsyncSession, claim: Claim, unit_id: UUID) -> None:
    """Say that the intended call was never sent."""
    execution = await hold(session, claim)
    execution.effect_started_at = None
    unit = await session.get_one(ExecutionUnit, unit_id)
    unit.status = UnitStatus.PENDING
    _record(session, execution, unit, WITHDRAWN, {})
    await session.flush()


async def record_outcome(
    session: AsyncSession,
    claim: Claim,
    unit_id: UUID,
    *,
    asked: Asked,
    error: dict[str, Any] | None = None,
    is_unknown: bool = False,
) -> None:
    """Say what became of the intent: done, or not done with its error, or unknown with
    it. An effect whose outcome is known is under way no more."""
    execution = await hold(session, claim)
    unit = await session.get_one(ExecutionUnit, unit_id)
    if not is_unknown:
        execution.effect_started_at = None
    outcome = DONE if error is None else OUTCOME_UNKNOWN if is_unknown else NOT_DONE
    _record(session, execution, unit, outcome, {})
    await session.flush()
    await end_unit(
        session,
        claim,
        unit_id,
        UnitStatus.SUCCEEDED if error is None else UnitStatus.FAILED,
        reason=OUTCOME_UNKNOWN if is_unknown else None,
        error=error,
        asked=asked,
    )


async def end_unbegun(
    session: AsyncSession,
    claim: Claim,
    unit_id: UUID,
    status: UnitStatus,
    *,
    reason: str | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    """End a unit of which nothing was intended."""
    await end_unit(
        session, claim, unit_id, status, asked=NOT_ASKED, reason=reason, error=error
    )


def _record(
    session: AsyncSession,
    execution: TaskExecution,
    unit: ExecutionUnit,
    kind: str,
    facts: dict[str, Any],
) -> None:
    session.add(
        ExecutionEvent(
            organization_id=execution.organization_id,
            execution_id=execution.id,
            kind=kind,
            fence=execution.fence,
            actor=func.current_setting("app.actor"),
            detail={"unit": unit.key, "region": unit.region} | facts,
        )
    )
