"""One tick of the rota: turns tasks that are due into recorded runs, each slot
exactly once, or into one gap record."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.core.queue import Job, enqueue, execution_queue
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution, TaskRun, Trigger
from app.models.task import Overlap, Task, TaskTarget, TaskVersion
from app.services.decisions.labels import matches
from app.services.decisions.misfire import decide_due
from app.services.decisions.schedule_input import parse_schedule
from app.services.decisions.schedules import Schedule, not_before

Key = tuple[UUID, UUID]  # organization, task
DueTask = Row[*tuple[Any, ...]]
UNFINISHED = (Status.QUEUED, Status.RUNNING)


@dataclass(slots=True)
class _Batch:
    """The rows that one tick writes."""

    now: datetime
    runs: list[dict[str, Any]] = field(default_factory=list)
    executions: list[dict[str, Any]] = field(default_factory=list)
    advances: list[dict[str, Any]] = field(default_factory=list)


async def dispatch_due(session: AsyncSession, *, limit: int) -> int:
    """Record up to `limit` due tasks, advance them from their slot, and hint their
    executions. The number of tasks; fewer than `limit` means that none is left.

    `session` is a system session: any number of beats may tick at once, since a task
    that another one holds is skipped and each slot is unique.
    """
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    due = await _claim_due(session, now, limit)
    if not due:
        return 0
    batch = _Batch(now)
    busy = await _tasks_with_unfinished_runs(session, due)
    targets = await _targets(session, due)
    for task in due:
        key = (task.organization_id, task.id)
        _plan(batch, task, targets[key], busy=key in busy)
    await _write(session, batch)
    return len(due)


async def _claim_due(
    session: AsyncSession, now: datetime, limit: int
) -> Sequence[DueTask]:
    columns = (
        Task.id,
        Task.organization_id,
        Task.kind,
        Task.schedule,
        Task.timezone,
        Task.next_run_at,
        Task.priority,
        Task.overlap,
        Task.misfire_grace_seconds,
        Task.timeout_seconds,
        Task.selector,
        TaskVersion.id.label("task_version_id"),
    )
    of_version = and_(
        TaskVersion.organization_id == Task.organization_id,
        TaskVersion.task_id == Task.id,
        TaskVersion.version == Task.version,
    )
    statement = (
        select(*columns)
        .join(TaskVersion, of_version)
        .where(Task.enabled, Task.next_run_at <= now)
        .order_by(Task.next_run_at)
        .limit(limit)
        .with_for_update(of=Task, skip_locked=True)
    )
    return (await session.execute(statement)).all()


async def _tasks_with_unfinished_runs(
    session: AsyncSession, due: Iterable[DueTask]
) -> set[Key]:
    keys = [(task.organization_id, task.id) for task in due]
    statement = (
        select(TaskRun.organization_id, TaskRun.task_id)
        .where(
            tuple_(TaskRun.organization_id, TaskRun.task_id).in_(keys),
            TaskRun.status.in_(UNFINISHED),
        )
        .distinct()
    )
    return {(row[0], row[1]) for row in await session.execute(statement)}


async def _targets(
    session: AsyncSession, due: Sequence[DueTask]
) -> dict[Key, list[UUID]]:
    """The accounts of each task: those it names, or those its selector finds now."""
    targets: dict[Key, list[UUID]] = defaultdict(list)
    named = [(t.organization_id, t.id) for t in due if t.selector is None]
    if named:
        statement = select(
            TaskTarget.organization_id, TaskTarget.task_id, TaskTarget.aws_account_id
        ).where(tuple_(TaskTarget.organization_id, TaskTarget.task_id).in_(named))
        for organization_id, task_id, account_id in await session.execute(statement):
            targets[organization_id, task_id].append(account_id)
    selecting = [task for task in due if task.selector is not None]
    accounts = await _connected_accounts(
        session, {t.organization_id for t in selecting}
    )
    for task in selecting:
        targets[task.organization_id, task.id] = [
            account_id
            for account_id, labels in accounts[task.organization_id]
            if matches(task.selector, labels)
        ]
    return targets


async def _connected_accounts(
    session: AsyncSession, organizations: set[UUID]
) -> dict[UUID, list[tuple[UUID, dict[str, str]]]]:
    accounts: dict[UUID, list[tuple[UUID, dict[str, str]]]] = defaultdict(list)
    if organizations:
        statement = select(
            AWSAccount.organization_id, AWSAccount.id, AWSAccount.labels
        ).where(AWSAccount.organization_id.in_(organizations), AWSAccount.connected)
        for organization_id, account_id, labels in await session.execute(statement):
            accounts[organization_id].append((account_id, labels))
    return accounts


def _plan(batch: _Batch, task: DueTask, targets: list[UUID], *, busy: bool) -> None:
    schedule = parse_schedule(task.schedule, default_timezone=task.timezone)
    due = decide_due(
        schedule,
        slot=task.next_run_at,
        now=batch.now,
        grace=timedelta(seconds=task.misfire_grace_seconds),
    )
    if due.gap is not None:
        gap = _run(batch, task, due.gap.scheduled_for, skipped=due.gap.reason)
        gap |= {"scheduled_until": due.gap.scheduled_until, "slots": due.gap.slots}
    for slot in due.runs:
        _plan_slot(batch, task, schedule, slot, targets, busy=busy)
        busy = busy or bool(targets)
    batch.advances.append(
        {"task": task.id, "of": task.organization_id, "next": due.next_slot}
    )


def _plan_slot(
    batch: _Batch,
    task: DueTask,
    schedule: Schedule,
    slot: datetime,
    targets: list[UUID],
    *,
    busy: bool,
) -> None:
    if not targets:
        _run(batch, task, slot, skipped="no_targets")
        return
    if busy and task.overlap == Overlap.SKIP:
        _run(batch, task, slot, skipped="overlap")
        return
    run = _run(batch, task, slot)
    start = not_before(schedule, slot, task.id)
    delayed = start if start > batch.now else None
    for account_id in targets:
        batch.executions.append(
            {
                "id": new_id(),
                "organization_id": task.organization_id,
                "task_id": task.id,
                "run_id": run["id"],
                "aws_account_id": account_id,
                "kind": task.kind,
                "priority": task.priority,
                "status": Status.QUEUED,
                "timeout_seconds": task.timeout_seconds,
                "not_before": delayed,
                "hinted_at": batch.now,
            }
        )


def _run(
    batch: _Batch, task: DueTask, slot: datetime, *, skipped: str | None = None
) -> dict[str, Any]:
    run: dict[str, Any] = {
        "id": new_id(),
        "organization_id": task.organization_id,
        "task_id": task.id,
        "task_version_id": task.task_version_id,
        "trigger": Trigger.SCHEDULE,
        "scheduled_for": slot,
        "scheduled_until": None,
        "slots": 1,
        "status": Status.SKIPPED if skipped else Status.QUEUED,
        "reason": skipped,
        "finished_at": batch.now if skipped else None,
    }
    batch.runs.append(run)
    return run


async def _write(session: AsyncSession, batch: _Batch) -> None:
    recorded = set()
    if batch.runs:
        statement = insert(TaskRun).on_conflict_do_nothing().returning(TaskRun.id)
        recorded = set(await session.scalars(statement, batch.runs))
    # A slot that was recorded before keeps its first run and gets no second.
    executions = [e for e in batch.executions if e["run_id"] in recorded]
    if executions:
        await session.execute(insert(TaskExecution), executions)
    advance = (
        update(Task.__table__)  # type: ignore[arg-type]  # a Table, by construction
        .where(
            Task.__table__.c.id == bindparam("task"),
            Task.__table__.c.organization_id == bindparam("of"),
        )
        .values(next_run_at=bindparam("next"))
    )
    await (await session.connection()).execute(advance, batch.advances)
    for execution in executions:
        if execution["not_before"] is None:
            queue = execution_queue(execution["kind"], execution["priority"])
            enqueue(session, Job.RUN_EXECUTION, execution["id"], queue=queue)
