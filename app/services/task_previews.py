"""What a task would do and need, before it is saved: the same checks as saving it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.policy import TooManyActions, policy_for
from app.aws.regions import HOME_REGION
from app.aws.unit import GLOBAL, Unit
from app.core.actor import Actor
from app.core.errors import FieldError, Invalid, NameTaken
from app.core.permissions import Permission
from app.models.subscription import Subscription, SubscriptionPlan
from app.models.task import ActionKind, Task
from app.schemas.task_previews import (
    UNITS_SHOWN,
    AccountPermissions,
    LimitEffect,
    LimitName,
    Permissions,
    PlanEffect,
    PlannedTargets,
    PlannedUnit,
    PlannedUnits,
    TaskPreview,
    TaskPreviewInput,
)
from app.schemas.tasks import ALL_ENABLED
from app.services import (
    preflights,
    schedules,
    task_calls,
    task_definitions,
    task_dependencies,
    task_notifications,
    task_targets,
    usage_reports,
)
from app.services.decisions.schedule_words import in_words
from app.services.decisions.schedules import count_slots, shortest_interval
from app.services.decisions.usage import end_of, month_of
from app.services.scoping import visible_tasks
from app.services.task_types import task_type

_RUNS_SHOWN = 5
_MONTH = timedelta(days=30)
_SURE = {GLOBAL, HOME_REGION}  # asked whatever regions the account has enabled

Bound = Literal["exact", "at_most"]


async def preview(
    session: AsyncSession, actor: Actor, asked: TaskPreviewInput
) -> TaskPreview:
    """Units, calls, permissions, next runs and the effect on the plan's limits. Raises
    what creating the task would raise; nothing is written."""
    actor.must(Permission.EDIT_TASKS)
    await _refuse_a_taken_name(session, actor, asked)
    now = await schedules.app_now(session)
    declared = task_type(asked.type)
    units = task_definitions.units_of(asked)
    schedule = schedules.made_at(asked.schedule, now)
    await task_notifications.check(session, actor, asked.notifications)
    await task_dependencies.check(session, actor, asked.after, task_id=asked.replaces)
    targets = await _targets(session, actor, asked)
    bound: Bound = "at_most" if asked.regions == [ALL_ENABLED] else "exact"
    planned = [_planned(unit) for unit in units]
    calls = await task_calls.calls_of_run(
        session,
        actor,
        targets.account_ids,
        declared.kind,
        [unit for unit in units if bound == "exact" or unit.region in _SURE],
        asks_regions_first=bound == "at_most",
    )
    runs = count_slots(schedule, now, now + _MONTH)
    soon = count_slots(schedule, now, end_of(month_of(now)))
    interval = shortest_interval(schedule)
    needed: dict[LimitName, int | None] = {
        "enabled_tasks": await _enabled_tasks(session, actor, asked),
        "shortest_interval_seconds": (
            None if interval is None else int(interval.total_seconds())
        ),
        "units_per_execution": len(units),
        "executions_per_month": runs * len(targets.account_ids),
        "aws_calls_per_month": runs * calls,
    }
    return TaskPreview(
        kind=declared.kind,
        schedule_in_words=in_words(schedule),
        next_runs=schedules.planned_runs(schedule, now, _RUNS_SHOWN),
        targets=targets,
        units=_units(planned, bound),
        aws_calls_at_least=calls,
        paid_calls=task_calls.paid_calls(units),
        permissions=await _permissions(
            session, actor, targets.account_ids, declared.actions(units), declared.kind
        ),
        plan=await _plan_effect(
            session,
            actor,
            needed,
            bound,
            this_month={
                "executions_per_month": soon * len(targets.account_ids),
                "aws_calls_per_month": soon * calls,
            },
            now=now,
        ),
    )


async def _refuse_a_taken_name(
    session: AsyncSession, actor: Actor, asked: TaskPreviewInput
) -> None:
    """Names are the organization's, also those of tasks that the actor cannot see."""
    await _refuse_an_unknown_task(session, actor, asked)
    same_name = select(Task.id).where(
        Task.organization_id == actor.organization_id,
        Task.name == asked.name,
        Task.deleted_at.is_(None),
        Task.id.is_distinct_from(asked.replaces),
    )
    if await session.scalar(same_name) is not None:
        message = "Another task has this name."
        raise NameTaken(message, fields=(FieldError("/name", "taken", message),))


async def _refuse_an_unknown_task(
    session: AsyncSession, actor: Actor, asked: TaskPreviewInput
) -> None:
    if asked.replaces is None:
        return
    visible = select(Task.id).where(
        visible_tasks(actor), Task.id == asked.replaces, Task.deleted_at.is_(None)
    )
    if await session.scalar(visible) is None:
        raise Invalid.field("/replaces", "unknown", "There is no such task")


async def _targets(
    session: AsyncSession, actor: Actor, asked: TaskPreviewInput
) -> PlannedTargets:
    kind = task_type(asked.type).kind
    accounts = await task_targets.resolve(session, actor, asked.targets, kind)
    usable = await task_targets.with_verified_credentials(
        session, actor, accounts, kind
    )
    return PlannedTargets(
        account_ids=accounts,
        without_verified_credentials=[id for id in accounts if id not in usable],
    )


# ── units ────────────────────────────────────────────────────────────────────────


def _planned(unit: Unit) -> PlannedUnit:
    return PlannedUnit(
        kind=unit.kind,
        service=unit.service,
        region=unit.region,
        key=unit.key,
        not_applicable=task_calls.why_not_applicable(unit),
    )


def _units(planned: Sequence[PlannedUnit], bound: Bound) -> PlannedUnits:
    return PlannedUnits(
        count=len(planned),
        bound=bound,
        not_applicable=sum(one.not_applicable is not None for one in planned),
        items=list(planned[:UNITS_SHOWN]),
        not_shown=max(0, len(planned) - UNITS_SHOWN),
    )


async def _permissions(
    session: AsyncSession,
    actor: Actor,
    accounts: Sequence[UUID],
    actions: Sequence[str],
    kind: ActionKind,
) -> Permissions:
    try:
        policies = policy_for(actions)
    except TooManyActions as error:
        raise Invalid.field("/services", "too_many_actions", str(error)) from error
    known = await preflights.missing_on(
        session, actor, accounts, task_targets.PURPOSES[kind], actions
    )
    return Permissions(
        needed=list(actions),
        accounts=[
            AccountPermissions(
                account_id=account,
                as_of=said[0] if said else None,
                missing=said[1] if said else [],
                unknown=said[2] if said else list(actions),
            )
            for account, said in known.items()
        ],
        policies=policies,
    )


# ── limits ───────────────────────────────────────────────────────────────────────


async def _enabled_tasks(
    session: AsyncSession, actor: Actor, asked: TaskPreviewInput
) -> int:
    """How many there would be in the organization."""
    others = select(func.count()).where(
        Task.organization_id == actor.organization_id,
        Task.enabled,
        Task.id.is_distinct_from(asked.replaces),
    )
    return (await session.execute(others)).scalar_one() + asked.enabled


async def _plan_effect(
    session: AsyncSession,
    actor: Actor,
    needed: Mapping[LimitName, int | None],
    bound: Bound,
    *,
    this_month: Mapping[LimitName, int],
    now: datetime,
) -> PlanEffect:
    statement = (
        select(SubscriptionPlan)
        .join(Subscription, Subscription.plan_code == SubscriptionPlan.code)
        .where(Subscription.organization_id == actor.organization_id)
    )
    plan = (await session.scalars(statement)).one()
    month = await usage_reports.this_month_of(session, actor, now)
    used: dict[LimitName, int] = {
        "executions_per_month": month.executions,
        "aws_calls_per_month": month.aws_calls,
    }
    limits = []
    for name, value in needed.items():
        allowed, soon = plan.limits[name], this_month.get(name)
        left = _left(allowed, used.get(name))
        is_too_much = left is not None and soon is not None and soon > left
        limits.append(
            LimitEffect(
                name=name,
                allowed=allowed,
                needed=value,
                needed_this_month=soon,
                left=left,
                verdict="exceeded"
                if is_too_much
                else _verdict(name, allowed, value, bound),
            )
        )
    return PlanEffect(plan=plan.code, limits=limits)


def _left(allowed: int | None, used: int | None) -> int | None:
    return None if allowed is None or used is None else max(0, allowed - used)


def _verdict(
    name: LimitName, allowed: int | None, needed: int | None, bound: Bound
) -> Literal["within", "exceeded", "unknown"]:
    """Calls are counted from below, the units of `all_enabled` from above: such a
    figure decides in one direction only."""
    if allowed is None or needed is None:
        return "within"
    if name == "shortest_interval_seconds":
        return "exceeded" if needed < allowed else "within"
    if needed <= allowed:
        return "unknown" if name == "aws_calls_per_month" else "within"
    is_upper_bound = name == "units_per_execution" and bound == "at_most"
    return "unknown" if is_upper_bound else "exceeded"
