"""Leases on executions: claim, extend, release, reap. Time is the database's, and
whoever lost a lease has an old fence with which nothing can be written.

Statements that every execution needs are built once, here and in the other services
that a worker calls: to build one costs more than to run it (docs/decisions/0026).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Interval,
    Row,
    bindparam,
    cast,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.core import measures
from app.core.db import execute
from app.core.errors import LeaseLost
from app.core.version import VERSION
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import ActionKind

LEASE = timedelta(seconds=60)
# After so long in the queue an execution counts as one priority higher, and again.
AGEING = timedelta(minutes=10)


# The conditions under which an execution is still the claim's whose `held` is bound.
HELD = (
    TaskExecution.organization_id == bindparam("claim_organization_id"),
    TaskExecution.id == bindparam("claim_execution_id"),
    TaskExecution.fence == bindparam("claim_fence"),
    TaskExecution.status == Status.RUNNING,
)


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

    @property
    def held(self) -> dict[str, Any]:
        """What `HELD` asks for."""
        return {
            "claim_organization_id": self.organization_id,
            "claim_execution_id": self.execution_id,
            "claim_fence": self.fence,
        }


# Whose turn it is: the tenants that have something to start and room for it (found by
# skipping from one to the next in `ix_task_executions_waiting`, never by reading what
# waits), first those with least at work. Of each its most urgent lane, and from its
# head as many as fall to it if the tenants that wait share what is free.
_PICK = text("""
WITH RECURSIVE tenants (organization_id) AS (
  (SELECT organization_id FROM task_executions
   WHERE status = 'queued' AND kind = :kind AND NOT is_paused()
   ORDER BY organization_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT e.organization_id FROM task_executions e
    WHERE e.status = 'queued' AND e.kind = :kind
      AND e.organization_id > t.organization_id
    ORDER BY e.organization_id LIMIT 1)
  FROM tenants t WHERE t.organization_id IS NOT NULL
), at_work AS (
  SELECT organization_id, count(*) AS running FROM task_executions
  WHERE status = 'running' GROUP BY organization_id
), lanes AS (
  SELECT DISTINCT ON (t.organization_id)
    t.organization_id, p.priority, coalesce(w.running, 0) AS running, head.due_at,
    p.rank - floor(extract(epoch FROM app_now() - head.due_at) / :ageing) AS rank
  FROM tenants t
  LEFT JOIN at_work w USING (organization_id)
  CROSS JOIN (VALUES ('high', 0), ('normal', 1), ('low', 2)) AS p (priority, rank)
  CROSS JOIN LATERAL (
    SELECT coalesce(e.not_before, e.created_at) AS due_at FROM task_executions e
    WHERE e.status = 'queued' AND e.kind = :kind
      AND e.organization_id = t.organization_id AND e.priority = p.priority
      AND coalesce(e.not_before, e.created_at) <= app_now()
      AND NOT EXISTS (
        SELECT FROM task_executions same
        WHERE same.organization_id = e.organization_id AND same.status = 'running'
          AND same.task_id = e.task_id AND same.aws_account_id = e.aws_account_id)
    ORDER BY coalesce(e.not_before, e.created_at), e.id LIMIT 1) AS head
  WHERE coalesce(w.running, 0) < :cap
  ORDER BY t.organization_id, rank, head.due_at
), shares AS (
  SELECT *, least(:cap - running, greatest(1, :most / count(*) OVER ())) AS share
  FROM lanes ORDER BY running, rank, due_at LIMIT :most
)
SELECT DISTINCT ON (picked.task_id, picked.aws_account_id) picked.id
FROM shares s
CROSS JOIN LATERAL (
  SELECT e.id, e.task_id, e.aws_account_id,
    coalesce(e.not_before, e.created_at) AS due_at
  FROM task_executions e
  WHERE e.status = 'queued' AND e.kind = :kind
    AND e.organization_id = s.organization_id AND e.priority = s.priority
    AND coalesce(e.not_before, e.created_at) <= app_now()
    AND NOT EXISTS (
      SELECT FROM task_executions same
      WHERE same.organization_id = e.organization_id AND same.status = 'running'
        AND same.task_id = e.task_id AND same.aws_account_id = e.aws_account_id)
  ORDER BY coalesce(e.not_before, e.created_at), e.id
  LIMIT s.share FOR UPDATE OF e SKIP LOCKED) AS picked
ORDER BY picked.task_id, picked.aws_account_id, picked.due_at, picked.id
LIMIT :most
""").bindparams(ageing=AGEING.total_seconds())


def _seconds(column: object) -> ColumnElement[timedelta]:
    return cast(func.make_interval(0, 0, 0, 0, 0, 0, column), Interval)


_TAKE = (
    update(TaskExecution)
    .where(
        TaskExecution.id.in_(bindparam("picked", expanding=True)),
        TaskExecution.status == Status.QUEUED,
    )
    .values(
        status=Status.RUNNING,
        fence=TaskExecution.fence + 1,
        attempt=TaskExecution.attempt + 1,
        lease_owner=bindparam("worker"),
        lease_until=func.app_now() + LEASE,
        started_at=func.coalesce(TaskExecution.started_at, func.app_now()),
        deadline=func.app_now() + _seconds(TaskExecution.timeout_seconds),
        # By what it is run.
        catalog_version=bindparam("catalog"),
        application_version=VERSION,
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

# Locked in one order everywhere, so that no two claims wait for each other.
_QUEUED_RUNS = (
    select(TaskRun.id)
    .where(
        TaskRun.id.in_(bindparam("begun", expanding=True)),
        TaskRun.status == Status.QUEUED,
    )
    .order_by(TaskRun.id)
    .with_for_update()
    .cte("queued")
)
_BEGIN_RUNS = (
    update(TaskRun)
    .where(TaskRun.id.in_(select(_QUEUED_RUNS.c.id)))
    .values(status=Status.RUNNING)
    .execution_options(synchronize_session=False)
)

# Rows that refer to it may still be written by its other units.
_HOLD = select(TaskExecution).where(*HELD).with_for_update(key_share=True)


async def claim(
    session: AsyncSession,
    *,
    kind: ActionKind,
    worker: str,
    running_cap: int,
    most: int,
) -> list[Claim]:
    """Take up to `most` queued executions whose turn it is; fewer do not mean that none
    is left. `session` is a system session.

    A tenant has about `running_cap` running at most: two workers that claim in the same
    instant may exceed it by a few. A task is never at work twice on one account; two
    workers that are about to begin it at once are told apart by `task_is_at_work_once`,
    an IntegrityError for the second.
    """
    values = {"kind": kind.value, "cap": running_cap, "most": most}
    picked = list(await session.scalars(_PICK, values))
    if not picked:
        return []
    take = {"picked": picked, "worker": worker, "catalog": catalog().version}
    rows = (await execute(session, _TAKE, take)).all()
    measures.count(session, measures.CLAIMS, len(rows), kind=kind.value)
    await execute(session, _BEGIN_RUNS, {"begun": [row.run_id for row in rows]})
    return [_claim(row) for row in rows]


def _claim(row: Row[*tuple[Any, ...]]) -> Claim:
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
    execution = await session.scalar(_HOLD, claim.held)
    if execution is None:
        raise lease_lost(claim)
    return execution


def lease_lost(claim: Claim) -> LeaseLost:
    return LeaseLost(f"Execution {claim.execution_id} has another fence by now.")


async def release(session: AsyncSession, claim: Claim) -> None:
    """Give an execution back unfinished, as if it had not been claimed: for a worker
    that is asked to stop."""
    await session.execute(
        update(TaskExecution)
        .where(*HELD)
        .values(
            status=Status.QUEUED,
            reason="released",
            fence=TaskExecution.fence + 1,
            attempt=TaskExecution.attempt - 1,
            lease_owner=None,
            lease_until=None,
            deadline=None,
        )
        .execution_options(synchronize_session=False),
        claim.held,
    )
