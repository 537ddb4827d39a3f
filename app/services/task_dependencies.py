"""What a task runs after: other tasks of its organization, and never itself, however
many tasks stand between."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Uuid,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Conflict, FieldError, Invalid
from app.models.run import TaskRun
from app.models.task import Task, TaskDependency, TaskVersion
from app.schemas.tasks import Dependency
from app.services.decisions.chains import Link, ring
from app.services.scoping import visible_tasks
from app.services.task_definitions import refusal

Described = dict[str, Any]


class TaskFollowed(Conflict):
    code = "task-followed"
    title = "Other tasks run after this one"


async def lock(
    session: AsyncSession,
    actor: Actor,
    after: Sequence[Dependency],
    *,
    task_id: UUID | None = None,
) -> None:
    """Keep these tasks, and `task_id` which is to run after them, as they are, and all
    other dependencies of the organization, until the transaction ends. Raises Invalid
    naming what the actor does not see.

    To be called after accounts are locked and before a task is; tasks are locked in one
    order everywhere.
    """
    if not after:
        return
    of_organization = func.hashtextextended(f"after:{actor.organization_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(of_organization)))
    ids = {one.task_id for one in after} | ({task_id} if task_id else set())
    held = _visible(actor, ids).order_by(Task.id).with_for_update(key_share=True)
    _refuse_unknown(after, await session.scalars(held))


async def check(
    session: AsyncSession,
    actor: Actor,
    after: Sequence[Dependency],
    *,
    task_id: UUID | None,
) -> None:
    """Refuse what saving would refuse, without a lock."""
    ids = {one.task_id for one in after}
    _refuse_unknown(after, await session.scalars(_visible(actor, ids)))
    if task_id is not None:
        await refuse_ring(session, actor, task_id, after)


def _visible(actor: Actor, ids: Collection[UUID]) -> Select[UUID]:
    return select(Task.id).where(
        visible_tasks(actor), Task.id.in_(ids), Task.deleted_at.is_(None)
    )


def _refuse_unknown(after: Sequence[Dependency], found: Iterable[UUID]) -> None:
    known = set(found)
    wrong = [
        FieldError(f"/after/{index}/task_id", "unknown", "There is no such task")
        for index, one in enumerate(after)
        if one.task_id not in known
    ]
    if wrong:
        raise refusal(wrong)


async def refuse_ring(
    session: AsyncSession, actor: Actor, task_id: UUID, after: Sequence[Dependency]
) -> None:
    """Raises Invalid telling the way from the task back to itself, if `after` is what
    it will run after."""
    present = await links_from(session, actor.organization_id, task_id)
    links = [link for link in present if link.task != task_id]
    links += [Link(task_id, one.task_id, one.on.value) for one in after]
    way = ring(links, task_id)
    if way is None:
        return
    closing = [one.task_id for one in after].index(way[-2])
    names = await _names(session, actor, way)
    raise Invalid.field(
        f"/after/{closing}/task_id",
        "cycle",
        "It would run after itself: " + ", then ".join(names),
    )


async def _names(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> list[str]:
    rows = await session.execute(
        select(Task.id, Task.name).where(visible_tasks(actor), Task.id.in_(ids))
    )
    known = {row.id: row.name for row in rows}
    return [known.get(id, "a task that you do not see") for id in ids]


async def links_from(
    session: AsyncSession,
    organization_id: UUID,
    task_id: UUID,
    *,
    made_until: datetime | None = None,
) -> list[Link[UUID]]:
    """All that runs after the task, and after that, and so on; where an instant is
    given, by the dependencies made until then."""
    counts: list[ColumnElement[bool]] = [
        TaskDependency.organization_id == organization_id
    ]
    if made_until is not None:
        counts.append(TaskDependency.created_at <= made_until)
    first = cast(literal(task_id), Uuid).label("task_id")
    reached = select(first).cte("reached", recursive=True)
    reached = reached.union(
        select(TaskDependency.task_id)
        .join(reached, TaskDependency.after_task_id == reached.c.task_id)
        .where(*counts)
    )
    statement = select(
        TaskDependency.task_id, TaskDependency.after_task_id, TaskDependency.run_end
    ).where(*counts, TaskDependency.after_task_id.in_(select(reached.c.task_id)))
    rows = await session.execute(statement)
    return [Link(task, after, run_end.value) for task, after, run_end in rows]


def is_followed(run: type[TaskRun]) -> ColumnElement[bool]:
    """Whether something runs after the task of a run."""
    return exists().where(
        TaskDependency.organization_id == run.organization_id,
        TaskDependency.after_task_id == run.task_id,
    )


async def replace(
    session: AsyncSession, task: Task, after: Sequence[Dependency]
) -> None:
    """Let the task run after these. What it ran after before keeps its age: chains that
    are under way still count it."""
    ids = [one.task_id for one in after]
    await session.execute(
        delete(TaskDependency).where(
            _of(task), TaskDependency.after_task_id.not_in(ids)
        )
    )
    if not after:
        return
    wanted = insert(TaskDependency).values(
        [
            {
                "organization_id": task.organization_id,
                "task_id": task.id,
                "after_task_id": one.task_id,
                "run_end": one.on,
            }
            for one in after
        ]
    )
    await session.execute(
        wanted.on_conflict_do_update(
            constraint="pk_task_dependencies",
            set_={"run_end": wanted.excluded.run_end},
        )
    )


async def drop(session: AsyncSession, actor: Actor, task: Task) -> None:
    """The task is deleted, and its row held: it runs after nothing any more. Raises
    TaskFollowed if a task runs after it."""
    followers = select(TaskDependency.task_id).where(
        TaskDependency.organization_id == task.organization_id,
        TaskDependency.after_task_id == task.id,
    )
    ids = list(await session.scalars(followers))
    if ids:
        seen = select(Task.name).where(visible_tasks(actor), Task.id.in_(ids))
        names = sorted(await session.scalars(seen))
        unseen = len(ids) - len(names)
        if unseen:
            names.append(f"{unseen} that you do not see")
        raise TaskFollowed(
            f"First let these run after something else: {', '.join(names)}."
        )
    await session.execute(delete(TaskDependency).where(_of(task)))


def _of(task: Task) -> ColumnElement[bool]:
    return (TaskDependency.organization_id == task.organization_id) & (
        TaskDependency.task_id == task.id
    )


# ── what a member with a label scope sees of it ──────────────────────────────────


async def shown(
    session: AsyncSession, actor: Actor, versions: Collection[TaskVersion | Row[Any]]
) -> dict[UUID, list[Described]]:
    """What each version runs after, by the version's id: of it the tasks that the actor
    sees."""
    if actor.label_scope is None:
        return {version.id: version.after for version in versions}
    named = {one["task_id"] for version in versions for one in version.after}
    seen = await session.scalars(
        select(Task.id).where(visible_tasks(actor), Task.id.in_(named))
    )
    known = {str(id) for id in seen}
    return {
        version.id: [one for one in version.after if one["task_id"] in known]
        for version in versions
    }


async def hidden(
    session: AsyncSession, actor: Actor, version: TaskVersion
) -> list[Described]:
    """What the version runs after and the actor does not see, and so cannot change."""
    seen = (await shown(session, actor, [version]))[version.id]
    return [one for one in version.after if one not in seen]
