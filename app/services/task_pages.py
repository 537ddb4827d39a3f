"""The page of tasks, written as JSON: of all pages it is the one asked for most.

What a version defines never changes, so each is validated and written once, and
remembered by its id; a page reads only what may have changed since, as the database
writes it. Of a task that the database did not show to who asks, nothing is looked up
here.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from cachetools import LRUCache
from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    DateTime,
    LargeBinary,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle, InstrumentedAttribute

from app.core.actor import Actor
from app.models.task import Task, TaskVersion
from app.schemas.tasks import TaskDefined
from app.services import schedules, task_dependencies, task_targets, tasks
from app.services.paging import Page, Prepared, paginate_first
from app.services.tasks import Filters

_CACHE_BYTES = 32 * 2**20
_Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def _bytes(json: _Column) -> ColumnElement[bytes]:
    return func.convert_to(cast(json, Text), "UTF8", type_=LargeBinary)


def _shown(column: _Column) -> _Column:
    """An instant as pydantic writes it: in UTC, and with a fraction if it has one."""
    if not isinstance(column.type, DateTime):
        return column
    whole = func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    return func.replace(whole, ".000000Z", "Z")


def _object(**members: _Column) -> ColumnElement[Any]:
    pairs = [part for member in members.items() for part in member]
    return func.json_build_object(*pairs)


def _ids(task: Any) -> tuple[_Column, _Column]:
    return task.id, cast(TaskVersion.id, Text).label("version_id")


def _state(task: Any, **more: _Column) -> ColumnElement[bytes]:
    """What may change of a task, written by the database: to read each member of it
    here and to write it again costs three times as much."""
    own = {column.key: getattr(task, column.key) for column in tasks.OF_TASK}
    targets = _object(
        account_ids=case((task.selector.is_(None), task_targets.account_ids(task))),
        selector=task.selector,
    )
    shown = {name: _shown(column) for name, column in own.items()}
    return _bytes(_object(**shown, targets=targets, **more)).label("state")


def _whole(task: Any) -> Select[*tuple[Any, ...]]:
    """For who sees all tasks."""
    columns = (*_ids(task), _state(task, after=TaskVersion.after))
    return select(*columns).join_from(task, TaskVersion, tasks.present(task))


def _in_parts(task: Any) -> Select[Any]:
    """For who may not see everything that a task runs after."""
    row: Bundle[Any] = Bundle("task", *_ids(task), TaskVersion.after, _state(task))
    return select(row).join_from(task, TaskVersion, tasks.present(task))


# All tasks of an organization: the page that is asked for.
_ALL = Prepared(
    select(Task).where(
        Task.organization_id == bindparam("organization_id"), Task.deleted_at.is_(None)
    ),
    by=[Task.id],
    described=_whole,
)

_written: LRUCache[str, bytes] = LRUCache(_CACHE_BYTES, getsizeof=len)


async def page_of(
    session: AsyncSession, actor: Actor, page: Page, *, filters: Filters
) -> bytes:
    """The tasks that are not deleted, newest first: a PageOf[TaskRead] in JSON."""
    if filters == Filters() and actor.label_scope is None:
        found = await _ALL.page(session, page, organization_id=actor.organization_id)
        states = [row.state for row in found.items]
    else:
        rows = await tasks.selected(session, actor, filters)
        found = await paginate_first(
            session, rows, page, by=[Task.id], described=_in_parts
        )
        after = await task_dependencies.shown(session, actor, found.items)
        states = [
            _joined(row.state, to_json({"after": after[row.id]})) for row in found.items
        ]
    version_ids = [row.version_id for row in found.items]
    definitions = await _definitions(session, actor, version_ids)
    items = [
        _joined(state, definitions[id])
        for state, id in zip(states, version_ids, strict=True)
    ]
    return b'{"items":[%b],"next_cursor":%b}' % (
        b",".join(items),
        to_json(found.next_cursor),
    )


async def _definitions(
    session: AsyncSession, actor: Actor, version_ids: Sequence[str]
) -> Mapping[str, bytes]:
    """What each version defines, by its id."""
    known = {id: _written[id] for id in version_ids if id in _written}
    if missing := [UUID(id) for id in version_ids if id not in known]:
        statement = select(TaskVersion).where(
            TaskVersion.organization_id == actor.organization_id,
            TaskVersion.id.in_(missing),
        )
        for version in await session.scalars(statement):
            id = str(version.id)
            known[id] = _written[id] = _define(version)
    return known


def _define(version: TaskVersion) -> bytes:
    said = {name: getattr(version, name, None) for name in TaskDefined.model_fields}
    said["schedule_in_words"] = schedules.stored_in_words(version.schedule)
    return to_json(TaskDefined.model_validate(said))


def _joined(one: bytes, other: bytes) -> bytes:
    """The members of two objects, neither of them empty, in one."""
    return b"%b,%b" % (one[:-1], other[1:])
