"""Runs: started by hand, summed up when their executions end."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Conflict, IllegalTransition, NotFound
from app.core.ids import new_id
from app.core.queue import Job, enqueue, execution_queue
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution, TaskRun, Trigger
from app.models.task import Overlap, Task, TaskTarget, TaskVersion
from app.services import audit, idempotency, tasks
from app.services.decisions.labels import matches
from app.services.decisions.status import has_ended, run_status
from app.services.paging import Page, Slice, paginate
from app.services.scoping import on_visible_account


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
        run = await _record(session, actor, task_id)
        executions = await _executions_of(session, run)
        return {"run_id": str(run.id), "executions": [str(e) for e in executions]}

    answer = await idempotency.once(
        session,
        actor,
        act,
        route="tasks.execute",
        key=idempotency_key,
        request={"task_id": str(task_id)},
    )
    return UUID(answer["run_id"]), [UUID(id) for id in answer["executions"]]


async def _record(session: AsyncSession, actor: Actor, task_id: UUID) -> TaskRun:
    # Two starts at the same moment queue up at the lock: the second sees the first.
    task = await tasks.get(session, actor, task_id, lock=True)
    if await is_in_the_way(session, task):
        raise AlreadyRunning("Wait for its end, or let its runs queue.")
    targets = await targets_of(session, task)
    if not targets:
        raise NoTargets("Connect an account or change the task's targets.")
    return await record_manual(session, actor, task, targets)


async def record_manual(
    session: AsyncSession, actor: Actor, task: Task, accounts: Sequence[UUID]
) -> TaskRun:
    """A run of the task, whose row the caller holds, with an execution on each of the
    accounts."""
    version_id = await session.scalar(
        select(TaskVersion.id).where(
            TaskVersion.organization_id == actor.organization_id,
            TaskVersion.task_id == task.id,
            TaskVersion.version == task.version,
        )
    )
    assert version_id is not None
    run = TaskRun(
        id=new_id(),
        organization_id=actor.organization_id,
        task_id=task.id,
        task_version_id=version_id,
        trigger=Trigger.MANUAL,
        started_by=actor.user_id,
    )
    session.add(run)
    await session.flush()
    now = await session.scalar(select(func.app_now()))
    for account_id in accounts:
        execution = TaskExecution(
            id=new_id(),
            organization_id=actor.organization_id,
            task_id=task.id,
            run_id=run.id,
            aws_account_id=account_id,
            kind=task.kind,
            priority=task.priority,
            timeout_seconds=task.timeout_seconds,
            hinted_at=now,
        )
        session.add(execution)
        queue = execution_queue(task.kind, task.priority)
        enqueue(session, Job.RUN_EXECUTION, execution.id, queue=queue)
    await session.flush()
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=f"user:{actor.user_id}",
        action="task.execute",
        subject_type="task",
        subject_id=task.id,
        detail={"run_id": str(run.id)},
    )
    return run


async def is_in_the_way(session: AsyncSession, task: Task) -> bool:
    """Whether an unfinished run keeps the task from being started."""
    if task.overlap != Overlap.SKIP:
        return False
    unfinished = select(TaskRun.id).where(
        TaskRun.organization_id == task.organization_id,
        TaskRun.task_id == task.id,
        TaskRun.status.in_((Status.QUEUED, Status.RUNNING)),
    )
    return await session.scalar(unfinished.limit(1)) is not None


async def targets_of(session: AsyncSession, task: Task) -> list[UUID]:
    """The accounts it looks at now."""
    if task.selector is None:
        named = select(TaskTarget.aws_account_id).where(
            TaskTarget.organization_id == task.organization_id,
            TaskTarget.task_id == task.id,
        )
        return list(await session.scalars(named))
    connected = select(AWSAccount.id, AWSAccount.labels).where(
        AWSAccount.organization_id == task.organization_id, AWSAccount.connected
    )
    rows = await session.execute(connected)
    return [id for id, labels in rows if matches(task.selector, labels)]


async def _executions_of(session: AsyncSession, run: TaskRun) -> list[UUID]:
    statement = (
        select(TaskExecution.id)
        .where(
            TaskExecution.organization_id == run.organization_id,
            TaskExecution.run_id == run.id,
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
    execution.cancel_requested_at = now
    await session.flush()
    await settle(session, actor.organization_id, execution.run_id)
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=f"user:{actor.user_id}",
        action="execution.cancel",
        subject_type="execution",
        subject_id=execution.id,
    )
    return execution


async def settle(session: AsyncSession, organization_id: UUID, run_id: UUID) -> None:
    """Bring a run's status up to date with its executions'. Executions are locked
    before their run, everywhere."""
    status = await session.scalar(
        select(TaskRun.status)
        .where(TaskRun.organization_id == organization_id, TaskRun.id == run_id)
        .with_for_update()
    )
    assert status is not None
    statuses = await session.scalars(
        select(TaskExecution.status).where(
            TaskExecution.organization_id == organization_id,
            TaskExecution.run_id == run_id,
        )
    )
    whole = run_status([one.value for one in statuses])
    if whole.status == status or has_ended("run", status):
        return
    ended = has_ended("run", whole.status)
    await session.execute(
        update(TaskRun)
        .where(TaskRun.organization_id == organization_id, TaskRun.id == run_id)
        .values(
            status=Status(whole.status),
            reason=whole.reason,
            finished_at=func.app_now() if ended else None,
        )
        .execution_options(synchronize_session=False)
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
