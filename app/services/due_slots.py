"""Slots that are due but were not turned into runs before their task changed: each is
accounted for, as one gap record."""

from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.ids import new_id
from app.models.run import Status, TaskRun, Trigger
from app.models.task import Task
from app.services import schedules, task_versions
from app.services.decisions.schedules import count_slots, last_slot


async def close(
    session: AsyncSession,
    task: Task,
    *,
    now: datetime,
    reason: str,
) -> None:
    """Record the slots up to `now` as skipped, before the task's schedule is replaced
    or stopped. The caller holds the task's row and has not changed it yet."""
    slot = task.next_run_at
    if slot is None or slot > now:
        return
    schedule = schedules.stored(task.schedule)
    version = (await task_versions.present(session, [task]))[task.id]
    just_after = now + timedelta(microseconds=1)
    last = last_slot(schedule, before=just_after, not_before=slot) or slot
    slots = 1 + count_slots(schedule, slot, last)
    gap = insert(TaskRun).values(
        id=new_id(),
        organization_id=task.organization_id,
        task_id=task.id,
        task_version_id=version.id,
        trigger=Trigger.SCHEDULE,
        scheduled_for=slot,
        scheduled_until=last,
        slots=slots,
        status=Status.SKIPPED,
        reason=reason,
        finished_at=now,
    )
    recorded = gap.on_conflict_do_nothing().returning(TaskRun.id)
    if await session.scalar(recorded) is not None:
        measures.count(session, measures.SLOTS_SKIPPED, slots, reason=reason)
        measures.count(session, measures.GAPS, reason=reason)
