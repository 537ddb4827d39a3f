"""Records runs that are started by hand or by what they run after: many at once, each
with its executions, or skipped with a reason. (Slots are recorded by `dispatch.py`.)"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.ids import new_id
from app.core.queue import Job, Priority, begin_trace, enqueue, execution_queue
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution, TaskRun, Trigger
from app.models.task import ActionKind, Overlap, Task, TaskTarget, TaskVersion
from app.services import usage
from app.services.decisions.labels import matches
from app.services.decisions.usage import PLAN_LIMIT


class Startable(NamedTuple):
    """What must be known of a task to start it; also what the system login may see."""

    organization_id: UUID
    id: UUID
    version_id: UUID
    enabled: bool
    kind: ActionKind
    priority: Priority
    overlap: Overlap
    timeout_seconds: int
    selector: dict[str, Any] | None


class Start(NamedTuple):
    """A run to be recorded: with an execution on each of `accounts`, and a skipped one
    on each of `paused`, or `skipped` for that reason, and then without them. Only a
    chained one names the root of its
    chain."""

    task: Startable
    trigger: Trigger
    accounts: Sequence[UUID] = ()
    skipped: str | None = None
    started_by: UUID | None = None
    root_run_id: UUID | None = None
    as_scheduled: bool = False
    paused: Sequence[UUID] = ()


# Whether a run works with the parameters that its task's schedule brings: that of a
# slot does, and one that runs a slot again.
AS_SCHEDULED = or_(TaskRun.trigger == Trigger.SCHEDULE, TaskRun.as_scheduled)


async def startable(
    session: AsyncSession,
    organization_id: UUID,
    task_ids: Collection[UUID],
    *,
    lock: bool = False,
) -> list[Startable]:
    """The tasks with their present versions, in the order of their ids; with `lock`
    kept from others until the transaction ends."""
    of_version = and_(
        TaskVersion.organization_id == Task.organization_id,
        TaskVersion.task_id == Task.id,
        TaskVersion.version == Task.version,
    )
    statement = (
        select(
            *(Task.organization_id, Task.id, TaskVersion.id, Task.enabled, Task.kind),
            *(Task.priority, Task.overlap, Task.timeout_seconds, Task.selector),
        )
        .join(TaskVersion, of_version)
        .where(Task.organization_id == organization_id, Task.id.in_(task_ids))
        .order_by(Task.id)
    )
    if lock:
        statement = statement.with_for_update(of=Task)
    return [Startable(*row) for row in await session.execute(statement)]


async def in_the_way(session: AsyncSession, tasks: Collection[Startable]) -> set[UUID]:
    """Those of the tasks that an unfinished run keeps from being started. Their rows
    are held, so that no run begins meanwhile."""
    skipping = [task for task in tasks if task.overlap is Overlap.SKIP]
    if not skipping:
        return set()
    unfinished = select(TaskRun.task_id).where(
        TaskRun.organization_id == skipping[0].organization_id,
        TaskRun.task_id.in_([task.id for task in skipping]),
        TaskRun.status.in_((Status.QUEUED, Status.RUNNING)),
    )
    return set(await session.scalars(unfinished.distinct()))


async def targets(
    session: AsyncSession, tasks: Collection[Startable]
) -> Mapping[UUID, list[UUID]]:
    """The accounts that each looks at now, by the task's id."""
    return await _accounts(session, tasks, AWSAccount.paused_at.is_(None))


async def paused_targets(
    session: AsyncSession, tasks: Collection[Startable]
) -> Mapping[UUID, list[UUID]]:
    """Those that each would look at, if the plan did not pause them."""
    return await _accounts(session, tasks, AWSAccount.paused_at.is_not(None))


async def _accounts(
    session: AsyncSession, tasks: Collection[Startable], which: ColumnElement[bool]
) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {task.id: [] for task in tasks}
    if not tasks:
        return found
    organization_id = next(iter(tasks)).organization_id
    of_target = and_(
        AWSAccount.organization_id == TaskTarget.organization_id,
        AWSAccount.id == TaskTarget.aws_account_id,
    )
    named = (
        select(TaskTarget.task_id, TaskTarget.aws_account_id)
        .join(AWSAccount, of_target)
        .where(
            TaskTarget.organization_id == organization_id,
            TaskTarget.task_id.in_([t.id for t in tasks if t.selector is None]),
            which,
        )
    )
    for task_id, account_id in await session.execute(named):
        found[task_id].append(account_id)
    selectors = {task.id: task.selector for task in tasks if task.selector is not None}
    if selectors:
        connected = select(AWSAccount.id, AWSAccount.labels).where(
            AWSAccount.organization_id == organization_id, AWSAccount.connected, which
        )
        for account_id, labels in await session.execute(connected):
            for task_id, selector in selectors.items():
                if matches(selector, labels):
                    found[task_id].append(account_id)
    return found


async def record(session: AsyncSession, starts: Sequence[Start]) -> list[UUID]:
    """Write the runs and their executions, count them, and ask for these to be run; the
    ids of the runs, in their order, but for those of a chain in which their task had
    one. The caller holds all the tasks that it starts: see `usage.py`."""
    now = (await session.execute(select(func.app_now()))).scalar_one()
    rows = [_row(start, now) for start in starts]
    statement = (
        postgresql.insert(TaskRun).on_conflict_do_nothing().returning(TaskRun.id)
    )
    recorded = set(await session.scalars(statement, rows))
    executions: dict[UUID, list[dict[str, Any]]] = {}
    refused: Counter[UUID] = Counter()
    for start, row in zip(starts, rows, strict=True):
        if row["id"] in recorded:
            executions[row["id"]] = _executions(start, row["id"], now)
            if start.skipped is not None:
                reason = start.skipped
                measures.count(session, measures.SLOTS_SKIPPED, reason=reason)
            if start.skipped == PLAN_LIMIT:
                refused[start.task.organization_id] += len(start.accounts)
    written = [one for of_run in executions.values() for one in of_run]
    if written:
        # Asked for an id back, many rows are one statement, with one live event.
        statement = insert(TaskExecution).returning(TaskExecution.id)
        await session.execute(statement, written)
    queued = [one for one in written if one["status"] == Status.QUEUED]
    used = Counter(one["organization_id"] for one in queued)
    await usage.add_executions(session, used, refused, now=now)
    for one in queued:
        queue = execution_queue(one["kind"], one["priority"])
        begin_trace(session, Job.RUN_EXECUTION, one["id"])
        enqueue(session, Job.RUN_EXECUTION, one["id"], queue=queue)
    return list(executions)


def _row(start: Start, now: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "organization_id": start.task.organization_id,
        "task_id": start.task.id,
        "task_version_id": start.task.version_id,
        "root_run_id": start.root_run_id,
        "trigger": start.trigger,
        "as_scheduled": start.as_scheduled,
        "slots": 1,
        "status": Status.SKIPPED if start.skipped else Status.QUEUED,
        "reason": start.skipped,
        "started_by": start.started_by,
        "finished_at": now if start.skipped else None,
    }


def _executions(start: Start, run_id: UUID, now: Any) -> list[dict[str, Any]]:
    task = start.task
    if start.skipped is not None:
        return []
    return [
        {
            "id": new_id(),
            "organization_id": task.organization_id,
            "task_id": task.id,
            "run_id": run_id,
            "aws_account_id": account_id,
            "kind": task.kind,
            "priority": task.priority,
            "status": Status.SKIPPED if skipped else Status.QUEUED,
            "reason": skipped,
            "finished_at": now if skipped else None,
            "timeout_seconds": task.timeout_seconds,
            "hinted_at": now,
        }
        for accounts, skipped in ((start.accounts, None), (start.paused, PLAN_LIMIT))
        for account_id in accounts
    ]
