"""Why did this not run? Of a run, which may stand for many slots, and of a task."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.models.aws_account import AWSAccount
from app.models.purge import Purge, PurgeKind
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import Overlap, Task, TaskDependency
from app.services import runs
from app.services.decisions.sentences import (
    DISABLED,
    Sentence,
    because,
    gap,
    instant,
)
from app.services.explanations import Explanation, beginning, who_did
from app.services.scoping import on_visible_account, visible_tasks

# Of a run on many accounts.
MOST_TOLD = 100
# What the log calls the act behind each reason; a task may be made disabled.
_DISABLING = {
    "by_user": ("task.disable", "task.create"),
    "deleted": ("task.delete",),
}
_UNFINISHED = (Status.QUEUED, Status.RUNNING)
# By the database's instants: ids tell the time of the process that made them.
_NEWEST_FIRST = (TaskRun.created_at.desc(), TaskRun.id.desc())


async def of_run(session: AsyncSession, actor: Actor, run_id: UUID) -> Explanation:
    """Raises NotFound."""
    run = await runs.get(session, actor, run_id)
    told = await _story(session, actor, run)
    return Explanation("run", run.id, run.status.value, told)


async def _story(session: AsyncSession, actor: Actor, run: TaskRun) -> list[Sentence]:
    if run.scheduled_for is not None and run.scheduled_until is not None:
        return [gap(run.scheduled_for, run.scheduled_until, run.slots, run.reason)]
    told = [await beginning(session, run)]
    if run.status is Status.SKIPPED:
        said = f"It was not run{because(run.reason)}"
        told.append(Sentence(run.finished_at, run.reason or "skipped", said))
        if run.reason == "overlap":
            told += await _in_the_way(session, run)
        return told
    told += await _executions(session, actor, run)
    if run.finished_at is not None:
        said = f"It ended as {run.status}{because(run.reason)}"
        told.append(Sentence(run.finished_at, run.status.value, said))
    return told


async def _in_the_way(session: AsyncSession, run: TaskRun) -> list[Sentence]:
    earlier = await session.scalar(
        select(TaskRun)
        .where(
            TaskRun.organization_id == run.organization_id,
            TaskRun.task_id == run.task_id,
            tuple_(TaskRun.created_at, TaskRun.id) < (run.created_at, run.id),
            TaskRun.status != Status.SKIPPED,
        )
        .order_by(*_NEWEST_FIRST)
        .limit(1)
    )
    if earlier is None:
        return []
    end = earlier.finished_at
    until = f"ended at {instant(end)}" if end else "has not ended yet"
    said = (
        f"Run {earlier.id} was recorded at {instant(earlier.created_at)} and {until}."
    )
    return [Sentence(earlier.created_at, "in_the_way", said)]


async def _executions(
    session: AsyncSession, actor: Actor, run: TaskRun
) -> list[Sentence]:
    """On the accounts that the actor sees."""
    row = TaskExecution
    found = await session.execute(
        select(row.id, row.status, row.reason, row.finished_at, AWSAccount.name)
        .join(
            AWSAccount,
            (AWSAccount.organization_id == row.organization_id)
            & (AWSAccount.id == row.aws_account_id),
        )
        .where(
            on_visible_account(actor, row.organization_id, row.aws_account_id),
            row.run_id == run.id,
        )
        .order_by(row.id)
        .limit(MOST_TOLD + 1)
    )
    listed = found.all()
    told = [
        Sentence(
            one.finished_at,
            "execution",
            f"Execution {one.id} on {one.name} is {one.status}{because(one.reason)}",
        )
        for one in listed[:MOST_TOLD]
    ]
    if len(listed) > MOST_TOLD:
        said = f"It has more than these {MOST_TOLD} executions."
        told.append(Sentence(None, "more_executions", said))
    return told


async def of_task(session: AsyncSession, actor: Actor, task_id: UUID) -> Explanation:
    """Also of a deleted one. Raises NotFound."""
    task: Task | None = await session.scalar(
        select(Task).where(visible_tasks(actor), Task.id == task_id)
    )
    if task is None:
        raise NotFound
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    told = [
        *await _history(session, task),
        *await _last_runs(session, actor, task),
        *await _timing(session, task, now),
    ]
    status = "enabled" if task.enabled else "disabled"
    if task.deleted_at is not None:
        status = "deleted"
    return Explanation("task", task.id, status, told)


async def _history(session: AsyncSession, task: Task) -> list[Sentence]:
    until = await session.scalar(
        select(Purge.until).where(
            Purge.organization_id == task.organization_id, Purge.kind == PurgeKind.RUNS
        )
    )
    if until is None:
        return []
    said = f"Of what ended before {instant(until)} nothing is kept."
    return [Sentence(until, "purged", said)]


async def _last_runs(session: AsyncSession, actor: Actor, task: Task) -> list[Sentence]:
    """The last run that was begun, and the last record at all."""
    of_task = (
        TaskRun.organization_id == task.organization_id,
        TaskRun.task_id == task.id,
    )
    newest = select(TaskRun).where(*of_task).order_by(*_NEWEST_FIRST).limit(1)
    last = await session.scalar(newest)
    begun = await session.scalar(newest.where(TaskRun.status != Status.SKIPPED))
    found = {run.id: run for run in (begun, last) if run is not None}
    told = []
    for run in found.values():
        told.append(Sentence(run.created_at, "run", f"Of run {run.id}:"))
        told += await _story(session, actor, run)
    if not found:
        told.append(Sentence(None, "no_runs", "No run of it is on record."))
    return told


async def _timing(session: AsyncSession, task: Task, now: datetime) -> list[Sentence]:
    if not task.enabled:
        return [await _disabled(session, task)]
    told = []
    follows = await session.scalar(
        select(func.count())
        .select_from(TaskDependency)
        .where(
            TaskDependency.organization_id == task.organization_id,
            TaskDependency.task_id == task.id,
        )
    )
    if follows:
        said = f"It runs after {follows} other tasks, as these end."
        told.append(Sentence(None, "follows", said))
    told.append(_next_slot(task, now))
    if task.overlap is Overlap.SKIP and await _unfinished(session, task):
        said = "A run of it has not ended: slots until then are skipped."
        told.append(Sentence(None, "overlap", said))
    return told


def _next_slot(task: Task, now: datetime) -> Sentence:
    slot = task.next_run_at
    if slot is None:
        if task.schedule.get("kind") == "on_demand":
            said = "It has no schedule: it runs when somebody starts it."
            return Sentence(None, "on_demand", said)
        return Sentence(None, "no_slot", "No slot is left in its schedule.")
    if slot > now:
        return Sentence(None, "not_due", f"It is next due at {instant(slot)}.")
    said = (
        f"The slot of {instant(slot)} is due and not recorded yet: no beat runs, or it"
        " is behind."
    )
    return Sentence(None, "overdue", said)


async def _unfinished(session: AsyncSession, task: Task) -> bool:
    found = await session.scalar(
        select(TaskRun.id)
        .where(
            TaskRun.organization_id == task.organization_id,
            TaskRun.task_id == task.id,
            TaskRun.status.in_(_UNFINISHED),
        )
        .limit(1)
    )
    return found is not None


async def _disabled(session: AsyncSession, task: Task) -> Sentence:
    reason = task.disabled_reason
    said = DISABLED.get(reason or "", f"It is disabled ({reason})")
    acts = _DISABLING.get(reason or "", ("task.disabled",))
    found = await who_did(session, task.organization_id, task.id, *acts)
    if found is None:
        return Sentence(None, "disabled", f"{said}.")
    who, at = found
    return Sentence(None, "disabled", f"{said}: {who}, at {instant(at)}.")
