"""The versions of a task: each change of its definition makes one that stays."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.ids import new_id
from app.models.task import Task, TaskVersion
from app.schemas.tasks import (
    NotificationSettings,
    TaskDefinition,
    TaskVersionRead,
)
from app.services import schedules, task_dependencies
from app.services.decisions.schedule_input import to_json
from app.services.decisions.schedules import Schedule
from app.services.paging import Page, Slice, paginate
from app.services.scoping import visible_tasks

_DEFINED = (*TaskDefinition.model_fields, "version")


async def add(
    session: AsyncSession,
    actor: Actor,
    task: Task,
    definition: TaskDefinition,
    schedule: Schedule,
) -> TaskVersion:
    """The version that `task.version` numbers. Of the schedule it holds all, the task's
    row only when it runs."""
    version = TaskVersion(
        id=new_id(),
        organization_id=task.organization_id,
        task_id=task.id,
        version=task.version,
        name=task.name,
        type=definition.type,
        services=definition.services,
        regions=definition.regions,
        targets=definition.targets.model_dump(mode="json", exclude_none=True),
        parameters=definition.parameters,
        schedule=to_json(schedule),
        after=[one.model_dump(mode="json") for one in definition.after],
        on_error=definition.on_error,
        retry_policy=(
            definition.retry_policy and definition.retry_policy.model_dump(mode="json")
        ),
        priority=task.priority,
        overlap=task.overlap,
        misfire_grace_seconds=task.misfire_grace_seconds,
        timeout_seconds=task.timeout_seconds,
        notifications=definition.notifications.model_dump(mode="json"),
        author_id=actor.user_id,
    )
    session.add(version)
    await session.flush()
    return version


async def present(
    session: AsyncSession, tasks: Sequence[Task]
) -> dict[UUID, TaskVersion]:
    """The present version of each task, by the task's id."""
    keys = [(task.organization_id, task.id, task.version) for task in tasks]
    key = tuple_(TaskVersion.organization_id, TaskVersion.task_id, TaskVersion.version)
    found = await session.scalars(select(TaskVersion).where(key.in_(keys)))
    return {version.task_id: version for version in found}


def parameters_of(
    parameters: Mapping[str, Any], schedule: Mapping[str, Any], *, as_scheduled: bool
) -> dict[str, Any]:
    """The parameters of a run: those of a schedule that fires once are laid over those
    of the task."""
    own = schedule.get("parameters") if as_scheduled else None
    return {**parameters, **(own or {})}


async def page_of(
    session: AsyncSession, actor: Actor, task_id: UUID, page: Page
) -> Slice[TaskVersionRead]:
    """The versions, newest first; a deleted task's can still be read."""
    task = await session.scalar(
        select(Task.id).where(visible_tasks(actor), Task.id == task_id)
    )
    if task is None:
        raise NotFound
    statement = select(TaskVersion).where(
        TaskVersion.organization_id == actor.organization_id,
        TaskVersion.task_id == task_id,
    )
    found = await paginate(session, statement, page, by=[TaskVersion.version])
    known = await definitions(session, actor, found.items)
    return Slice([_read(one, known[one.id]) for one in found.items], found.next_cursor)


async def describe(
    session: AsyncSession, actor: Actor, version: TaskVersion
) -> TaskVersionRead:
    known = await definitions(session, actor, [version])
    return _read(version, known[version.id])


def _read(version: TaskVersion, definition: dict[str, Any]) -> TaskVersionRead:
    return TaskVersionRead.model_validate(
        definition
        | {
            "id": version.id,
            "task_id": version.task_id,
            "author_id": version.author_id,
            "created_at": version.created_at,
        }
    )


async def definitions(
    session: AsyncSession, actor: Actor, versions: Collection[TaskVersion]
) -> dict[UUID, dict[str, Any]]:
    """What each version defines, with its schedule in words, by the version's id; it
    names no task that the actor does not see."""
    after = await task_dependencies.shown(session, actor, versions)
    return {
        version.id: {name: getattr(version, name) for name in _DEFINED}
        | {
            "schedule_in_words": schedules.stored_in_words(version.schedule),
            "after": after[version.id],
        }
        for version in versions
    }


def as_input(version: TaskVersion, targets: Mapping[str, Any]) -> dict[str, Any]:
    """The version as a client would send it, with the targets as they are now."""
    defined = {name: getattr(version, name) for name in TaskDefinition.model_fields}
    # Those of before there was anything to set are the same as none.
    told = NotificationSettings.model_validate(version.notifications)
    return defined | {
        "targets": dict(targets),
        "notifications": told.model_dump(mode="json"),
    }
