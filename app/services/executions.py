"""Executions and what belongs to them, as members see them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.core.actor import Actor
from app.core.errors import NotFound
from app.models.aws_account import AWSAccount
from app.models.run import (
    ExecutionEvent,
    ExecutionUnit,
    Status,
    TaskExecution,
    TaskResult,
    TaskRun,
    UnitStatus,
)
from app.models.task import Task
from app.schemas.executions import ExecutionRead, ResultRead, UnitRead
from app.services import resolutions
from app.services.check_tiers import TIER, tier_of, type_of
from app.services.paging import Page, Slice, paginate, paginate_first
from app.services.scoping import on_visible_account


@dataclass(frozen=True, slots=True)
class Filters:
    """None is no limit; `since` is included, `until` is not."""

    status: Status | None = None
    task_id: UUID | None = None
    account_id: UUID | None = None
    category: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        row = TaskExecution
        wanted: tuple[tuple[object, ColumnElement[bool]], ...] = (
            (self.status, row.status == self.status),
            (self.task_id, row.task_id == self.task_id),
            (self.account_id, row.aws_account_id == self.account_id),
            (self.category, row.error["category"].astext == self.category),
        )
        found = [condition for value, condition in wanted if value is not None]
        if self.since is not None:
            found.append(row.created_at >= self.since)
        if self.until is not None:
            found.append(row.created_at < self.until)
        return found


_NO_FILTERS = Filters()


async def page_of(
    session: AsyncSession, actor: Actor, page: Page, *, filters: Filters = _NO_FILTERS
) -> Slice[ExecutionRead]:
    """The newest first."""
    rows = select(TaskExecution).where(_visible(actor), *filters.conditions())
    found = await paginate_first(
        session, rows, page, by=[TaskExecution.id], described=_described
    )
    return Slice(await read(session, actor, found.items), found.next_cursor)


def selected(actor: Actor, filters: Filters) -> Select[Any]:
    """Those that the filters leave, in no order."""
    return _described().where(_visible(actor), *filters.conditions())


async def get(session: AsyncSession, actor: Actor, execution_id: UUID) -> ExecutionRead:
    row = await session.scalar(
        _described().where(_visible(actor), TaskExecution.id == execution_id)
    )
    if row is None:
        raise NotFound
    return (await read(session, actor, [row]))[0]


async def read(
    session: AsyncSession, actor: Actor, rows: Sequence[Any]
) -> list[ExecutionRead]:
    """Rows that were selected, with what was said of those interrupted."""
    interrupted = [row.id for row in rows if row.status is Status.INTERRUPTED]
    said = await resolutions.of(session, actor.organization_id, interrupted)
    return [
        ExecutionRead.model_validate(row).model_copy(
            update={"resolution": said.get(row.id)}
        )
        for row in rows
    ]


async def find(
    session: AsyncSession, actor: Actor, execution_id: UUID
) -> TaskExecution | None:
    """The row itself, if the actor may see it."""
    found: TaskExecution | None = await session.scalar(
        select(TaskExecution).where(_visible(actor), TaskExecution.id == execution_id)
    )
    return found


async def must_find(
    session: AsyncSession, actor: Actor, execution_id: UUID
) -> TaskExecution:
    execution = await find(session, actor, execution_id)
    if execution is None:
        raise NotFound
    return execution


async def result_of(
    session: AsyncSession, actor: Actor, execution_id: UUID
) -> ResultRead:
    execution = await must_find(session, actor, execution_id)
    result = await session.scalar(
        select(TaskResult).where(
            TaskResult.organization_id == execution.organization_id,
            TaskResult.execution_id == execution.id,
        )
    )
    found = (
        *("verdict", "counts", "coverage"),
        *("calls", "retries", "throttled", "pacing"),
    )
    return ResultRead.model_validate(
        {
            "execution_id": execution.id,
            "status": execution.status,
            "reason": execution.reason,
            "error": execution.error,
            "by_type": await _by_type(session, execution) if result else None,
            "duration_seconds": _duration(execution),
            "recorded_at": result and result.created_at,
            **{name: result and getattr(result, name) for name in found},
        }
    )


def _duration(execution: TaskExecution) -> float | None:
    if execution.started_at is None or execution.finished_at is None:
        return None
    return (execution.finished_at - execution.started_at).total_seconds()


async def _by_type(
    session: AsyncSession, execution: TaskExecution
) -> list[dict[str, Any]]:
    """What its units counted, summed up over the regions."""
    units = await session.execute(
        select(ExecutionUnit.kind, ExecutionUnit.key, ExecutionUnit.counts).where(
            ExecutionUnit.organization_id == execution.organization_id,
            ExecutionUnit.execution_id == execution.id,
            ExecutionUnit.status == UnitStatus.SUCCEEDED,
        )
    )
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for kind, key, counts in units:
        sums[kind, key].update(counts)
    return [
        {
            "kind": kind,
            "service": key.partition(":")[0],
            "key": key,
            "type": type_of(kind, key),
            "tier": tier_of(key) if kind == "health" else None,
            "counts": dict(counts),
        }
        for (kind, key), counts in sorted(sums.items())
    ]


async def units_of(
    session: AsyncSession,
    actor: Actor,
    execution_id: UUID,
    page: Page,
    *,
    status: UnitStatus | None = None,
) -> Slice[UnitRead]:
    """In the order in which they were planned."""
    execution = await must_find(session, actor, execution_id)
    statement = select(ExecutionUnit).where(
        ExecutionUnit.organization_id == execution.organization_id,
        ExecutionUnit.execution_id == execution.id,
    )
    if status is not None:
        statement = statement.where(ExecutionUnit.status == status)
    found = await paginate(
        session, statement, page, by=[ExecutionUnit.id], descending=False
    )
    return Slice([_unit(row) for row in found.items], found.next_cursor)


def _unit(row: ExecutionUnit) -> UnitRead:
    shown = {name: getattr(row, name) for name in UnitRead.model_fields if name != TIER}
    tier = tier_of(row.key) if row.kind == "health" else None
    return UnitRead.model_validate(shown | {TIER: tier})


async def events_of(
    session: AsyncSession, actor: Actor, execution_id: UUID, page: Page
) -> Slice[ExecutionEvent]:
    """In the order in which they happened."""
    execution = await must_find(session, actor, execution_id)
    statement = select(ExecutionEvent).where(
        ExecutionEvent.organization_id == execution.organization_id,
        ExecutionEvent.execution_id == execution.id,
    )
    by = [ExecutionEvent.at, ExecutionEvent.id]
    return await paginate(session, statement, page, by=by, descending=False)


def _visible(actor: Actor) -> ColumnElement[bool]:
    return on_visible_account(
        actor, TaskExecution.organization_id, TaskExecution.aws_account_id
    )


_OWN = (
    *("id", "task_id", "run_id", "aws_account_id", "kind", "priority", "status"),
    *("reason", "attempt", "retry_no", "not_before", "error"),
    *("cancel_requested_at", "deadline"),
    *("catalog_version", "application_version"),
    *("created_at", "started_at", "finished_at"),
)


def _described(execution: Any = TaskExecution) -> Select[Any]:
    """Each execution with the names that a reader needs, in one statement."""
    shown: Bundle[Any] = Bundle(
        "execution",
        *(getattr(execution, name) for name in _OWN),
        Task.name.label("task_name"),
        TaskRun.trigger,
        TaskRun.scheduled_for,
        AWSAccount.account_id,
        AWSAccount.name.label("account_name"),
        TaskResult.verdict,
        TaskResult.counts,
    )
    tenant = execution.organization_id
    return (
        select(shown)
        .select_from(execution)
        .join(Task, (Task.organization_id == tenant) & (Task.id == execution.task_id))
        .join(
            TaskRun,
            (TaskRun.organization_id == tenant) & (TaskRun.id == execution.run_id),
        )
        .join(
            AWSAccount,
            (AWSAccount.organization_id == tenant)
            & (AWSAccount.id == execution.aws_account_id),
        )
        .outerjoin(
            TaskResult,
            (TaskResult.organization_id == tenant)
            & (TaskResult.execution_id == execution.id),
        )
    )
