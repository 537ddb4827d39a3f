"""Failures that a task's policy has tried again: the same execution goes back to the
queue, and the try that failed stays on record as an event."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.queue import Job, enqueue, execution_queue
from app.models.run import (
    ExecutionEvent,
    ExecutionUnit,
    Status,
    TaskExecution,
    TaskRun,
    UnitStatus,
)
from app.models.task import Task, TaskVersion
from app.services.decisions.retries import (
    NO_RETRIES,
    Retry,
    RetryPolicy,
    decide_retry,
)
from app.services.execution_work import NOT_ASKED, Asked

RETRIED = "retried"
# Of an execution that could not even begin: its error is one of AWS all the same.
BEFORE_FIRST_UNIT = "before_first_unit"

_UNREAD = (UnitStatus.FAILED, UnitStatus.CANCELLED, UnitStatus.NOT_ATTEMPTED)
_TOLD = ("category", "code", "missing_action", "request_id")

Unit = Row[*tuple[Any, ...]]


async def try_again(
    session: AsyncSession,
    execution: TaskExecution,
    *,
    reason: str | None,
    error: dict[str, Any] | None,
    units: Sequence[Unit],
    asked: Asked,
) -> bool:
    """Put a failed execution, which the caller holds, back into the queue if its policy
    says so; whether it does. What was read stays read, its other units are pending."""
    policy = await _policy_of(session, execution)
    retry = _decide(execution, policy, reason, error, units)
    if retry.delay is None:
        return False
    not_before = await _now(session) + retry.delay
    failed_try = {
        "retry_no": execution.retry_no + 1,
        "reason": retry.reason,
        "not_before": not_before.isoformat(),
        "error": error,
        "units": [_described(unit) for unit in units if unit.error is not None],
        "spent": sum_of([asked, *_spent_in_vain(units)]).cost(),
    }
    session.add(
        ExecutionEvent(
            organization_id=execution.organization_id,
            execution_id=execution.id,
            kind=RETRIED,
            from_status=Status.RUNNING,
            to_status=Status.QUEUED,
            fence=execution.fence,
            actor=func.current_setting("app.actor"),
            detail=failed_try,
        )
    )
    await session.flush()
    measures.count(session, measures.RETRIED)
    await _requeue(session, execution, not_before)
    if not retry.delay:
        queue = execution_queue(execution.kind, execution.priority)
        enqueue(session, Job.RUN_EXECUTION, execution.id, queue=queue)
    return True


async def _policy_of(session: AsyncSession, execution: TaskExecution) -> RetryPolicy:
    said = await session.scalar(
        select(TaskVersion.retry_policy)
        .join(TaskRun, TaskRun.task_version_id == TaskVersion.id)
        .join(Task, Task.id == TaskRun.task_id)
        .where(
            TaskRun.organization_id == execution.organization_id,
            TaskRun.id == execution.run_id,
            # Who deletes a task wants it to end.
            Task.deleted_at.is_(None),
        )
    )
    if said is None:
        return NO_RETRIES
    return RetryPolicy(
        said["retries"],
        frozenset(said["categories"]),
        timedelta(seconds=said["delay_seconds"]),
    )


def _decide(
    execution: TaskExecution,
    policy: RetryPolicy,
    reason: str | None,
    error: dict[str, Any] | None,
    units: Sequence[Unit],
) -> Retry:
    if execution.cancel_requested_at is not None:
        return Retry(None, "Somebody asked to cancel it.")
    if reason not in {None, BEFORE_FIRST_UNIT}:
        return Retry(None, f"It failed because of {reason}, which no category names.")
    errors = [unit.error for unit in units if unit.error is not None]
    if error is not None:
        errors.append(error)
    return decide_retry(
        policy,
        categories={one["category"] for one in errors},
        retry_no=execution.retry_no,
        kind=execution.kind.value,
        effect_started=execution.effect_started_at is not None,
    )


def _described(unit: Unit) -> dict[str, Any]:
    place = {name: getattr(unit, name) for name in ("kind", "service", "region", "key")}
    return place | {name: unit.error.get(name) for name in _TOLD}


async def _requeue(
    session: AsyncSession, execution: TaskExecution, not_before: datetime
) -> None:
    await session.execute(
        update(ExecutionUnit)
        .where(
            ExecutionUnit.organization_id == execution.organization_id,
            ExecutionUnit.execution_id == execution.id,
            ExecutionUnit.status.in_(_UNREAD),
        )
        .values(
            status=UnitStatus.PENDING,
            reason=None,
            error=None,
            calls=0,
            retries=0,
            throttled=0,
            pacing=None,
            answers=None,
            started_at=None,
            finished_at=None,
        )
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(TaskExecution)
        .where(
            TaskExecution.organization_id == execution.organization_id,
            TaskExecution.id == execution.id,
        )
        .values(
            status=Status.QUEUED,
            reason="retry",
            retry_no=TaskExecution.retry_no + 1,
            fence=TaskExecution.fence + 1,
            not_before=not_before,
            lease_owner=None,
            lease_until=None,
            deadline=None,
        )
        .execution_options(synchronize_session=False)
    )


# ── what asking AWS cost ─────────────────────────────────────────────────────────


async def spent(session: AsyncSession, execution: TaskExecution) -> Asked:
    """What the tries of this execution that failed have cost, but for the units that
    they read: those still stand in their rows."""
    if not execution.retry_no:
        return NOT_ASKED
    tries = await session.scalars(
        select(ExecutionEvent.detail).where(
            ExecutionEvent.organization_id == execution.organization_id,
            ExecutionEvent.execution_id == execution.id,
            ExecutionEvent.kind == RETRIED,
        )
    )
    return sum_of(Asked(**detail["spent"]) for detail in tries)


def _spent_in_vain(units: Iterable[Unit]) -> Iterator[Asked]:
    return (cost(unit) for unit in units if unit.status in _UNREAD)


def cost(unit: Unit) -> Asked:
    return Asked(unit.calls, unit.retries, unit.throttled, unit.pacing)


def sum_of(costs: Iterable[Asked]) -> Asked:
    """Of all together; the pace was kept locally as soon as a part of it was."""
    costs = list(costs)
    paced = {one.pacing for one in costs} - {None}
    return Asked(
        calls=sum(one.calls for one in costs),
        retries=sum(one.retries for one in costs),
        throttled=sum(one.throttled for one in costs),
        pacing=min(paced, default=None, key=lambda one: one != "local"),
    )


async def _now(session: AsyncSession) -> datetime:
    now: datetime | None = await session.scalar(select(func.app_now()))
    assert now is not None
    return now
