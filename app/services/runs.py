"""Runs: started by hand, summed up when their executions end."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Boolean, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.actor import Actor
from app.core.db import execute
from app.core.errors import Conflict, IllegalTransition, NotFound
from app.models.run import Status, TaskExecution, TaskRun, Trigger
from app.models.task import Task
from app.services import (
    audit,
    idempotency,
    outbox,
    plan_limits,
    run_records,
    task_dependencies,
    tasks,
    usage,
)
from app.services.decisions.status import has_ended, run_status
from app.services.outbox import OutboxKind
from app.services.paging import Page, Slice, paginate
from app.services.run_records import Start, Startable
from app.services.scoping import on_visible_account, visible_tasks


class AlreadyRunning(Conflict):
    code = "already-running"
    title = "This task is already at work"


class NoTargets(Conflict):
    code = "no-targets"
    title = "This task has no account to look at"


async def start(
    session: AsyncSession, actor: Actor, task_id: UUID, *, idempotency_key: str | None
) -> tuple[UUID, list[UUID]]:
    """Record a run with one execution per target account and ask for each to be run;
    the ids of the run and of its executions."""

    async def act() -> idempotency.Response:
        run_id = await _record(session, actor, task_id)
        executions = await _executions_of(session, actor, run_id)
        return {"run_id": str(run_id), "executions": [str(e) for e in executions]}

    answer = await idempotency.once(
        session,
        actor,
        act,
        route="tasks.execute",
        key=idempotency_key,
        request={"task_id": str(task_id)},
    )
    return UUID(answer["run_id"]), [UUID(id) for id in answer["executions"]]


async def _record(session: AsyncSession, actor: Actor, task_id: UUID) -> UUID:
    # Two starts at the same moment queue up at the lock: the second sees the first.
    await tasks.get(session, actor, task_id, lock=True)
    task = (await run_records.startable(session, actor.organization_id, [task_id]))[0]
    if await run_records.in_the_way(session, [task]):
        raise AlreadyRunning("Wait for its end, or let its runs queue.")
    targets = (await run_records.targets(session, [task]))[task.id]
    paused = (await run_records.paused_targets(session, [task]))[task.id]
    if not targets and paused:
        raise plan_limits.paused()
    if not targets:
        raise NoTargets("Connect an account or change the task's targets.")
    await usage.refuse_beyond(session, actor.organization_id, executions=len(targets))
    return await record_manual(session, actor, task, targets, paused=paused)


async def record_manual(
    session: AsyncSession,
    actor: Actor,
    task: Startable,
    accounts: Sequence[UUID],
    *,
    paused: Sequence[UUID] = (),
    as_scheduled: bool = False,
) -> UUID:
    """A run of the task, whose row the caller holds, with an execution on each of the
    accounts, which the plan allows, and a skipped one on those it pauses; its id. It is
    the root of a chain of its own."""
    start = Start(
        task,
        Trigger.MANUAL,
        accounts=accounts,
        started_by=actor.user_id,
        as_scheduled=as_scheduled,
        paused=paused,
    )
    (run_id,) = await run_records.record(session, [start])
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="task.execute",
        subject_type="task",
        subject_id=task.id,
        detail={"run_id": str(run_id)},
    )
    return run_id


async def _executions_of(
    session: AsyncSession, actor: Actor, run_id: UUID
) -> list[UUID]:
    statement = (
        select(TaskExecution.id)
        .where(
            TaskExecution.organization_id == actor.organization_id,
            TaskExecution.run_id == run_id,
        )
        .order_by(TaskExecution.id)
    )
    return list(await session.scalars(statement))


async def cancel(
    session: AsyncSession, actor: Actor, execution_id: UUID
) -> TaskExecution:
    """End a queued execution now; ask a running one to stop before its next AWS
    call."""
    execution = await session.scalar(
        select(TaskExecution)
        .where(
            TaskExecution.id == execution_id,
            on_visible_account(
                actor, TaskExecution.organization_id, TaskExecution.aws_account_id
            ),
        )
        .with_for_update()
    )
    if execution is None:
        raise NotFound
    if has_ended("execution", execution.status):
        raise IllegalTransition(f"It is already {execution.status}.")
    now = await session.scalar(select(func.app_now()))
    if execution.status == Status.QUEUED:
        execution.status = Status.CANCELLED
        execution.reason = "cancelled"
        execution.finished_at = now
        measures.count(session, measures.FINISHED, status=Status.CANCELLED.value)
    execution.cancel_requested_at = now
    await session.flush()
    if execution.status == Status.CANCELLED and execution.attempt:
        # It had begun: what it read and what not is written down by a worker.
        await outbox.post(
            session,
            organization_id=actor.organization_id,
            kind=OutboxKind.EXECUTION_SETTLE,
            subject_id=execution.id,
            dedupe_key=f"settle:{execution.id}",
        )
    await settle(session, actor.organization_id, execution.run_id)
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="execution.cancel",
        subject_type="execution",
        subject_id=execution.id,
    )
    return execution


_OF_RUN = (
    TaskRun.organization_id == bindparam("tenant_id"),
    TaskRun.id == bindparam("of_run_id"),
)
_LOCK = (
    select(
        *(TaskRun.status, TaskRun.root_run_id),
        task_dependencies.is_followed(TaskRun).label("is_followed"),
    )
    .where(*_OF_RUN)
    .with_for_update()
)
_STATUSES = select(TaskExecution.status).where(
    TaskExecution.organization_id == bindparam("tenant_id"),
    TaskExecution.run_id == bindparam("of_run_id"),
)
_SUM_UP = (
    update(TaskRun)
    .where(*_OF_RUN)
    .values(
        status=bindparam("status_now"),
        reason=bindparam("why"),
        finished_at=case((bindparam("ended", type_=Boolean), func.app_now())),
    )
    .execution_options(synchronize_session=False)
)


async def settle(session: AsyncSession, organization_id: UUID, run_id: UUID) -> None:
    """Bring a run's status up to date with its executions'. Once it has ended, what
    runs after it is somebody's turn. Executions are locked before their run,
    everywhere."""
    of_run = {"tenant_id": organization_id, "of_run_id": run_id}
    run = (await execute(session, _LOCK, of_run)).one()
    statuses = (await execute(session, _STATUSES, of_run)).scalars()
    whole = run_status([one.value for one in statuses])
    if whole.status == run.status or has_ended("run", run.status):
        return
    ended = has_ended("run", whole.status)
    sums = {"status_now": Status(whole.status), "why": whole.reason, "ended": ended}
    await execute(session, _SUM_UP, of_run | sums)
    if ended and (run.root_run_id is not None or run.is_followed):
        await outbox.post(
            session,
            organization_id=organization_id,
            kind=OutboxKind.CHAIN_ADVANCE,
            subject_id=run_id,
            dedupe_key=f"{OutboxKind.CHAIN_ADVANCE}:{run_id}",
        )


async def list_of_task(
    session: AsyncSession, actor: Actor, task_id: UUID, page: Page
) -> Slice[TaskRun]:
    """The runs of a task, gap records included, newest first."""
    task = await tasks.get(session, actor, task_id)
    statement = select(TaskRun).where(
        TaskRun.organization_id == actor.organization_id, TaskRun.task_id == task.id
    )
    return await paginate(session, statement, page, by=[TaskRun.id])


async def get(session: AsyncSession, actor: Actor, run_id: UUID) -> TaskRun:
    """Raises NotFound, also where its task is not the actor's to see."""
    run: TaskRun | None = await session.scalar(
        select(TaskRun)
        .join(Task, Task.id == TaskRun.task_id)
        .where(
            TaskRun.organization_id == actor.organization_id,
            TaskRun.id == run_id,
            visible_tasks(actor),
        )
    )
    if run is None:
        raise NotFound
    return run
