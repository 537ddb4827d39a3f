"""Exports: all that a list shows, streamed row by row. What breaks off is not complete,
and shows it: JSON lacks its end, and the connection ends in an error."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.inventory import Finding, Resource
from app.models.run import TaskExecution
from app.models.task import Task
from app.schemas.audit import AuditEventRead
from app.schemas.executions import ExecutionRead, FoundResourceRead
from app.schemas.resources import ResourceRead
from app.schemas.tasks import TaskRead
from app.services import (
    audit,
    audit_log,
    execution_finds,
    executions,
    resources,
    tasks,
)
from app.services.decisions import csv_cells
from app.services.executions import must_find

Format = Literal["csv", "json"]
Part = Literal["resources", "findings"]

ROWS_AT_ONCE = 500

Row = Mapping[str, Any]


# Of some answers of a statement, their rows: what else they need is asked for at once.
Rows = Callable[[AsyncSession, Sequence[Any]], Awaitable[list[Row]]]


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be streamed: `rows` makes rows out of what `statement` answers."""

    name: str
    statement: Select[Any]
    rows: Rows
    columns: tuple[str, ...]


def _one_by_one(row: Callable[[Any], Row]) -> Rows:
    async def rows(_session: AsyncSession, found: Sequence[Any]) -> list[Row]:
        return [row(one) for one in found]

    return rows


async def of_execution(
    session: AsyncSession, actor: Actor, execution_id: UUID, part: Part, format: Format
) -> Export:
    """All findings, or all resources, that an execution read; documents in JSON only.
    Raises NotFound."""
    execution = await must_find(session, actor, execution_id)
    await _record(session, actor, execution_id, part, format)
    return made_of(execution, part, format)


def made_of(execution: TaskExecution, part: str, format: str) -> Export:
    """The export of an execution, for whoever may see it."""
    name = f"{part}-{execution.id}"
    if part == "findings":
        return Export(
            name,
            execution_finds.findings_in(execution).order_by(Finding.id),
            _one_by_one(
                lambda one: execution_finds.finding_read(one).model_dump(mode="json")
            ),
            _FINDING,
        )
    statement = execution_finds.resources_in(
        execution, with_documents=format == "json"
    ).order_by(Resource.id)
    return Export(name, statement, _one_by_one(_found_resource), _FOUND)


async def of_inventory(
    session: AsyncSession, actor: Actor, filters: resources.Filters, format: Format
) -> Export:
    """All resources that the filters leave, without documents."""
    await _record(session, actor, None, "resources", format)
    return Export(
        "resources",
        resources.selected(actor, filters).order_by(Resource.id),
        _one_by_one(
            lambda one: ResourceRead.model_validate(one).model_dump(mode="json")
        ),
        tuple(ResourceRead.model_fields),
    )


async def of_executions(
    session: AsyncSession, actor: Actor, filters: executions.Filters, format: Format
) -> Export:
    """All executions that the filters leave, the newest first, as the list has them."""
    await _record_list(session, actor, "executions", format)

    async def rows(session: AsyncSession, found: Sequence[Any]) -> list[Row]:
        read = await executions.read(session, actor, found)
        return [one.model_dump(mode="json") for one in read]

    statement = executions.selected(actor, filters)
    return Export(
        "executions",
        statement.order_by(TaskExecution.id.desc()),
        rows,
        tuple(ExecutionRead.model_fields),
    )


async def of_tasks(
    session: AsyncSession, actor: Actor, filters: tasks.Filters, format: Format
) -> Export:
    """All tasks that the filters leave, the newest first, with their present
    definitions."""
    await _record_list(session, actor, "tasks", format)

    async def rows(session: AsyncSession, found: Sequence[Any]) -> list[Row]:
        described = await tasks.describe(session, actor, found)
        return [one.model_dump(mode="json") for one in described]

    statement = await tasks.selected(session, actor, filters)
    return Export(
        "tasks", statement.order_by(Task.id.desc()), rows, tuple(TaskRead.model_fields)
    )


async def _record_list(
    session: AsyncSession, actor: Actor, what: str, format: Format
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=f"{what}.export",
        subject_type=what,
        detail={"format": format},
    )


async def of_audit_log(
    session: AsyncSession, actor: Actor, filters: audit_log.Filters, format: Format
) -> Export:
    """All events that the filters leave, the oldest first, so that its own is last."""
    statement = audit_log.selected(actor, filters)
    await _record_list(session, actor, "audit_log", format)
    return Export(
        "audit-log",
        statement.order_by(AuditEvent.at, AuditEvent.id),
        _one_by_one(
            lambda one: AuditEventRead.model_validate(one).model_dump(mode="json")
        ),
        tuple(AuditEventRead.model_fields),
    )


_FINDING = (
    *("service", "key", "tier", "type", "identity", "arn", "name", "region"),
    *("verdict", "reason", "facts", "from_at", "as_of"),
)
_FOUND = (
    *("service", "type", "identity", "arn", "name", "region"),
    *("content_hash", "from_at", "as_of"),
)


def _found_resource(one: Any) -> Row:
    row = FoundResourceRead.model_validate(one).model_dump(mode="json")
    return row | {"document": one.document} if "document" in one._fields else row


async def _record(
    session: AsyncSession,
    actor: Actor,
    execution_id: UUID | None,
    part: Part,
    format: Format,
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="inventory.export" if execution_id is None else "execution.export",
        subject_type="inventory" if execution_id is None else "execution",
        subject_id=execution_id,
        detail={"of": part, "format": format},
    )


async def stream(
    database: Database, actor: Actor, export: Export, format: Format
) -> AsyncIterator[str]:
    """The text of the export, in pieces. The session is its own: that of the request
    ends before its answer is sent."""
    async with database.unit_of_work(
        Login.APP,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        actor=actor.signature,
    ) as session:
        async for piece in pieces(session, export, format):
            yield piece


async def pieces(
    session: AsyncSession, export: Export, format: str
) -> AsyncIterator[str]:
    """The text of the export, some rows at a time."""
    answers = await session.stream_scalars(
        export.statement.execution_options(yield_per=ROWS_AT_ONCE)
    )
    pages = (await export.rows(session, page) async for page in answers.partitions())
    async for piece in _csv(export, pages) if format == "csv" else _json(pages):
        yield piece


async def _csv(export: Export, pages: AsyncIterator[list[Row]]) -> AsyncIterator[str]:
    yield csv_cells.lines([export.columns])
    async for page in pages:
        yield csv_cells.lines(
            [_text(row.get(name)) for name in export.columns] for row in page
        )


def _text(value: Any) -> Any:
    """Objects and lists as JSON in their cell."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value


async def _json(pages: AsyncIterator[list[Row]]) -> AsyncIterator[str]:
    """`{"items": […], "count": n, "complete": true}`; cut short it is no JSON."""
    count = 0
    yield '{"items": ['
    async for page in pages:
        texts = [json.dumps(row, ensure_ascii=False) for row in page]
        yield (",\n" if count else "\n") + ",\n".join(texts)
        count += len(page)
    yield f'\n], "count": {count}, "complete": true}}\n'
