"""Problems: failures with one cause, counted as one, until somebody or a success
closes them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import execute
from app.core.errors import IllegalTransition, NotFound
from app.core.ids import new_id
from app.models.problem import Problem, ProblemStatus
from app.models.run import TaskExecution
from app.services import audit, editing
from app.services.editing import Tags
from app.services.paging import Page, Slice, paginate
from app.services.scoping import on_visible_account

_UNCLOSED = (ProblemStatus.OPEN, ProblemStatus.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The problem that a failure belongs to; `opened` says that it is the first of its
    cause since that was last closed, and so worth a notice."""

    problem_id: UUID
    opened: bool


def fingerprint(aws_account_id: UUID, error: Mapping[str, Any]) -> str:
    """The same for failures with one cause: account, category, code, missing action."""
    cause = [error["category"], error["code"], error.get("missing_action")]
    text = json.dumps([str(aws_account_id), *cause])
    return hashlib.sha256(text.encode()).hexdigest()


async def record_failure(
    session: AsyncSession,
    *,
    organization_id: UUID,
    aws_account_id: UUID,
    execution_id: UUID,
    error: Mapping[str, Any],
) -> Recorded:
    """Count the failure in the unclosed problem of its cause, or open one. A closed
    problem stays closed: what comes back after it is another one."""
    new = insert(Problem).values(
        id=new_id(),
        organization_id=organization_id,
        aws_account_id=aws_account_id,
        fingerprint=fingerprint(aws_account_id, error),
        category=error["category"],
        code=error["code"],
        missing_action=error.get("missing_action"),
        status=ProblemStatus.OPEN,
        count=1,
        first_at=func.app_now(),
        last_at=func.app_now(),
        last_execution_id=execution_id,
        error=dict(error),
    )
    counted = new.on_conflict_do_update(
        index_elements=["organization_id", "fingerprint"],
        index_where=Problem.closed_at.is_(None),
        set_={
            "count": Problem.count + 1,
            "last_at": new.excluded.last_at,
            "last_execution_id": new.excluded.last_execution_id,
            "error": new.excluded.error,
        },
    ).returning(Problem.id, Problem.count)
    problem_id, count = (await session.execute(counted)).one()
    return Recorded(problem_id, opened=count == 1)


_SUFFERED = (
    select(Problem.id)
    .join(
        TaskExecution,
        (TaskExecution.organization_id == Problem.organization_id)
        & (TaskExecution.id == Problem.last_execution_id),
    )
    .where(
        Problem.organization_id == bindparam("tenant_id"),
        Problem.aws_account_id == bindparam("of_account_id"),
        Problem.closed_at.is_(None),
        TaskExecution.task_id == bindparam("of_task_id"),
    )
    # In one order everywhere, so that two recoveries never wait for each other.
    .order_by(Problem.id)
    .with_for_update(of=Problem)
)


async def record_recovery(
    session: AsyncSession,
    *,
    organization_id: UUID,
    aws_account_id: UUID,
    task_id: UUID,
) -> list[UUID]:
    """Close what this task was the last to suffer on this account, now that it has
    succeeded there; the ids of what was closed."""
    of_task = {
        "tenant_id": organization_id,
        "of_account_id": aws_account_id,
        "of_task_id": task_id,
    }
    ids = list((await execute(session, _SUFFERED, of_task)).scalars())
    if ids:
        await session.execute(
            update(Problem)
            .where(Problem.organization_id == organization_id, Problem.id.in_(ids))
            .values(status=ProblemStatus.CLOSED, closed_at=func.app_now())
            .execution_options(synchronize_session=False)
        )
    return ids


async def page_of(
    session: AsyncSession,
    actor: Actor,
    page: Page,
    *,
    status: ProblemStatus | None = None,
    account_id: UUID | None = None,
    category: str | None = None,
) -> Slice[Problem]:
    """The newest first."""
    statement = select(Problem).where(_visible(actor))
    if status is not None:
        statement = statement.where(Problem.status == status)
    if status in _UNCLOSED:
        # By the index of the few that are not closed.
        statement = statement.where(Problem.closed_at.is_(None))
    if account_id is not None:
        statement = statement.where(Problem.aws_account_id == account_id)
    if category is not None:
        statement = statement.where(Problem.category == category)
    return await paginate(session, statement, page, by=[Problem.id])


async def unclosed(session: AsyncSession, actor: Actor) -> Mapping[str, int]:
    """How many are open and how many acknowledged, by status."""
    rows = await session.execute(
        select(Problem.status, func.count())
        .where(_visible(actor), Problem.closed_at.is_(None))
        .group_by(Problem.status)
    )
    found = {status.value: number for status, number in rows}
    return {status.value: found.get(status.value, 0) for status in _UNCLOSED}


async def get(session: AsyncSession, actor: Actor, problem_id: UUID) -> Problem:
    found = await session.scalar(
        select(Problem).where(_visible(actor), Problem.id == problem_id)
    )
    if found is None:
        raise NotFound
    return found


def tag(problem: Problem) -> str:
    """What of it people edit, as one word: not how often it struck."""
    return editing.tag_of(problem.status, problem.note, problem.acknowledged_by)


async def edit(
    session: AsyncSession,
    actor: Actor,
    problem_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected: Tags = None,
) -> Problem:
    """Set `status` (open or acknowledged) and `note`, where they are in `changes`.
    Raises StaleVersion where the present state is not expected, and IllegalTransition
    for the status of a closed one."""
    problem = await session.scalar(
        select(Problem)
        .where(_visible(actor), Problem.id == problem_id)
        .with_for_update(of=Problem)
    )
    if problem is None:
        raise NotFound
    editing.must_match(expected, tag(problem))
    if "status" in changes:
        _move(problem, actor, ProblemStatus(changes["status"]))
    if "note" in changes:
        problem.note = changes["note"]
    await session.flush()
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="problem.edit",
        subject_type="problem",
        subject_id=problem.id,
        detail={name: str(value) for name, value in changes.items()},
    )
    return problem


def _move(problem: Problem, actor: Actor, status: ProblemStatus) -> None:
    if problem.status == ProblemStatus.CLOSED:
        raise IllegalTransition("It is closed; if it comes back, it is a new problem.")
    is_acknowledged = status == ProblemStatus.ACKNOWLEDGED
    problem.status = status
    problem.acknowledged_by = actor.user_id if is_acknowledged else None


def _visible(actor: Actor) -> Any:
    return on_visible_account(actor, Problem.organization_id, Problem.aws_account_id)
