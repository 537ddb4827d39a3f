"""Makes notices of what was written down: names, errors and counts from recorded rows
alone, each kind of row read once however many notices there are. What was deleted since
is left out, and nothing is invented in its place."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.notice import Named, NotedAccount, NotedError, Notice, NoticeEvent
from app.models.aws_account import AWSAccount, AWSCredentials
from app.models.notice import RecordedNotice
from app.models.organization import Organization
from app.models.run import TaskExecution, TaskResult, TaskRun
from app.models.subscription import SubscriptionPlan
from app.models.task import Task, TaskVersion
from app.services.decisions.notice_titles import Happened, plain
from app.services.decisions.notice_words import words

# By their ids; plans by their codes.
_Rows = Mapping[Any, Row[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class _Known:
    """The rows that notices name."""

    organization: Named
    accounts: _Rows
    tasks: _Rows
    runs: _Rows
    executions: _Rows
    credentials: _Rows
    plans: _Rows


async def facts_of(
    session: AsyncSession, notices: Sequence[RecordedNotice], *, public_url: str
) -> list[Notice]:
    """The notices, all of one organization, as they are told and in their order.
    `session` is the tenant's; `public_url` is where the console is."""
    if not notices:
        return []
    known = await _known(session, notices)
    return [_notice(one, known, public_url) for one in notices]


# ── what is read ─────────────────────────────────────────────────────────────────


async def _known(session: AsyncSession, notices: Sequence[RecordedNotice]) -> _Known:
    (of,) = {one.organization_id for one in notices}
    executed = {one.execution_id for one in notices}
    executions = await _rows(session, _EXECUTIONS, TaskExecution, executed, of=of)
    accounts = {one.aws_account_id for one in notices}
    runs = {one.run_id for one in notices}
    runs |= {one.run_id for one in executions.values()}
    tasks = {one.task_id for one in notices}
    tasks |= {one.task_id for one in executions.values()}
    facts = [one.facts for one in notices]
    opened = {UUID(one["credentials_id"]) for one in facts if "credentials_id" in one}
    return _Known(
        organization=await _organization(session, of),
        accounts=await _rows(session, _ACCOUNTS, AWSAccount, accounts, of=of),
        tasks=await _rows(session, _TASKS, Task, tasks, of=of),
        runs=await _rows(session, _RUNS, TaskRun, runs, of=of),
        executions=executions,
        credentials=await _rows(session, _CREDENTIALS, AWSCredentials, opened, of=of),
        plans=await _plans(session, notices),
    )


_ACCOUNTS = select(AWSAccount.id, AWSAccount.account_id, AWSAccount.name)
_TASKS = select(Task.id, Task.name)
_CREDENTIALS = select(AWSCredentials.id, AWSCredentials.name)
_EXECUTIONS = (
    select(
        *(TaskExecution.id, TaskExecution.task_id, TaskExecution.run_id),
        *(TaskExecution.status, TaskExecution.reason, TaskExecution.error),
        *(TaskExecution.attempt, TaskExecution.retry_no),
        *(TaskResult.verdict, TaskResult.counts),
        func.jsonb_array_length(TaskResult.coverage["not_read"]).label("not_read"),
    )
    .select_from(TaskExecution)
    .outerjoin(
        TaskResult,
        and_(
            TaskResult.organization_id == TaskExecution.organization_id,
            TaskResult.execution_id == TaskExecution.id,
        ),
    )
)
_RUNS = (
    select(
        *(TaskRun.id, TaskRun.trigger, TaskRun.reason, TaskRun.slots),
        *(TaskRun.scheduled_for, TaskRun.scheduled_until, TaskVersion.services),
    )
    .select_from(TaskRun)
    .join(
        TaskVersion,
        and_(
            TaskVersion.organization_id == TaskRun.organization_id,
            TaskVersion.id == TaskRun.task_version_id,
        ),
    )
)


async def _rows(
    session: AsyncSession,
    statement: Select[*tuple[Any, ...]],
    model: Any,
    ids: Collection[UUID | None],
    *,
    of: UUID,
) -> _Rows:
    """The organization's rows of a model that have these ids."""
    wanted = sorted(id for id in ids if id is not None)
    if not wanted:
        return {}
    mine: ColumnElement[bool] = model.organization_id == of
    found = await session.execute(statement.where(mine, model.id.in_(wanted)))
    return {row.id: row for row in found}


async def _organization(session: AsyncSession, id: UUID) -> Named:
    statement = select(Organization.name).where(Organization.id == id)
    return Named(id=id, name=(await session.execute(statement)).scalar_one())


async def _plans(session: AsyncSession, notices: Sequence[RecordedNotice]) -> _Rows:
    if all(one.event is not NoticeEvent.SUBSCRIPTION_CHANGED for one in notices):
        return {}
    found = await session.execute(select(SubscriptionPlan.code, SubscriptionPlan.name))
    return {row.code: row for row in found}


# ── what is made of it ───────────────────────────────────────────────────────────


def _notice(row: RecordedNotice, known: _Known, public_url: str) -> Notice:
    execution = known.executions.get(row.execution_id)
    run = known.runs.get(execution.run_id if execution else row.run_id)
    account = known.accounts.get(row.aws_account_id)
    task = known.tasks.get(row.task_id or (execution.task_id if execution else None))
    error = row.facts.get("error") or _own_error(row, execution)
    detail = _DETAILS.get(row.event, _as_written)(row, known)
    happened = Happened(
        event=row.event,
        task=task.name if task else None,
        account=_called(account),
        error=error,
        detail=detail,
    )
    severity, title, lines = words(happened)
    return Notice(
        id=row.id,
        event=row.event,
        at=row.at,
        severity=severity,
        organization=known.organization,
        title=title,
        lines=lines,
        link=public_url + _path(row, has_task=task is not None),
        account=_account(account),
        task=_named(task) if task else None,
        run_id=run.id if run else row.run_id,
        execution_id=row.execution_id,
        problem_id=row.problem_id,
        services=_services(row, run, error),
        error=_error(error),
        detail=detail,
    )


def _named(row: Row[*tuple[Any, ...]]) -> Named:
    return Named(id=row.id, name=row.name)


def _called(account: Row[*tuple[Any, ...]] | None) -> str | None:
    """The name that people gave it, and what AWS knows it by."""
    if account is None:
        return None
    if account.name in ("", account.account_id):
        return str(account.account_id)
    return f"{plain(account.name, 60)} ({account.account_id})"


def _account(account: Row[*tuple[Any, ...]] | None) -> NotedAccount | None:
    if account is None:
        return None
    return NotedAccount(id=account.id, number=account.account_id, name=account.name)


_OF_EXECUTION = frozenset(
    {
        NoticeEvent.EXECUTION_FAILED,
        NoticeEvent.EXECUTION_INTERRUPTED,
        NoticeEvent.EXECUTION_CANCELLED,
        NoticeEvent.EXECUTION_SKIPPED,
    }
)


def _own_error(
    row: RecordedNotice, execution: Row[*tuple[Any, ...]] | None
) -> Mapping[str, Any] | None:
    """What ended it; an execution that has finished does not change any more."""
    if execution is None or row.event not in _OF_EXECUTION:
        return None
    error: Mapping[str, Any] | None = execution.error
    return error


def _error(error: Mapping[str, Any] | None) -> NotedError | None:
    if error is None:
        return None
    return NotedError(**{name: error.get(name) for name in NotedError.model_fields})


def _services(
    row: RecordedNotice,
    run: Row[*tuple[Any, ...]] | None,
    error: Mapping[str, Any] | None,
) -> tuple[str, ...]:
    """Which it is about: the one that was read or that failed, else the task's."""
    if "service" in row.facts:
        return (row.facts["service"],)
    if row.problem_id is not None and error and error.get("service"):
        return (error["service"],)
    return tuple(run.services) if run else ()


_PLACES: Mapping[NoticeEvent, str] = {
    NoticeEvent.SUBSCRIPTION_CHANGED: "/subscription",
    NoticeEvent.SUBSCRIPTION_READ_ONLY: "/subscription",
    NoticeEvent.USAGE_NEAR: "/usage",
    NoticeEvent.USAGE_REACHED: "/usage",
    NoticeEvent.CHANNEL_FAILING: "/notifications",
    NoticeEvent.CHANNEL_RECOVERED: "/notifications",
}


def _path(row: RecordedNotice, *, has_task: bool) -> str:
    """Where the console shows it: the nearest thing to what happened."""
    if row.event in _PLACES:
        return _PLACES[row.event]
    places = (
        ("problems", row.problem_id),
        ("aws-credentials", row.facts.get("credentials_id")),
        ("executions", row.execution_id),
        ("tasks", row.task_id if has_task else None),
        ("accounts", row.aws_account_id),
    )
    return next((f"/{place}/{id}" for place, id in places if id is not None), "/")


# ── `detail`: counts and words of the event's kind ───────────────────────────────


Detail = dict[str, Any]


def _as_written(row: RecordedNotice, _known: _Known) -> Detail:
    return {name: value for name, value in row.facts.items() if name != "error"}


def _of_execution(row: RecordedNotice, known: _Known) -> Detail:
    execution = known.executions.get(row.execution_id)
    run = known.runs.get(execution.run_id if execution else row.run_id)
    detail = _as_written(row, known)
    if run is not None:
        detail |= {
            "trigger": run.trigger.value,
            "scheduled_for": _instant(run.scheduled_for),
        }
    if execution is None:
        return detail | (_of_slots(run) if run is not None else {})
    return detail | {
        "status": execution.status.value,
        "reason": execution.reason,
        "attempts": execution.attempt,
        "retries": execution.retry_no,
        "verdict": execution.verdict,
        "counts": execution.counts or {},
        "units_not_read": execution.not_read or 0,
    }


def _of_slots(run: Row[*tuple[Any, ...]]) -> Detail:
    """Slots that were not run, which may be many."""
    return {
        "reason": run.reason,
        "slots": run.slots,
        "scheduled_until": _instant(run.scheduled_until),
    }


def _of_health(row: RecordedNotice, known: _Known) -> Detail:
    execution = known.executions.get(row.execution_id)
    counts = (execution.counts or {}) if execution else {}
    return _as_written(row, known) | {"counts": counts}


def _of_credentials(row: RecordedNotice, known: _Known) -> Detail:
    credentials = known.credentials.get(UUID(row.facts["credentials_id"]))
    name = credentials.name if credentials else None
    return _as_written(row, known) | {"name": name}


def _of_subscription(row: RecordedNotice, known: _Known) -> Detail:
    """Plans by their names, as people know them."""
    detail = _as_written(row, known)
    for name in ("plan", "plan_before"):
        plan = known.plans.get(detail.get(name))
        detail[name] = plan.name if plan else detail.get(name)
    return detail


def _instant(at: Any) -> str | None:
    return None if at is None else at.isoformat()


_DETAILS: Mapping[NoticeEvent, Callable[[RecordedNotice, _Known], Detail]] = {
    NoticeEvent.EXECUTION_SUCCEEDED: _of_execution,
    NoticeEvent.EXECUTION_FAILED: _of_execution,
    NoticeEvent.EXECUTION_INTERRUPTED: _of_execution,
    NoticeEvent.EXECUTION_CANCELLED: _of_execution,
    NoticeEvent.EXECUTION_SKIPPED: _of_execution,
    NoticeEvent.EXECUTION_RECOVERED: _of_execution,
    NoticeEvent.HEALTH_DEGRADED: _of_health,
    NoticeEvent.HEALTH_RECOVERED: _of_health,
    NoticeEvent.CREDENTIALS_INVALID: _of_credentials,
    NoticeEvent.CREDENTIALS_RECOVERED: _of_credentials,
    NoticeEvent.SUBSCRIPTION_CHANGED: _of_subscription,
}
