"""Changes of a task: a change of its definition makes a version, enabling and disabling
it make none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.permissions import Permission
from app.models.task import Task, TaskVersion
from app.schemas.schedules import ScheduleDefinition
from app.schemas.tasks import TaskDefinition, TaskPatch, TaskRead
from app.services import (
    due_slots,
    editing,
    plan_limits,
    schedules,
    task_definitions,
    task_dependencies,
    task_notifications,
    task_targets,
    task_versions,
    tasks,
)
from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.schedule_input import timing_to_json, to_json
from app.services.decisions.schedules import OnDemand, Schedule, next_slot
from app.services.decisions.usage import PLAN_LIMIT
from app.services.editing import Tags
from app.services.task_types import task_type

# What decides the units, and which accounts are usable.
_WORK = frozenset({"type", "services", "regions", "parameters", "schedule"})
_AIM = frozenset({"type", "targets"})
_TOLD = "notifications"
_BY_USER = "by_user"


@dataclass(frozen=True, slots=True)
class _Change:
    """The definition as it will be, which of its members differ from the present one,
    and whether the task will be enabled."""

    definition: TaskDefinition
    members: frozenset[str]
    schedule: Schedule
    enabled: bool


async def edit(
    session: AsyncSession,
    actor: Actor,
    task_id: UUID,
    patch: TaskPatch,
    *,
    expected: Tags = None,
) -> TaskRead:
    """Change a task. Raises NotFound, Invalid, ImpossibleSchedule, PlanLimit, and
    StaleVersion where its version is not the expected one."""
    actor.must(Permission.EDIT_TASKS)
    await tasks.get(session, actor, task_id)
    plan = await plan_limits.hold(session, actor.organization_id)
    if "targets" in patch.model_fields_set:
        await task_targets.lock(session, actor, patch.targets)
    if "after" in patch.model_fields_set:
        await task_dependencies.lock(session, actor, patch.after, task_id=task_id)
    task = await tasks.get(session, actor, task_id, lock=True)
    editing.must_match(expected, str(task.version))
    now = await schedules.app_now(session)
    change = await _change(session, actor, task, patch, now)
    await _refuse_impossible(session, actor, task, change)
    was_enabled = task.enabled
    if "schedule" in change.members or (change.enabled and not was_enabled):
        plan_limits.refuse_haste(plan, change.schedule)
    await _time(session, task, change, now)
    if change.members:
        await _define(session, actor, task, change)
    if task.enabled and not was_enabled:
        await _refuse_aimless(session, task)
    if patch.enabled is False and task.disabled_reason == PLAN_LIMIT:
        task.disabled_reason = _BY_USER  # then no larger plan enables it
    task.updated_at = now
    await session.flush()
    await _log(session, actor, task, change, was_enabled=was_enabled)
    return await tasks.describe_one(session, actor, task)


async def _change(
    session: AsyncSession, actor: Actor, task: Task, patch: TaskPatch, now: datetime
) -> _Change:
    """What the patch makes of the task, whose row the caller holds."""
    version = (await task_versions.present(session, [task]))[task.id]
    targets = (await task_targets.of_tasks(session, [task]))[task.id]
    present = task_versions.as_input(version, targets)
    sent = patch.model_dump(mode="json", exclude_unset=True)
    if "after" in sent:
        sent["after"] += await task_dependencies.hidden(session, actor, version)
    enabled = sent.pop("enabled", task.enabled)
    if not sent:
        schedule = schedules.stored(version.schedule)
        untouched = TaskDefinition.model_construct(**present)
        return _Change(untouched, frozenset(), schedule, enabled)
    try:
        definition = TaskDefinition.model_validate(present | sent)
    except ValidationError as error:
        raise task_definitions.invalid(error) from error
    schedule = _schedule(version, definition.schedule, now)
    after = definition.model_dump(mode="json") | {"schedule": to_json(schedule)}
    members = {name for name in sent if _differ(name, present[name], after[name])}
    return _Change(definition, frozenset(members), schedule, enabled)


def _schedule(
    version: TaskVersion, wanted: ScheduleDefinition, now: datetime
) -> Schedule:
    """The present one where the client sends back what it read: its past is no reason
    to refuse another change, and a rate keeps its anchor."""
    if wanted == ScheduleDefinition.model_validate(version.schedule):
        return schedules.stored(version.schedule)
    return schedules.made_at(wanted, now)


def _differ(member: str, before: Any, after: Any) -> bool:
    if member == "targets":
        return _in_order(before) != _in_order(after)
    if member == "after":
        return _by_task(before) != _by_task(after)
    return bool(before != after)


def _in_order(targets: dict[str, Any]) -> tuple[list[str], dict[str, list[str]]]:
    selector = targets.get("selector") or {}
    return (
        sorted(targets.get("account_ids") or []),
        {label: sorted(values) for label, values in selector.items()},
    )


def _by_task(after: list[dict[str, str]]) -> dict[str, str]:
    return {one["task_id"]: one["on"] for one in after}


async def _refuse_impossible(
    session: AsyncSession, actor: Actor, task: Task, change: _Change
) -> None:
    """Looks only at what changes: a task whose account has lost its credentials can
    still be renamed."""
    if change.members & _WORK:
        task_definitions.units_of(change.definition)
    if "after" in change.members:
        after = change.definition.after
        await task_dependencies.refuse_ring(session, actor, task.id, after)
    if change.members & _AIM:
        kind = task_type(change.definition.type).kind
        await task_targets.resolve(session, actor, change.definition.targets, kind)
    if _TOLD in change.members:
        await task_notifications.check(session, actor, change.definition.notifications)


async def _time(
    session: AsyncSession, task: Task, change: _Change, now: datetime
) -> None:
    """Enable or disable the task, and set its next run: the first slot after now where
    it is newly enabled or has another schedule."""
    rescheduled = "schedule" in change.members
    if task.enabled and (rescheduled or not change.enabled):
        reason = "rescheduled" if change.enabled else "disabled"
        await due_slots.close(session, task, now=now, reason=reason)
    if not change.enabled:
        task.next_run_at = None
    elif rescheduled or not task.enabled:
        task.next_run_at = _first_slot(change.schedule, now)
    if change.enabled != task.enabled:
        task.enabled = change.enabled
        task.disabled_reason = None if change.enabled else _BY_USER


def _first_slot(schedule: Schedule, now: datetime) -> datetime | None:
    slot = next_slot(schedule, now)
    if slot is None and not isinstance(schedule.rule, OnDemand):
        raise ImpossibleSchedule.field(
            "/schedule", "in_the_past", "No slot is left; give it another schedule"
        )
    return slot


async def _define(
    session: AsyncSession, actor: Actor, task: Task, change: _Change
) -> None:
    definition = change.definition
    task.version += 1
    task.name = definition.name
    task.kind = task_type(definition.type).kind
    task.schedule = timing_to_json(change.schedule)
    task.timezone = change.schedule.timezone
    task.priority = definition.priority
    task.overlap = definition.overlap
    task.misfire_grace_seconds = definition.misfire_grace_seconds
    task.timeout_seconds = definition.timeout_seconds
    if "targets" in change.members:
        await task_targets.replace(session, task, definition.targets)
    if "after" in change.members:
        await task_dependencies.replace(session, task, definition.after)
    await session.flush()
    await task_versions.add(session, actor, task, definition, change.schedule)
    if _TOLD in change.members:
        await task_notifications.take_over(session, actor)


async def _refuse_aimless(session: AsyncSession, task: Task) -> None:
    targets = (await task_targets.of_tasks(session, [task]))[task.id]
    if not any(targets.values()):
        raise Invalid.field(
            "/targets/account_ids",
            "no_targets",
            "No account is left to this task; name one before it is enabled",
        )


async def _log(
    session: AsyncSession,
    actor: Actor,
    task: Task,
    change: _Change,
    *,
    was_enabled: bool,
) -> None:
    if change.members:
        members = sorted(change.members)
        await tasks.log(session, actor, task, "task.edit", changed=members)
    if task.enabled != was_enabled:
        action = "task.enable" if task.enabled else "task.disable"
        await tasks.log(session, actor, task, action)
