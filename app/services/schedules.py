"""Schedules before they are saved: what they mean, and when they would run."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.schemas.schedules import PlannedRun, ScheduleDefinition, SchedulePreview
from app.services.decisions.schedule_input import (
    new_schedule,
    parse_schedule,
    read_schedule,
    to_json,
)
from app.services.decisions.schedule_words import (
    clock_change_rule,
    in_words,
)
from app.services.decisions.schedule_words import preview as next_runs
from app.services.decisions.schedules import Schedule, shortest_interval

DEFAULT_TIMEZONE = "UTC"


async def app_now(session: AsyncSession) -> datetime:
    """The database's time, by which everything is due."""
    now: datetime | None = await session.scalar(select(func.app_now()))
    assert now is not None
    return now


def made_at(definition: ScheduleDefinition, now: datetime) -> Schedule:
    """The schedule that is made or changed now. Raises ImpossibleSchedule."""
    members = definition.model_dump(mode="json")
    return new_schedule(members, default_timezone=DEFAULT_TIMEZONE, now=now)


def stored(members: dict[str, Any]) -> Schedule:
    """The schedule of a task, from its JSON form."""
    return parse_schedule(members, default_timezone=DEFAULT_TIMEZONE)


def stored_in_words(members: dict[str, Any]) -> str:
    """The same as a sentence; what was told once is remembered."""
    return _in_words(json.dumps(members))


@lru_cache(maxsize=16_384)
def _in_words(stored: str) -> str:
    return in_words(read_schedule(stored, default_timezone=DEFAULT_TIMEZONE))


def planned_runs(schedule: Schedule, now: datetime, count: int) -> list[PlannedRun]:
    return [
        PlannedRun.model_validate(one) for one in next_runs(schedule, now, count=count)
    ]


async def preview(
    session: AsyncSession, definition: ScheduleDefinition, *, count: int
) -> SchedulePreview:
    """The next `count` runs in UTC and in the schedule's zone, and the whole in words.

    Raises ImpossibleSchedule naming the member at fault.
    """
    now = await app_now(session)
    schedule = made_at(definition, now)
    shortest = shortest_interval(schedule)
    return SchedulePreview(
        in_words=in_words(schedule),
        clock_changes=clock_change_rule(schedule),
        schedule=ScheduleDefinition.model_validate(to_json(schedule)),
        shortest_interval_seconds=(
            None if shortest is None else int(shortest.total_seconds())
        ),
        runs=planned_runs(schedule, now, count),
    )
