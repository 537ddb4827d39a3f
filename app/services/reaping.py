"""What the beat does beside the schedule: takes leases from workers that died, and
repeats hints that were lost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Interval,
    Row,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.queue import Job, enqueue, execution_queue
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.run import Status, TaskExecution
from app.services import outbox
from app.services.decisions.retries import Lost, decide_lost
from app.services.runs import settle

HINT_AGAIN_SECONDS = 60
# However many wait: a hint wakes a worker, which then finds the others by itself. Of
# these, too, not each is sent: see queue.py.
WAKING_HINTS = 32
HINT_FIRST_SECONDS = 15  # the hint of the commit itself is on its way


async def reap(session: AsyncSession, *, limit: int) -> int:
    """Decide what becomes of running executions whose lease ran out; how many."""
    statement = (
        select(
            TaskExecution.id,
            TaskExecution.organization_id,
            TaskExecution.run_id,
            TaskExecution.kind,
            TaskExecution.priority,
            TaskExecution.attempt,
            TaskExecution.retry_no,
            TaskExecution.effect_started_at,
        )
        .where(
            TaskExecution.status == Status.RUNNING,
            TaskExecution.lease_until < func.app_now(),
            ~func.is_paused(),
        )
        .order_by(TaskExecution.lease_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    dead = (await session.execute(statement)).all()
    # Runs are locked in one order everywhere, so that no two wait for each other.
    for execution in sorted(dead, key=lambda one: one.run_id):
        lost = decide_lost(
            execution.kind.value,
            # Each retry began with a lease of its own, and no worker was lost for it.
            attempt=execution.attempt - execution.retry_no,
            effect_started=execution.effect_started_at is not None,
        )
        await _take_away(session, execution, lost)
    return len(dead)


async def _take_away(
    session: AsyncSession, execution: Row[*tuple[Any, ...]], lost: Lost
) -> None:
    requeued = lost.status == "queued"
    measures.count(session, measures.REAPED, status=lost.status)
    await session.execute(
        update(TaskExecution)
        .where(TaskExecution.id == execution.id)
        .values(
            status=lost.status,
            reason=lost.reason,
            fence=TaskExecution.fence + 1,
            lease_owner=None,
            lease_until=None,
            hinted_at=func.app_now(),
            finished_at=None if requeued else func.app_now(),
        )
        .execution_options(synchronize_session=False)
    )
    if requeued:
        queue = execution_queue(execution.kind, execution.priority)
        enqueue(session, Job.RUN_EXECUTION, execution.id, queue=queue)
    else:
        measures.count(session, measures.FINISHED, status=lost.status)
        # Its units, result and problem are the tenant's: a worker records them.
        await outbox.post(
            session,
            organization_id=execution.organization_id,
            kind=outbox.OutboxKind.EXECUTION_SETTLE,
            subject_id=execution.id,
            dedupe_key=f"settle:{execution.id}",
        )
    await settle(session, execution.organization_id, execution.run_id)


async def hint_again(session: AsyncSession, *, limit: int) -> int:
    """Repeat the hints of executions and outbox messages that wait too long; how
    many."""
    executions = await _hint_executions(session, min(limit, WAKING_HINTS))
    return executions + await _hint_outbox(session, limit)


async def _hint_executions(session: AsyncSession, limit: int) -> int:
    again = func.app_now() - _seconds(HINT_AGAIN_SECONDS)
    waiting = (
        select(TaskExecution.id)
        .where(
            TaskExecution.status == Status.QUEUED,
            TaskExecution.hinted_at < again,
            or_(
                TaskExecution.not_before.is_(None),
                TaskExecution.not_before <= func.app_now(),
            ),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    hinted = (
        update(TaskExecution)
        .where(TaskExecution.id.in_(waiting))
        .values(hinted_at=func.app_now())
        .returning(TaskExecution.id, TaskExecution.kind, TaskExecution.priority)
        .execution_options(synchronize_session=False)
    )
    rows = (await session.execute(hinted)).all()
    for id, kind, priority in rows:
        queue = execution_queue(kind, priority)
        enqueue(session, Job.RUN_EXECUTION, id, queue=queue)
    return len(rows)


async def _hint_outbox(session: AsyncSession, limit: int) -> int:
    """A message is hinted when it is posted; then each time it is available again."""
    again = func.app_now() + _seconds(HINT_AGAIN_SECONDS)
    waiting = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.status == OutboxStatus.PENDING,
            OutboxMessage.available_at < func.app_now() - _seconds(HINT_FIRST_SECONDS),
            or_(
                OutboxMessage.lease_until.is_(None),
                OutboxMessage.lease_until < func.app_now(),
            ),
        )
        .order_by(OutboxMessage.available_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    hinted = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(waiting))
        .values(available_at=again)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    ids: list[UUID] = list(await session.scalars(hinted))
    for id in ids:
        enqueue(session, Job.DELIVER_OUTBOX, id)
    return len(ids)


def _seconds(count: int) -> ColumnElement[timedelta]:
    return literal(timedelta(seconds=count), Interval)
