"""Tasks: found, described, made and deleted. (`task_edits.py` changes them.)"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.ids import new_id
from app.core.permissions import Permission
from app.models.task import Task, TaskType, TaskVersion
from app.schemas.tasks import TaskCreate, TaskRead
from app.services import (
    audit,
    due_slots,
    idempotency,
    plan_limits,
    schedules,
    task_definitions,
    task_dependencies,
    task_notifications,
    task_targets,
    task_versions,
)
from app.services.decisions.schedule_input import timing_to_json
from app.services.decisions.schedules import next_slot
from app.services.scoping import visible_tasks
from app.services.task_types import task_type

# What is shown of a task beside its definition.
OF_TASK = (
    *(Task.id, Task.kind, Task.enabled, Task.disabled_reason, Task.next_run_at),
    *(Task.created_by, Task.created_at, Task.updated_at),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """None is no filter; `q` is looked for in names, literally."""

    enabled: bool | None = None
    type: TaskType | None = None
    account_id: UUID | None = None
    q: str | None = None


async def get(
    session: AsyncSession, actor: Actor, task_id: UUID, *, lock: bool = False
) -> Task:
    """The task's row; with `lock` read afresh and kept from others. Raises NotFound,
    also for a deleted one."""
    statement = select(Task).where(
        visible_tasks(actor), Task.id == task_id, Task.deleted_at.is_(None)
    )
    if lock:
        statement = statement.with_for_update(of=Task).execution_options(
            populate_existing=True
        )
    task = await session.scalar(statement)
    if task is None:
        raise NotFound
    return task


async def read(session: AsyncSession, actor: Actor, task_id: UUID) -> TaskRead:
    """Raises NotFound."""
    return await describe_one(session, actor, await get(session, actor, task_id))


def present(task: Any) -> ColumnElement[bool]:
    """Of a statement on tasks: the version of each that holds now."""
    return and_(
        TaskVersion.organization_id == task.organization_id,
        TaskVersion.task_id == task.id,
        TaskVersion.version == task.version,
    )


async def selected(
    session: AsyncSession, actor: Actor, filters: Filters
) -> Select[Task]:
    """Those that are not deleted and that the filters leave, in no order."""
    statement = select(Task).where(visible_tasks(actor), Task.deleted_at.is_(None))
    if filters.enabled is not None:
        statement = statement.where(Task.enabled == filters.enabled)
    if filters.type is not None:
        statement = statement.join(TaskVersion, present(Task))
        statement = statement.where(TaskVersion.type == filters.type)
    if filters.account_id is not None:
        on_account = await task_targets.on_account(session, actor, filters.account_id)
        statement = statement.where(on_account)
    if filters.q is not None:
        statement = statement.where(Task.name.icontains(filters.q, autoescape=True))
    return statement


async def describe(
    session: AsyncSession, actor: Actor, tasks: Sequence[Task]
) -> list[TaskRead]:
    """The tasks with their present definitions, in the same order."""
    versions = await task_versions.present(session, tasks)
    definitions = await task_versions.definitions(session, actor, versions.values())
    targets = await task_targets.of_tasks(session, tasks)
    return [
        _described(task, definitions[versions[task.id].id], targets[task.id])
        for task in tasks
    ]


async def describe_one(session: AsyncSession, actor: Actor, task: Task) -> TaskRead:
    return (await describe(session, actor, [task]))[0]


def _described(
    task: Task, definition: dict[str, Any], targets: dict[str, Any]
) -> TaskRead:
    shown = {column.key: getattr(task, column.key) for column in OF_TASK}
    return TaskRead.model_validate({**definition, **shown, "targets": targets})


async def create(
    session: AsyncSession,
    actor: Actor,
    made: TaskCreate,
    *,
    idempotency_key: str | None = None,
) -> TaskRead:
    """Make a task, once for each key. It first runs at the first slot after now.

    Raises Invalid, ImpossibleSchedule and PlanLimit; NameTaken and, of one task too
    many, PlanLimit when the row is written.
    """
    return await idempotency.once_as(
        session,
        actor,
        TaskRead,
        partial(_create, session, actor, made),
        route="tasks.create",
        key=idempotency_key,
        request=made.model_dump(mode="json"),
    )


async def _create(session: AsyncSession, actor: Actor, made: TaskCreate) -> TaskRead:
    """Make a task and its first version."""
    actor.must(Permission.EDIT_TASKS)
    plan = await plan_limits.hold(session, actor.organization_id)
    now = await schedules.app_now(session)
    task_definitions.units_of(made)
    schedule = schedules.made_at(made.schedule, now)
    plan_limits.refuse_haste(plan, schedule)
    kind = task_type(made.type).kind
    await task_notifications.check(session, actor, made.notifications)
    await task_targets.lock(session, actor, made.targets)
    await task_dependencies.lock(session, actor, made.after)
    await task_targets.resolve(session, actor, made.targets, kind)
    task = Task(
        id=new_id(),
        organization_id=actor.organization_id,
        name=made.name,
        kind=kind,
        enabled=made.enabled,
        disabled_reason=None if made.enabled else "by_user",
        schedule=timing_to_json(schedule),
        timezone=schedule.timezone,
        next_run_at=next_slot(schedule, now) if made.enabled else None,
        priority=made.priority,
        overlap=made.overlap,
        misfire_grace_seconds=made.misfire_grace_seconds,
        timeout_seconds=made.timeout_seconds,
        selector=made.targets.selector,
        version=1,
        created_by=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    session.add(task)
    await session.flush()
    await task_versions.add(session, actor, task, made, schedule)
    await task_targets.replace(session, task, made.targets)
    await task_dependencies.replace(session, task, made.after)
    if made.notifications.channel_ids:
        await task_notifications.take_over(session, actor)
    await log(session, actor, task, "task.create", name=task.name)
    return await describe_one(session, actor, task)


async def delete(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """Stop a task for good; its runs and versions stay in the history. Raises NotFound,
    and TaskFollowed if others run after it."""
    actor.must(Permission.EDIT_TASKS)
    task = await get(session, actor, task_id, lock=True)
    await task_dependencies.drop(session, actor, task)
    now = await schedules.app_now(session)
    await due_slots.close(session, task, now=now, reason="deleted")
    task.enabled = False
    task.disabled_reason = "deleted"
    task.next_run_at = None
    task.deleted_at = now
    task.updated_at = now
    await session.flush()
    await task_notifications.end(session, actor, task.id)
    await log(session, actor, task, "task.delete", name=task.name)


async def log(
    session: AsyncSession, actor: Actor, task: Task, action: str, **detail: object
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="task",
        subject_id=task.id,
        detail={"version": task.version, **detail},
    )
