"""A restored database: it is paused, and before work goes on what had been due or at
work is brought to an end, for nobody knows what became of it. Under the owner's login
but for `notice`; each step a batch in its own transaction, so that to be interrupted
does no harm: the pause holds, and the next try goes on."""

from collections import Counter
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Row, func, select, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import Conflict
from app.core.ids import new_id
from app.models.erasure import Erasure
from app.models.restore import Restore
from app.models.run import Status, TaskExecution
from app.models.task import ActionKind, Task
from app.services import audit, due_slots, live_events, numbering, outbox, schedules
from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.schedules import next_slot
from app.services.outbox import OutboxKind
from app.services.runs import settle

log = structlog.get_logger(__name__)

RESTORED = "restored"
BATCH = 500
MOST_NAMED = 5
ACTION = "operator.resume_after_restore"


class NotPaused(Conflict):
    code = "not-paused"
    title = "Nothing is paused: no restore is open"


class CommitsAreMissing(Conflict):
    code = "commits-are-missing"
    title = "The database has forgotten erasures"


class Found(NamedTuple):
    """What was due or at work, and where its batch ended."""

    counts: Counter[UUID]
    last: UUID | None


async def notice(session: AsyncSession, *, by: str, sign: str) -> bool:
    """Pause everything from the end of this transaction; whether it was not already."""
    noticed = insert(Restore).values(id=new_id(), noticed_by=by, sign=sign)
    done: Any = await session.execute(noticed.on_conflict_do_nothing())
    if done.rowcount:
        log.critical("restore.noticed", by=by, sign=sign)
    return bool(done.rowcount)


async def present(session: AsyncSession) -> Restore | None:
    """The restore that is open, if one is."""
    return await session.scalar(select(Restore).where(Restore.resumed_at.is_(None)))


async def forgotten(database: Database, erased: list[UUID]) -> list[UUID]:
    """Of these, which were erased, those whose erasure the database does not know."""
    known = select(Erasure.id).where(
        Erasure.id.in_(erased), Erasure.finished_at.is_not(None)
    )
    async with _as_owner(database, ACTION) as session:
        kept = set(await session.scalars(known))
    return [id for id in erased if id not in kept]


async def must_know(database: Database, erased: list[UUID]) -> None:
    """Raise CommitsAreMissing if the database knows nothing of an erasure of these."""
    begun = select(Erasure.id).where(Erasure.id.in_(erased))
    async with _as_owner(database, ACTION) as session:
        unknown = sorted({*erased}.difference(await session.scalars(begun)))
    if unknown:
        named = ", ".join(map(str, unknown[:MOST_NAMED]))
        more = " and more" if len(unknown) > MOST_NAMED else ""
        raise CommitsAreMissing(
            f"It knows nothing of the erasure of {named}{more}: commits were lost."
        )


async def resume(
    database: Database, *, operator: str, nothing_lost: bool = False
) -> dict[str, Any]:
    """End what was at work, record what was missed, then lift the pause; the counts.
    With `nothing_lost` it is only lifted: no commit is missing, the database moved. In
    both cases no number is handed out twice. Raises NotPaused."""
    async with _as_owner(database, operator) as session:
        restore = await present(session)
        if restore is None:
            raise NotPaused("Nothing was done.")
        now = await schedules.app_now(session)
    executions: Counter[UUID] = Counter()
    slots: Counter[UUID] = Counter()
    concerned: set[UUID] = set()
    if nothing_lost:
        concerned = await _stood_still(database, operator)
    else:
        executions = await _end_all(database, operator, restore.noticed_at)
        slots = await _miss_all(database, operator, now)
        concerned = {*executions, *slots}
    counts: dict[str, Any] = {
        "executions": executions.total(),
        "slots_of_tasks": slots.total(),
    }
    async with _as_owner(database, operator) as session:
        counts["numbers_behind"] = await numbering.go_on(session)
        await live_events.forget_another_server(session)
        for organization_id in sorted(concerned):
            await audit.record(
                session,
                organization_id=organization_id,
                actor=operator,
                action=ACTION,
                subject_type="organization",
                subject_id=organization_id,
                detail={
                    "executions": str(executions[organization_id]),
                    "slots_of_tasks": str(slots[organization_id]),
                    "nothing_lost": nothing_lost,
                },
            )
        lifted = update(Restore).where(Restore.id == restore.id)
        await session.execute(
            lifted.values(
                resumed_at=func.app_now(),
                resumed_by=operator,
                counts=counts | {"nothing_lost": nothing_lost},
            )
        )
    return counts


async def _stood_still(database: Database, operator: str) -> set[UUID]:
    """The organizations whose work waited for the pause to end."""
    planned = select(Task.organization_id).where(Task.enabled)
    begun = select(TaskExecution.organization_id).where(
        TaskExecution.finished_at.is_(None)
    )
    async with _as_owner(database, operator) as session:
        return {*await session.scalars(union(planned, begun))}


# ── executions ───────────────────────────────────────────────────────────────────


async def _end_all(
    database: Database, operator: str, noticed_at: datetime
) -> Counter[UUID]:
    ended: Counter[UUID] = Counter()
    while True:
        async with _as_owner(database, operator) as session:
            some = await _end_some(session, noticed_at)
        if not some:
            return ended
        ended += some


async def _end_some(session: AsyncSession, noticed_at: datetime) -> Counter[UUID]:
    """What was asked for before the restore was noticed. None is run again: a read may
    have been done, and a change must never be done twice."""
    left = (
        select(TaskExecution)
        .where(
            TaskExecution.finished_at.is_(None), TaskExecution.created_at <= noticed_at
        )
        .order_by(TaskExecution.run_id, TaskExecution.id)
        .limit(BATCH)
        .with_for_update(of=TaskExecution)
    )
    columns = (
        TaskExecution.id,
        TaskExecution.organization_id,
        TaskExecution.run_id,
        TaskExecution.kind,
        TaskExecution.status,
        TaskExecution.attempt,
    )
    found = (await session.execute(left.with_only_columns(*columns))).all()
    for execution in found:
        await _end(session, execution)
    return Counter(one.organization_id for one in found)


async def _end(session: AsyncSession, execution: Row[*tuple[Any, ...]]) -> None:
    changing = execution.kind is ActionKind.MUTATE
    is_running = execution.status is Status.RUNNING
    status = Status.INTERRUPTED if changing and is_running else Status.SKIPPED
    await session.execute(
        update(TaskExecution)
        .where(TaskExecution.id == execution.id)
        .values(
            status=status,
            reason=RESTORED,
            fence=TaskExecution.fence + 1,
            lease_owner=None,
            lease_until=None,
            finished_at=func.app_now(),
        )
        .execution_options(synchronize_session=False)
    )
    if is_running or execution.attempt:
        # Its units and its result are recorded as those of any that lost its worker.
        await outbox.post(
            session,
            organization_id=execution.organization_id,
            kind=OutboxKind.EXECUTION_SETTLE,
            subject_id=execution.id,
            dedupe_key=f"settle:{execution.id}",
        )
    await settle(session, execution.organization_id, execution.run_id)


# ── slots ────────────────────────────────────────────────────────────────────────


async def _miss_all(database: Database, operator: str, now: datetime) -> Counter[UUID]:
    missed: Counter[UUID] = Counter()
    last: UUID | None = UUID(int=0)
    while last is not None:
        async with _as_owner(database, operator) as session:
            some, last = await _miss_some(session, now, after=last)
        missed += some
    return missed


async def _miss_some(session: AsyncSession, now: datetime, *, after: UUID) -> Found:
    """Each task's slots up to now as one gap record, and its next slot after it. A
    schedule that cannot be read is left to the beat, which gives its task up."""
    due = (
        select(Task)
        .where(Task.enabled, Task.next_run_at <= now, Task.id > after)
        .order_by(Task.id)
        .limit(BATCH)
        .with_for_update()
    )
    tasks = (await session.scalars(due)).all()
    missed: Counter[UUID] = Counter()
    for task in tasks:
        try:
            await due_slots.close(session, task, now=now, reason=RESTORED)
            task.next_run_at = next_slot(schedules.stored(task.schedule), now)
        except ImpossibleSchedule:
            log.exception("restore.unreadable", task_id=str(task.id))
            continue
        missed[task.organization_id] += 1
    await session.flush()
    return Found(missed, tasks[-1].id if tasks else None)


def _as_owner(
    database: Database, actor: str
) -> AbstractAsyncContextManager[AsyncSession]:
    return database.unit_of_work(Login.OWNER, actor=actor)
