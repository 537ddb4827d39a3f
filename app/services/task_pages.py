"""The page of tasks, written as JSON: of all pages it is the one asked for most.

What a version defines never changes, so each is validated and written once, and
remembered by its id; a page reads and writes only what may have changed since. Of a
task that the database did not show to who asks, nothing is looked up here.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from cachetools import LRUCache
from pydantic_core import to_json
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.models.task import Task, TaskVersion
from app.schemas.tasks import TaskDefined
from app.services import schedules, task_dependencies, task_targets, tasks
from app.services.paging import Page, paginate_columns
from app.services.tasks import Filters

_CACHE_BYTES = 32 * 2**20
_COLUMNS = (
    *tasks.OF_TASK,
    *(TaskVersion.id.label("version_id"), TaskVersion.after),
    *(task_targets.ACCOUNT_IDS, Task.selector),
)
_NAMES = tuple(column.key for column in tasks.OF_TASK)

_written: LRUCache[UUID, bytes] = LRUCache(_CACHE_BYTES, getsizeof=len)


async def page_of(
    session: AsyncSession, actor: Actor, page: Page, *, filters: Filters
) -> bytes:
    """The tasks that are not deleted, newest first: a PageOf[TaskRead] in JSON."""
    statement = (await tasks.selected(session, actor, filters)).with_only_columns(
        *_COLUMNS
    )
    found = await paginate_columns(session, statement, page, by=[Task.id])
    definitions = await _definitions(session, actor, found.items)
    after = await task_dependencies.shown(session, actor, found.items)
    items = [
        _joined(_state(row, after[row.id]), definitions[row.version_id])
        for row in found.items
    ]
    return b'{"items":[%b],"next_cursor":%b}' % (
        b",".join(items),
        to_json(found.next_cursor),
    )


async def _definitions(
    session: AsyncSession, actor: Actor, rows: Sequence[Row[Any]]
) -> Mapping[UUID, bytes]:
    """What the version of each row defines, by the version's id."""
    known = {row.version_id: _written.get(row.version_id) for row in rows}
    if missing := [id for id, written in known.items() if written is None]:
        statement = select(TaskVersion).where(
            TaskVersion.organization_id == actor.organization_id,
            TaskVersion.id.in_(missing),
        )
        for version in await session.scalars(statement):
            known[version.id] = _written[version.id] = _define(version)
    return {id: written for id, written in known.items() if written is not None}


def _define(version: TaskVersion) -> bytes:
    said = {name: getattr(version, name, None) for name in TaskDefined.model_fields}
    said["schedule_in_words"] = schedules.stored_in_words(version.schedule)
    return to_json(TaskDefined.model_validate(said))


def _state(row: Row[Any], after: Sequence[Any]) -> bytes:
    targets = {"account_ids": None, "selector": None, **task_targets.as_now(row)}
    state = dict(zip(_NAMES, row, strict=False))
    return orjson.dumps(
        {**state, "targets": targets, "after": after},
        default=_id,
        option=orjson.OPT_UTC_Z,
    )


def _id(value: object) -> str:
    """The driver has UUIDs of its own."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def _joined(one: bytes, other: bytes) -> bytes:
    """The members of two objects, neither of them empty, in one."""
    return b"%b,%b" % (one[:-1], other[1:])
