"""What a tick writes: the runs of slots, their executions and the tasks' next slots,
each kind of row in one statement however many there are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.ids import new_id
from app.core.queue import Job, Priority, begin_trace, enqueue, execution_queue
from app.models.task import ActionKind, Overlap
from app.services import audit, usage

# About what one transaction records, so that memory is bounded however many accounts
# tasks have and however many slots lie within their grace. The others stay due.
MOST_ROWS = 20_000


class DueTask(NamedTuple):
    """A task whose slot has come, as the beat claims it; `schedule` and `selector` are
    JSON, `now` is the instant of the tick."""

    id: UUID
    organization_id: UUID
    kind: ActionKind
    schedule: str
    timezone: str
    next_run_at: datetime
    priority: Priority
    overlap: Overlap
    misfire_grace_seconds: int
    timeout_seconds: int
    selector: str | None
    task_version_id: UUID
    now: datetime


class Run(NamedTuple):
    """Queued, or skipped if it has a reason."""

    id: UUID
    organization_id: UUID
    task_id: UUID
    task_version_id: UUID
    scheduled_for: datetime
    scheduled_until: datetime | None
    slots: int
    reason: str | None


class Execution(NamedTuple):
    """Queued, or skipped if it has a reason."""

    id: UUID
    organization_id: UUID
    task_id: UUID
    run_id: UUID
    aws_account_id: UUID
    kind: ActionKind
    priority: Priority
    timeout_seconds: int
    not_before: datetime | None
    reason: str | None


class Advance(NamedTuple):
    organization_id: UUID
    task_id: UUID
    next_run_at: datetime | None


class GivenUp(NamedTuple):
    organization_id: UUID
    task_id: UUID
    reason: str


@dataclass(slots=True)
class Batch:
    """What one tick writes, each kind of row in one statement; and how many executions
    the plans of organizations `refused`."""

    now: datetime
    runs: list[Run] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    advances: list[Advance] = field(default_factory=list)
    given_up: list[GivenUp] = field(default_factory=list)
    refused: Counter[UUID] = field(default_factory=Counter)

    @property
    def is_full(self) -> bool:
        return len(self.runs) + len(self.executions) >= MOST_ROWS

    def record(
        self,
        task: DueTask,
        slot: datetime,
        *,
        skipped: str | None = None,
        gap: tuple[datetime | None, int] = (None, 1),
    ) -> UUID:
        """A run of the slot, queued or skipped for a reason; its id. `gap` is the last
        slot and the number of slots of a gap record."""
        run = Run(
            new_id(),
            task.organization_id,
            task.id,
            task.task_version_id,
            slot,
            *gap,
            skipped,
        )
        self.runs.append(run)
        return run.id

    def execute(
        self,
        task: DueTask,
        run_id: UUID,
        account_id: UUID,
        not_before: datetime | None = None,
        *,
        skipped: str | None = None,
    ) -> None:
        """An execution of the run on one account, queued or skipped for a reason."""
        self.executions.append(
            Execution(
                new_id(),
                task.organization_id,
                task.id,
                run_id,
                account_id,
                task.kind,
                task.priority,
                task.timeout_seconds,
                not_before,
                skipped,
            )
        )

    def give_up(self, task: DueTask, reason: str) -> None:
        """The task is disabled, and its slot recorded with the reason: it keeps no
        other waiting, and does not fall silent either."""
        self.record(task, task.next_run_at, skipped=reason)
        self.given_up.append(GivenUp(task.organization_id, task.id, reason))
        self.advance(task, None)

    def advance(self, task: DueTask, next_run_at: datetime | None) -> None:
        self.advances.append(Advance(task.organization_id, task.id, next_run_at))


_INSERT_RUNS = text("""
INSERT INTO task_runs (id, organization_id, task_id, task_version_id, trigger,
  scheduled_for, scheduled_until, slots, status, reason, finished_at)
SELECT made.id, made.organization_id, made.task_id, made.task_version_id, 'schedule',
  made.scheduled_for, made.scheduled_until, made.slots,
  CASE WHEN made.reason IS NULL THEN 'queued' ELSE 'skipped' END, made.reason,
  CASE WHEN made.reason IS NOT NULL THEN CAST(:now AS timestamptz) END
FROM unnest(
  CAST(:id AS uuid[]), CAST(:organization_id AS uuid[]), CAST(:task_id AS uuid[]),
  CAST(:task_version_id AS uuid[]), CAST(:scheduled_for AS timestamptz[]),
  CAST(:scheduled_until AS timestamptz[]), CAST(:slots AS int[]),
  CAST(:reason AS text[])
) AS made (id, organization_id, task_id, task_version_id, scheduled_for,
  scheduled_until, slots, reason)
ON CONFLICT (organization_id, task_id, scheduled_for) DO NOTHING RETURNING id
""")

_INSERT_EXECUTIONS = text("""
INSERT INTO task_executions (id, organization_id, task_id, run_id, aws_account_id, kind,
  priority, timeout_seconds, not_before, reason, hinted_at, status, finished_at, fence,
  attempt, retry_no)
SELECT made.*, CAST(:now AS timestamptz),
  CASE WHEN made.reason IS NULL THEN 'queued' ELSE 'skipped' END,
  CASE WHEN made.reason IS NOT NULL THEN CAST(:now AS timestamptz) END, 0, 0, 0
FROM unnest(
  CAST(:id AS uuid[]), CAST(:organization_id AS uuid[]), CAST(:task_id AS uuid[]),
  CAST(:run_id AS uuid[]), CAST(:aws_account_id AS uuid[]), CAST(:kind AS text[]),
  CAST(:priority AS text[]), CAST(:timeout_seconds AS int[]),
  CAST(:not_before AS timestamptz[]), CAST(:reason AS text[])
) AS made (id, organization_id, task_id, run_id, aws_account_id, kind, priority,
  timeout_seconds, not_before, reason)
""")

_ADVANCE = text("""
UPDATE tasks SET next_run_at = made.next_run_at
FROM unnest(
  CAST(:organization_id AS uuid[]), CAST(:task_id AS uuid[]),
  CAST(:next_run_at AS timestamptz[])
) AS made (organization_id, task_id, next_run_at)
WHERE tasks.organization_id = made.organization_id AND tasks.id = made.task_id
""")

_DISABLE = text("""
UPDATE tasks SET enabled = false, disabled_reason = :reason
WHERE organization_id = :organization_id AND id = :task_id
""")


async def write(session: AsyncSession, batch: Batch) -> None:
    """Record, advance, disable, count, and hint what may start at once."""
    recorded: set[UUID] = set()
    if batch.runs:
        values = _columns(batch.runs) | {"now": batch.now}
        recorded = set(await session.scalars(_INSERT_RUNS, values))
    # A slot that was recorded before keeps its first run and gets no second.
    executions = [e for e in batch.executions if e.run_id in recorded]
    if executions:
        values = _columns(executions) | {"now": batch.now}
        await session.execute(_INSERT_EXECUTIONS, values)
    if batch.advances:
        await session.execute(_ADVANCE, _columns(batch.advances))
    for task in batch.given_up:
        await _disable(session, task)
    queued = [execution for execution in executions if execution.reason is None]
    used = Counter(execution.organization_id for execution in queued)
    await usage.add_executions(session, used, batch.refused, now=batch.now)
    for execution in queued:
        begin_trace(session, Job.RUN_EXECUTION, execution.id)
        if execution.not_before is None:
            queue = execution_queue(execution.kind, execution.priority)
            enqueue(session, Job.RUN_EXECUTION, execution.id, queue=queue)
    _count(session, [run for run in batch.runs if run.id in recorded], len(queued))


def _count(session: AsyncSession, runs: Sequence[Run], executions: int) -> None:
    measures.count(session, measures.DISPATCHED, executions)
    for run in runs:
        if run.reason is None:
            continue
        slots, reason = run.slots, run.reason
        measures.count(session, measures.SLOTS_SKIPPED, slots, reason=reason)
        if run.scheduled_until is not None:
            measures.count(session, measures.GAPS, reason=reason)


def _columns(rows: Sequence[Run | Execution | Advance]) -> dict[str, Any]:
    """The rows as one array a column, as `unnest` takes them."""
    names: Iterable[str] = rows[0]._fields
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


async def _disable(session: AsyncSession, task: GivenUp) -> None:
    await session.execute(_DISABLE, task._asdict())
    await audit.record(
        session,
        organization_id=task.organization_id,
        actor="system",
        action="task.disabled",
        subject_type="task",
        subject_id=task.task_id,
        detail={"reason": task.reason},
    )
