"""Why did this not run? What happened to an execution in the order of time, and what it
waits for now, from what is recorded and nothing else."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.models.audit import AuditEvent
from app.models.organization import APIKey, Member
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.run import (
    ExecutionEvent,
    ExecutionUnit,
    Status,
    TaskExecution,
    TaskRun,
    Trigger,
    UnitStatus,
)
from app.models.user import User
from app.services.decisions.sentences import (
    Sentence,
    failure,
    instant,
    of_event,
    of_move,
)
from app.services.executions import must_find
from app.services.resolutions import RESOLVED

# More than these are not counted one by one.
MOST_COUNTED = 1_000
A_DAY = timedelta(days=1)
_ENDED = (UnitStatus.PENDING, UnitStatus.RUNNING)


class Explanation(NamedTuple):
    about: str
    id: UUID
    status: str
    sentences: Sequence[Sentence]


async def of_execution(
    session: AsyncSession, actor: Actor, execution_id: UUID, *, running_cap: int
) -> Explanation:
    """Raises NotFound. Who is limited to some accounts is told nothing that the others
    would have a part in."""
    execution = await must_find(session, actor, execution_id)
    run = await session.get_one(TaskRun, execution.run_id)
    past = [await beginning(session, run), *await _events(session, execution)]
    if execution.cancel_requested_at is not None:
        past.append(await _cancel(session, execution, execution.cancel_requested_at))
    past.sort(key=lambda one: one.at or execution.created_at)
    present = await _present(session, actor, execution, running_cap)
    told = [*past, *present]
    return Explanation("execution", execution.id, execution.status.value, told)


async def beginning(session: AsyncSession, run: TaskRun) -> Sentence:
    """How it came about that a run was recorded."""
    at = run.created_at
    if run.trigger is Trigger.SCHEDULE and run.scheduled_for is not None:
        slot = instant(run.scheduled_for)
        return Sentence(at, "slot", f"The slot of {slot} was recorded.")
    if run.trigger is Trigger.CHAINED:
        said = f"It follows others in the chain of run {run.root_run_id}."
        return Sentence(at, "chained", said)
    who = await _who_started(session, run)
    return Sentence(at, "manual", f"{who} started the task by hand.")


async def _who_started(session: AsyncSession, run: TaskRun) -> str:
    """A service key has no user; the log names it."""
    if run.started_by is None:
        of_run = select(AuditEvent.actor).where(
            AuditEvent.organization_id == run.organization_id,
            AuditEvent.subject_id == run.task_id,
            AuditEvent.action == "task.execute",
            AuditEvent.detail["run_id"].astext == str(run.id),
        )
        if actor := await session.scalar(of_run.limit(1)):
            return await _name(session, run.organization_id, actor)
    names = await names_of(session, run.organization_id, [run.started_by])
    return names.get(str(run.started_by), "A former member")


async def names_of(
    session: AsyncSession, organization_id: UUID, user_ids: Iterable[UUID | None]
) -> dict[str, str]:
    """The names of members, by their id as text."""
    wanted = {id for id in user_ids if id is not None}
    if not wanted:
        return {}
    members = await session.execute(
        select(User.id, User.name)
        .join(Member, Member.user_id == User.id)
        .where(Member.organization_id == organization_id, User.id.in_(wanted))
    )
    return {str(id): name for id, name in members}


async def who_did(
    session: AsyncSession, organization_id: UUID, subject_id: UUID, *actions: str
) -> tuple[str, datetime] | None:
    """Who did one of these to the subject, the last time, and when."""
    found = (
        await session.execute(
            select(AuditEvent.actor, AuditEvent.at)
            .where(
                AuditEvent.organization_id == organization_id,
                AuditEvent.subject_id == subject_id,
                AuditEvent.action.in_(actions),
            )
            .order_by(AuditEvent.at.desc())
            .limit(1)
        )
    ).one_or_none()
    if found is None:
        return None
    return await _name(session, organization_id, found.actor), found.at


async def _name(session: AsyncSession, organization_id: UUID, actor: str) -> str:
    kind, _, id = actor.partition(":")
    if kind == "key":
        return await _name_of_key(session, organization_id, UUID(id))
    if kind != "user":
        return "The system"
    names = await names_of(session, organization_id, [UUID(id)])
    return names.get(id, "A former member")


async def _name_of_key(
    session: AsyncSession, organization_id: UUID, key_id: UUID
) -> str:
    named = select(APIKey.name).where(
        APIKey.organization_id == organization_id, APIKey.id == key_id
    )
    return f"The API key {await session.scalar(named)}"


# ── what happened ────────────────────────────────────────────────────────────────


async def _events(session: AsyncSession, execution: TaskExecution) -> list[Sentence]:
    events = list(
        await session.scalars(
            select(ExecutionEvent)
            .where(
                ExecutionEvent.organization_id == execution.organization_id,
                ExecutionEvent.execution_id == execution.id,
            )
            .order_by(ExecutionEvent.at, ExecutionEvent.id)
        )
    )
    told = [await _told(session, event) for event in events]
    return [one for one in told if one is not None]


async def _told(session: AsyncSession, event: ExecutionEvent) -> Sentence | None:
    if event.kind == "status":
        reason = event.detail.get("reason")
        return of_move(event.at, event.from_status, event.to_status, reason)
    who = ""
    if event.kind == RESOLVED:
        who = await _name(session, event.organization_id, event.actor)
    return of_event(event.at, event.kind, event.detail, who)


async def _cancel(
    session: AsyncSession, execution: TaskExecution, at: datetime
) -> Sentence:
    found = await who_did(
        session, execution.organization_id, execution.id, "execution.cancel"
    )
    who = "Somebody" if found is None else found[0]
    return Sentence(at, "cancel_requested", f"{who} asked to cancel it.")


# ── what holds now ───────────────────────────────────────────────────────────────


async def _present(
    session: AsyncSession, actor: Actor, execution: TaskExecution, running_cap: int
) -> list[Sentence]:
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    if execution.status is Status.QUEUED:
        return await _waits_for(session, actor, execution, now, running_cap)
    if execution.status is Status.RUNNING:
        return [await _progress(session, execution, now)]
    return await _end(session, execution)


async def _waits_for(
    session: AsyncSession,
    actor: Actor,
    execution: TaskExecution,
    now: datetime,
    running_cap: int,
) -> list[Sentence]:
    if execution.not_before is not None and execution.not_before > now:
        why = "its retry" if execution.reason == "retry" else "the schedule's jitter"
        said = f"It waits until {instant(execution.not_before)} for {why}."
        return [Sentence(None, "not_before", said)]
    same = await _same_task(session, execution)
    if same is not None:
        return [same]
    if actor.label_scope is not None:
        return [Sentence(None, "turn", "It waits for its turn, and for a worker.")]
    return [
        *await _tenant(session, execution, running_cap),
        *await _worker(session, execution, now),
    ]


async def _same_task(
    session: AsyncSession, execution: TaskExecution
) -> Sentence | None:
    at_work = (
        await session.execute(
            select(TaskExecution.id, TaskExecution.started_at).where(
                TaskExecution.organization_id == execution.organization_id,
                TaskExecution.task_id == execution.task_id,
                TaskExecution.aws_account_id == execution.aws_account_id,
                TaskExecution.status == Status.RUNNING,
            )
        )
    ).one_or_none()
    if at_work is None:
        return None
    since = f" since {instant(at_work.started_at)}" if at_work.started_at else ""
    said = f"The same task is at work on this account{since}: execution {at_work.id}."
    return Sentence(None, "same_task", said)


async def _tenant(
    session: AsyncSession, execution: TaskExecution, running_cap: int
) -> list[Sentence]:
    running = await _count(session, execution, TaskExecution.status == Status.RUNNING)
    ahead = await _count(
        session,
        execution,
        TaskExecution.status == Status.QUEUED,
        TaskExecution.kind == execution.kind,
        TaskExecution.priority == execution.priority,
        _due(TaskExecution) < _due(execution),
    )
    told = []
    if running >= running_cap:
        said = (
            f"{running} executions of the organization run, of {running_cap} at a time:"
            " it waits until one of them ends."
        )
        told.append(Sentence(None, "running_cap", said))
    if ahead:
        number = f"More than {MOST_COUNTED}" if ahead > MOST_COUNTED else str(ahead)
        said = f"{number} executions of the same priority have waited for longer."
        told.append(Sentence(None, "ahead", said))
    return told


def _due(of: Any) -> Any:
    if isinstance(of, TaskExecution):
        return of.not_before or of.created_at
    return func.coalesce(of.not_before, of.created_at)


async def _count(
    session: AsyncSession, execution: TaskExecution, *conditions: ColumnElement[bool]
) -> int:
    some = (
        select(TaskExecution.id)
        .where(TaskExecution.organization_id == execution.organization_id, *conditions)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def _worker(
    session: AsyncSession, execution: TaskExecution, now: datetime
) -> list[Sentence]:
    begun = await session.scalar(
        select(ExecutionEvent.at)
        .where(
            ExecutionEvent.organization_id == execution.organization_id,
            ExecutionEvent.at > now - A_DAY,
            ExecutionEvent.to_status == Status.RUNNING,
        )
        .order_by(ExecutionEvent.at.desc())
        .limit(1)
    )
    last = (
        "no execution of the organization was begun within the last day"
        if begun is None
        else f"the last execution of the organization was begun at {instant(begun)}"
    )
    told = [Sentence(None, "worker", f"It may start, and waits for a worker: {last}.")]
    if execution.hinted_at is not None:
        at = instant(execution.hinted_at)
        said = f"Workers were last told that something waits at {at}."
        told.append(Sentence(None, "hinted", said))
    return told


async def _progress(
    session: AsyncSession, execution: TaskExecution, now: datetime
) -> Sentence:
    until = execution.lease_until
    if until is not None and until < now:
        said = (
            f"Nothing was heard of its worker since its lease ran out at"
            f" {instant(until)}; the next beat takes it away."
        )
        return Sentence(None, "lease_ran_out", said)
    statuses = await session.execute(
        select(
            func.count(), func.count().filter(ExecutionUnit.status.not_in(_ENDED))
        ).where(
            ExecutionUnit.organization_id == execution.organization_id,
            ExecutionUnit.execution_id == execution.id,
        )
    )
    total, ended = statuses.one()
    at_most = execution.deadline
    limit = f" It is stopped at {instant(at_most)}." if at_most else ""
    said = f"A worker is at work: {ended} of {total} units have ended.{limit}"
    return Sentence(None, "at_work", said)


async def _end(session: AsyncSession, execution: TaskExecution) -> list[Sentence]:
    told = []
    if execution.error is not None:
        said = f"Its error: it failed{failure(execution.error)}"
        advice = execution.error.get("advice")
        told.append(Sentence(None, "error", f"{said} {advice or ''}".strip()))
    if execution.status is Status.INTERRUPTED:
        told += await _unresolved(session, execution)
    settles = await session.scalar(
        select(OutboxMessage.created_at).where(
            OutboxMessage.organization_id == execution.organization_id,
            OutboxMessage.dedupe_key == f"settle:{execution.id}",
            OutboxMessage.status == OutboxStatus.PENDING,
        )
    )
    if settles is not None:
        said = f"Its units and result wait to be written down since {instant(settles)}."
        told.append(Sentence(None, "outbox", said))
    return told


async def _unresolved(
    session: AsyncSession, execution: TaskExecution
) -> list[Sentence]:
    resolved = await session.scalar(
        select(ExecutionEvent.id).where(
            ExecutionEvent.organization_id == execution.organization_id,
            ExecutionEvent.execution_id == execution.id,
            ExecutionEvent.kind == RESOLVED,
        )
    )
    if resolved is not None:
        return []
    said = "A person must find out what became of it, and say so: nothing repeats it."
    return [Sentence(None, "unresolved", said)]
