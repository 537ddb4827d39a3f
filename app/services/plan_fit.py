"""Brings what an organization keeps in line with its plan, once that has changed: the
newest excess pauses, and what was paused for the plan goes on when it fits again.
Nothing is deleted, and nobody is refused a smaller plan."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.aws_account import AWSAccount
from app.models.subscription import Subscription, SubscriptionPlan
from app.models.task import Task
from app.models.usage_count import CountedMetric
from app.services import audit, due_slots, plan_limits, schedules
from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.room import fitted
from app.services.decisions.schedules import Schedule, next_slot
from app.services.decisions.usage import PLAN_LIMIT

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fit:
    """What was paused and what goes on again, by their ids, the oldest first."""

    paused_accounts: list[UUID] = field(default_factory=list)
    resumed_accounts: list[UUID] = field(default_factory=list)
    paused_tasks: list[UUID] = field(default_factory=list)
    resumed_tasks: list[UUID] = field(default_factory=list)


class _Planned(NamedTuple):
    """A task with its schedule, which is None where it cannot be read."""

    task: Task
    schedule: Schedule | None


async def fit(session: AsyncSession, organization_id: UUID) -> Fit:
    """Pause and resume, in the transaction that changed the plan. Who changes it has
    locked the subscription before any other row of the organization; here it is locked
    as well, then all accounts, then all tasks, in the order of their ids: nobody who
    makes the organization grow can be among them (`plan_limits.hold`), and those who
    make it smaller lock an account before its tasks."""
    plan = await _locked_plan(session, organization_id)
    accounts = await _locked_accounts(session, organization_id)
    tasks = await _locked_tasks(session, organization_id)
    now = await schedules.app_now(session)
    of_accounts = fitted(
        [one.id for one in accounts if one.paused_at is None],
        [one.id for one in accounts if one.paused_at is not None],
        plan.limits[CountedMetric.AWS_ACCOUNTS],
    )
    await _set_paused(session, organization_id, of_accounts.pause, at=now)
    await _set_paused(session, organization_id, of_accounts.resume, at=None)
    pause, resume = _of_tasks(plan, tasks)
    await _pause(session, organization_id, pause, now)
    await _resume(session, organization_id, resume, now)
    return Fit(
        paused_accounts=[*of_accounts.pause],
        resumed_accounts=[*of_accounts.resume],
        paused_tasks=[task.id for task in pause],
        resumed_tasks=[one.task.id for one in resume],
    )


async def _locked_plan(
    session: AsyncSession, organization_id: UUID
) -> SubscriptionPlan:
    mine = select(Subscription.plan_code).where(
        Subscription.organization_id == organization_id
    )
    code = (await session.scalars(mine.with_for_update())).one()
    return await session.get_one(SubscriptionPlan, code, populate_existing=True)


async def _locked_accounts(
    session: AsyncSession, organization_id: UUID
) -> Sequence[AWSAccount]:
    connected = (
        select(AWSAccount)
        .where(AWSAccount.organization_id == organization_id, AWSAccount.connected)
        .order_by(AWSAccount.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(connected)).all()


async def _locked_tasks(
    session: AsyncSession, organization_id: UUID
) -> Sequence[_Planned]:
    concerned = (
        select(Task)
        .where(
            Task.organization_id == organization_id,
            or_(
                Task.enabled,
                and_(Task.disabled_reason == PLAN_LIMIT, Task.deleted_at.is_(None)),
            ),
        )
        .order_by(Task.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    tasks = await session.scalars(concerned)
    return [_Planned(task, _schedule_of(task)) for task in tasks]


def _schedule_of(task: Task) -> Schedule | None:
    """None where the beat will give the task up, for nobody can read its schedule."""
    try:
        return schedules.stored(task.schedule)
    except ImpossibleSchedule as error:
        log.warning("plan_fit.unreadable", task_id=str(task.id), why=error.detail)
        return None


def _of_tasks(
    plan: SubscriptionPlan, tasks: Sequence[_Planned]
) -> tuple[Sequence[Task], Sequence[_Planned]]:
    """Those to be paused, for they come too often or are too many, and those that go on
    again."""
    hasty = {
        one.task.id
        for one in tasks
        if one.schedule is not None and plan_limits.is_too_hasty(plan, one.schedule)
    }
    rest = [one for one in tasks if one.task.id not in hasty]
    found = fitted(
        [one for one in rest if one.task.enabled],
        [one for one in rest if not one.task.enabled and one.schedule is not None],
        plan.limits[CountedMetric.ENABLED_TASKS],
    )
    too_many = {one.task.id for one in found.pause}
    pause = [
        one.task
        for one in tasks
        if one.task.id in too_many or (one.task.enabled and one.task.id in hasty)
    ]
    return pause, found.resume


async def _set_paused(
    session: AsyncSession,
    organization_id: UUID,
    account_ids: Collection[UUID],
    *,
    at: datetime | None,
) -> None:
    if not account_ids:
        return
    those = update(AWSAccount).where(
        AWSAccount.organization_id == organization_id, AWSAccount.id.in_(account_ids)
    )
    await session.execute(those.values(paused_at=at))
    action = "aws_account.resumed" if at is None else "aws_account.paused"
    await _record(session, organization_id, action, "aws_account", account_ids)


async def _pause(
    session: AsyncSession,
    organization_id: UUID,
    tasks: Collection[Task],
    now: datetime,
) -> None:
    for task in tasks:
        await due_slots.close(session, task, now=now, reason=PLAN_LIMIT)
        task.enabled, task.next_run_at = False, None
        task.disabled_reason, task.updated_at = PLAN_LIMIT, now
    await session.flush()
    ids = [task.id for task in tasks]
    await _record(session, organization_id, "task.disabled", "task", ids)


async def _resume(
    session: AsyncSession,
    organization_id: UUID,
    planned: Collection[_Planned],
    now: datetime,
) -> None:
    """From the first slot after now, as with a task that a member enables again."""
    for task, schedule in planned:
        assert schedule is not None
        task.enabled, task.next_run_at = True, next_slot(schedule, now)
        task.disabled_reason, task.updated_at = None, now
    await session.flush()
    ids = [one.task.id for one in planned]
    await _record(session, organization_id, "task.resumed", "task", ids)


async def _record(
    session: AsyncSession,
    organization_id: UUID,
    action: str,
    subject_type: str,
    subject_ids: Iterable[UUID],
) -> None:
    await audit.record_each(
        session,
        organization_id=organization_id,
        actor="system",
        action=action,
        subject_type=subject_type,
        subject_ids=subject_ids,
        detail={"reason": PLAN_LIMIT},
    )
