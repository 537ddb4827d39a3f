"""Runs again what failed: by a filter, with what became of each execution."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Uuid,
    and_,
    cast,
    extract,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.actor import Actor
from app.core.errors import FieldError, Invalid, NotFound
from app.models.aws_account import AWSAccount
from app.models.problem import Problem
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import Task
from app.schemas.reruns import MOST_RERUN, Outcome, Rerun, RerunInput, RerunItem
from app.services import idempotency, resolutions, run_records, runs, tasks, usage
from app.services.decisions.status import has_ended
from app.services.decisions.usage import Allowances
from app.services.run_records import Startable
from app.services.scoping import (
    on_visible_account,
    visible_accounts,
    visible_tasks,
)

Row = TypeVar("Row", Problem, Task, AWSAccount)

# How far the clock of a process that makes ids may be behind the database's.
MOST_BEHIND = timedelta(days=2)


class _Candidate(NamedTuple):
    id: UUID
    task_id: UUID
    aws_account_id: UUID
    status: Status
    followed: bool  # by another execution of its task on its account
    as_scheduled: bool  # works with the parameters of its task's schedule
    matches: bool  # the filter; else it is here because it was named
    of: int  # how many there are, with those beyond MOST_RERUN


async def rerun(
    session: AsyncSession,
    actor: Actor,
    wanted: RerunInput,
    *,
    idempotency_key: str | None,
) -> Rerun:
    """Start each task once, on the accounts where it is wanted. Raises Invalid for an
    id that the actor does not see."""

    async def act() -> idempotency.Response:
        return (await _rerun(session, actor, wanted)).model_dump(mode="json")

    answer = await idempotency.once(
        session,
        actor,
        act,
        route="executions.rerun",
        key=idempotency_key,
        request=wanted.model_dump(mode="json"),
    )
    return Rerun.model_validate(answer)


async def _rerun(session: AsyncSession, actor: Actor, wanted: RerunInput) -> Rerun:
    problem = await _refuse_unknown(session, actor, wanted)
    filters = list(_filters(wanted, problem))
    if wanted.execution_ids is None:
        filters += [TaskExecution.status.in_(wanted.status), ~_followed()]
        found = await _candidates(session, [_visible(actor), *filters])
    else:
        # Each that is named is answered, whatever became of it.
        named = TaskExecution.id.in_(wanted.execution_ids)
        found = await _candidates(session, [_visible(actor), named], filters)
    items: dict[UUID, RerunItem] = {}
    ready: dict[UUID, list[_Candidate]] = defaultdict(list)
    for one in found:
        why_not = await _why_not(session, actor, one)
        if why_not is not None:
            items[one.id] = _item(one, why_not)
        else:
            ready[one.task_id].append(one)
    # In one order everywhere, so that no two requests lock two tasks crosswise; and all
    # before what the plan leaves, which who holds one of them may wait for.
    await run_records.startable(session, actor.organization_id, ready, lock=True)
    left = await usage.allowance(session, actor.organization_id)
    for task_id in sorted(ready):
        for item in await _start(session, actor, task_id, ready[task_id], left):
            items[item.execution_id] = item
    return Rerun(
        items=[items[one.id] for one in found],
        not_shown=found[0].of - len(found) if found else 0,
    )


# ── which ────────────────────────────────────────────────────────────────────────


async def _refuse_unknown(
    session: AsyncSession, actor: Actor, wanted: RerunInput
) -> Problem | None:
    """The problem that is named. Raises Invalid with each id that is not seen."""
    problem = await _seen(
        session, Problem, wanted.problem_id, _of_actor(actor, Problem)
    )
    task = await _seen(session, Task, wanted.task_id, visible_tasks(actor))
    account = await _seen(
        session, AWSAccount, wanted.account_id, visible_accounts(actor)
    )
    named = wanted.execution_ids or []
    seen = set(
        await session.scalars(
            select(TaskExecution.id).where(_visible(actor), TaskExecution.id.in_(named))
        )
    )
    unknown = [
        *(["/problem_id"] if wanted.problem_id and problem is None else []),
        *(["/task_id"] if wanted.task_id and task is None else []),
        *(["/account_id"] if wanted.account_id and account is None else []),
        *(f"/execution_ids/{i}" for i, id in enumerate(named) if id not in seen),
    ]
    if unknown:
        raise Invalid(
            f"Look at {', '.join(unknown)}.",
            fields=tuple(
                FieldError(pointer, "unknown", "There is no such thing.")
                for pointer in unknown
            ),
        )
    return problem


async def _seen(
    session: AsyncSession,
    table: type[Row],
    id: UUID | None,
    is_visible: ColumnElement[bool],
) -> Row | None:
    if id is None:
        return None
    found: Row | None = await session.scalar(
        select(table).where(is_visible, table.id == id)
    )
    return found


def _filters(
    wanted: RerunInput, problem: Problem | None
) -> Iterator[ColumnElement[bool]]:
    row = TaskExecution
    if wanted.task_id is not None:
        yield row.task_id == wanted.task_id
    if wanted.account_id is not None:
        yield row.aws_account_id == wanted.account_id
    if wanted.category is not None:
        yield row.error["category"].astext == wanted.category
    if wanted.since is not None:
        yield row.created_at >= wanted.since
    if wanted.until is not None:
        yield row.created_at < wanted.until
    if problem is not None:
        yield row.aws_account_id == problem.aws_account_id
        for member in ("category", "code", "missing_action"):
            same = row.error[member].astext
            yield same.is_not_distinct_from(getattr(problem, member))


def _of_actor(actor: Actor, table: Any) -> ColumnElement[bool]:
    return on_visible_account(actor, table.organization_id, table.aws_account_id)


def _visible(actor: Actor) -> ColumnElement[bool]:
    return _of_actor(actor, TaskExecution)


def _followed() -> ColumnElement[bool]:
    """By the database's instants: ids tell the time of the process that made them."""
    row, newer = TaskExecution, aliased(TaskExecution)
    return (
        select(newer.id)
        .where(
            newer.organization_id == row.organization_id,
            newer.task_id == row.task_id,
            newer.aws_account_id == row.aws_account_id,
            tuple_(newer.created_at, newer.id) > tuple_(row.created_at, row.id),
            newer.id >= _first_id_of(row.created_at - MOST_BEHIND),
        )
        # Where there is one, it is met at the index's end, whatever came before.
        .order_by(newer.id.desc())
        .limit(1)
        .scalar_subquery()
        .is_not(None)
    )


def _first_id_of(instant: ColumnElement[Any]) -> ColumnElement[UUID]:
    """`ids.first_id_of`, of what only the database knows."""
    milliseconds = cast(extract("epoch", instant) * 1000, BigInteger)
    digits = func.lpad(func.to_hex(milliseconds), 12, "0")
    return cast(func.rpad(digits, 32, "0"), Uuid)


async def _candidates(
    session: AsyncSession,
    conditions: Sequence[ColumnElement[bool]],
    filters: Sequence[ColumnElement[bool]] = (),
) -> list[_Candidate]:
    """In one statement: between two, another request may have run them again."""
    statement = (
        select(
            TaskExecution.id,
            TaskExecution.task_id,
            TaskExecution.aws_account_id,
            TaskExecution.status,
            _followed(),
            run_records.AS_SCHEDULED,
            and_(true(), *filters),
            func.count().over(),
        )
        .join(TaskRun, TaskRun.id == TaskExecution.run_id)
        .where(*conditions)
        .order_by(TaskExecution.id.desc())
        .limit(MOST_RERUN)
    )
    return [_Candidate(*row) for row in await session.execute(statement)]


# ── whether ──────────────────────────────────────────────────────────────────────


async def _why_not(
    session: AsyncSession, actor: Actor, one: _Candidate
) -> Outcome | None:
    if not one.matches:
        return "filtered_out"
    if not has_ended("execution", one.status):
        return "unfinished"
    if one.followed:
        return "superseded"
    if one.status is Status.SUCCEEDED:
        return "succeeded"
    is_open = one.status is Status.INTERRUPTED and not await resolutions.is_resolved(
        session, actor.organization_id, one.id
    )
    return "unresolved" if is_open else None


async def _start(
    session: AsyncSession,
    actor: Actor,
    task_id: UUID,
    wanted: Sequence[_Candidate],
    left: Allowances,
) -> list[RerunItem]:
    try:
        task = await tasks.get(session, actor, task_id, lock=True)
    except NotFound:
        # Deleted, or one that a scoped actor does not see as a whole.
        return [_item(one, "task_deleted") for one in wanted]
    startable = (await run_records.startable(session, task.organization_id, [task.id]))[
        0
    ]
    if await run_records.in_the_way(session, [startable]):
        return [_item(one, "already_running") for one in wanted]
    # Another request may have run them again while this one waited for the task.
    still = [_visible(actor), TaskExecution.id.in_([one.id for one in wanted])]
    followed = {one.id for one in await _candidates(session, still) if one.followed}
    targets = (await run_records.targets(session, [startable]))[task.id]
    paused = (await run_records.paused_targets(session, [startable]))[task.id]
    why_not: dict[UUID, Outcome] = {}
    for one in wanted:
        if one.id in followed:
            why_not[one.id] = "superseded"
        elif one.aws_account_id in paused:
            why_not[one.id] = "account_paused"
        elif one.aws_account_id not in targets:
            why_not[one.id] = "not_targeted"
    ready = [one for one in wanted if one.id not in why_not]
    if ready and left.take(actor.organization_id, len(ready)) is not None:
        why_not |= {one.id: "plan_limit" for one in ready}
        ready = []
    made = await _record(session, actor, startable, ready)
    return [
        _item(one, why_not[one.id])
        if one.id in why_not
        else _item(one, "started", made=made[one.aws_account_id])
        for one in wanted
    ]


async def _record(
    session: AsyncSession, actor: Actor, task: Startable, wanted: Sequence[_Candidate]
) -> dict[UUID, TaskExecution]:
    """The executions that run them again, by their accounts: those of slots with the
    parameters of slots, in a run of their own."""
    accounts: dict[bool, list[UUID]] = defaultdict(list)
    for one in wanted:
        accounts[one.as_scheduled].append(one.aws_account_id)
    run_ids = [
        await runs.record_manual(session, actor, task, of_kind, as_scheduled=kind)
        for kind, of_kind in accounts.items()
    ]
    made = await session.scalars(
        select(TaskExecution).where(
            TaskExecution.organization_id == actor.organization_id,
            TaskExecution.run_id.in_(run_ids),
        )
    )
    return {execution.aws_account_id: execution for execution in made}


def _item(
    one: _Candidate,
    outcome: Outcome,
    *,
    made: TaskExecution | None = None,
) -> RerunItem:
    return RerunItem(
        execution_id=one.id,
        task_id=one.task_id,
        aws_account_id=one.aws_account_id,
        outcome=outcome,
        run_id=made and made.run_id,
        new_execution_id=made and made.id,
    )
