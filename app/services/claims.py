"""Leases on executions: claim, extend, release, reap. Time is the database's, and
whoever lost a lease has an old fence with which nothing can be written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Interval,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.errors import LeaseLost
from app.core.queue import Priority
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import ActionKind

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one execution, as long as its lease is extended."""

    execution_id: UUID
    organization_id: UUID
    task_id: UUID
    run_id: UUID
    aws_account_id: UUID
    kind: ActionKind
    fence: int
    attempt: int
    timeout: timedelta


async def claim(
    session: AsyncSession, execution_id: UUID, *, worker: str, running_cap: int
) -> Claim | None:
    """Take a queued execution; None if it is not queued any more, must wait, or its
    tenant has `running_cap` running already. `session` is a system session."""
    statement = (
        update(TaskExecution)
        .where(TaskExecution.id == execution_id, _may_start(running_cap))
        .values(
            status=Status.RUNNING,
            fence=TaskExecution.fence + 1,
            attempt=TaskExecution.attempt + 1,
            lease_owner=worker,
            lease_until=func.app_now() + LEASE,
            started_at=func.coalesce(TaskExecution.started_at, func.app_now()),
            deadline=func.app_now() + _seconds(TaskExecution.timeout_seconds),
        )
        .returning(
            TaskExecution.id,
            TaskExecution.organization_id,
            TaskExecution.task_id,
            TaskExecution.run_id,
            TaskExecution.aws_account_id,
            TaskExecution.kind,
            TaskExecution.fence,
            TaskExecution.attempt,
            TaskExecution.timeout_seconds,
        )
        .execution_options(synchronize_session=False)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    await session.execute(
        update(TaskRun)
        .where(
            TaskRun.organization_id == row.organization_id,
            TaskRun.id == row.run_id,
            TaskRun.status == Status.QUEUED,
        )
        .values(status=Status.RUNNING)
        .execution_options(synchronize_session=False)
    )
    return Claim(
        execution_id=row.id,
        organization_id=row.organization_id,
        task_id=row.task_id,
        run_id=row.run_id,
        aws_account_id=row.aws_account_id,
        kind=row.kind,
        fence=row.fence,
        attempt=row.attempt,
        timeout=timedelta(seconds=row.timeout_seconds),
    )


async def claim_next(
    session: AsyncSession,
    *,
    kinds: Sequence[ActionKind],
    worker: str,
    running_cap: int,
) -> Claim | None:
    """Take the execution that has waited longest in the highest priority: work is found
    even while no hint arrives."""
    id = await _next_queued(session, kinds, running_cap)
    if id is None:
        return None
    return await claim(session, id, worker=worker, running_cap=running_cap)


async def _next_queued(
    session: AsyncSession, kinds: Sequence[ActionKind], running_cap: int
) -> UUID | None:
    for priority in (Priority.HIGH, Priority.NORMAL, Priority.LOW):
        statement = (
            select(TaskExecution.id)
            .where(
                TaskExecution.kind.in_(kinds),
                TaskExecution.priority == priority,
                _may_start(running_cap),
            )
            .order_by(TaskExecution.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        found = await session.scalar(statement)
        if found is not None:
            return found
    return None


def _may_start(running_cap: int) -> ColumnElement[bool]:
    """Queued and due; the same task is not at work on the same account; its tenant
    has room."""
    other = aliased(TaskExecution)
    running_of_tenant = (
        select(func.count())
        .select_from(other)
        .where(
            other.organization_id == TaskExecution.organization_id,
            other.status == Status.RUNNING,
        )
        .scalar_subquery()
    )
    same = aliased(TaskExecution)
    at_work = select(same.id).where(
        same.organization_id == TaskExecution.organization_id,
        same.task_id == TaskExecution.task_id,
        same.aws_account_id == TaskExecution.aws_account_id,
        same.status == Status.RUNNING,
    )
    return and_(
        TaskExecution.status == Status.QUEUED,
        or_(
            TaskExecution.not_before.is_(None),
            TaskExecution.not_before <= func.app_now(),
        ),
        ~at_work.exists(),
        running_of_tenant < running_cap,
    )


async def extend(session: AsyncSession, held: Mapping[UUID, int]) -> set[UUID]:
    """Extend the leases of `held` (execution id → fence) in one statement; the ids that
    are still held. The others are lost."""
    statement = (
        update(TaskExecution)
        .where(
            tuple_(TaskExecution.id, TaskExecution.fence).in_(list(held.items())),
            TaskExecution.status == Status.RUNNING,
        )
        .values(lease_until=func.app_now() + LEASE)
        .returning(TaskExecution.id)
        .execution_options(synchronize_session=False)
    )
    return set(await session.scalars(statement))


async def cancels_asked(session: AsyncSession, held: Sequence[UUID]) -> set[UUID]:
    """Which of these executions somebody asked to cancel."""
    statement = select(TaskExecution.id).where(
        TaskExecution.id.in_(held), TaskExecution.cancel_requested_at.is_not(None)
    )
    return set(await session.scalars(statement))


async def hold(session: AsyncSession, claim: Claim) -> TaskExecution:
    """Lock the execution for a write of its worker; LeaseLost if another one has it,
    or if it is finished. To be called in every transaction that records, and after a
    scope is locked, if one is: so no two can wait for each other."""
    statement = (
        select(TaskExecution)
        .where(
            TaskExecution.organization_id == claim.organization_id,
            TaskExecution.id == claim.execution_id,
            TaskExecution.fence == claim.fence,
            TaskExecution.status == Status.RUNNING,
        )
        # Rows that refer to it may still be written by its other units.
        .with_for_update(key_share=True)
    )
    execution = await session.scalar(statement)
    if execution is None:
        raise LeaseLost(f"Execution {claim.execution_id} has another fence by now.")
    return execution


async def release(session: AsyncSession, claim: Claim) -> None:
    """Give an execution back unfinished, as if it had not been claimed: for a worker
    that is asked to stop."""
    await session.execute(
        update(TaskExecution)
        .where(
            TaskExecution.organization_id == claim.organization_id,
            TaskExecution.id == claim.execution_id,
            TaskExecution.fence == claim.fence,
            TaskExecution.status == Status.RUNNING,
        )
        .values(
            status=Status.QUEUED,
            reason="released",
            fence=TaskExecution.fence + 1,
            attempt=case(
                (TaskExecution.attempt > 0, TaskExecution.attempt - 1), else_=0
            ),
            lease_owner=None,
            lease_until=None,
            deadline=None,
        )
        .execution_options(synchronize_session=False)
    )


def _seconds(column: object) -> ColumnElement[timedelta]:
    return cast(func.make_interval(0, 0, 0, 0, 0, 0, column), Interval)
