"""Schedules as they cross the edge, and the preview of one."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictInt, StringConstraints, WithJsonSchema

from app.schemas.base import Input, Output
from app.schemas.json_object import JsonObject

MAX_PREVIEWED_RUNS = 50

# Texts are judged by the rules of schedules, which say what is wrong in words; here
# they are only bounded.
_Text = Annotated[str, StringConstraints(max_length=200)]
_Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAY_OF_MONTH = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 31},
        {"const": "last"},
        {"type": "null"},
    ]
}


def _is_none(value: object) -> bool:
    return value is None


class ScheduleDefinition(Input):
    """When a task is due. Which members belong to which kind:

    - `on_demand`: none
    - `daily`: `time`
    - `weekly`: `days`, `time`
    - `monthly`: `day` (1 to 31, or "last"), `time`
    - `once`: `at`, and `parameters` laid over the task's own for that run
    - `cron`: `expression`, of five fields or as AWS writes it: `cron(0 9 * * ? *)`,
      `rate(1 hour)` (counted from `anchor`), `at(2026-12-24T18:00:00)`

    All but `on_demand` may have `jitter_seconds`, those that repeat `starts_at` and
    `ends_at`. Times without an offset are wall clocks of `timezone`, an IANA name.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "weekly",
                    "days": ["mon", "fri"],
                    "time": "09:00",
                    "timezone": "Europe/Berlin",
                },
                {"kind": "cron", "expression": "rate(1 hour)"},
            ]
        }
    )

    kind: Literal["on_demand", "daily", "weekly", "monthly", "once", "cron"]
    timezone: _Text = "UTC"
    time: _Text | None = Field(None, exclude_if=_is_none)
    days: Annotated[list[_Weekday], Field(max_length=7)] | None = Field(
        None, exclude_if=_is_none
    )
    # A union would name its branches in the pointer of an error.
    day: Annotated[Any, WithJsonSchema(_DAY_OF_MONTH)] = Field(
        None, exclude_if=_is_none
    )
    at: _Text | None = Field(None, exclude_if=_is_none)
    parameters: JsonObject | None = Field(None, exclude_if=_is_none)
    expression: _Text | None = Field(None, exclude_if=_is_none)
    anchor: _Text | None = Field(None, exclude_if=_is_none)
    starts_at: _Text | None = Field(None, exclude_if=_is_none)
    ends_at: _Text | None = Field(None, exclude_if=_is_none)
    jitter_seconds: StrictInt | None = Field(None, exclude_if=_is_none)


class PlannedRun(Output):
    """`local` is the same instant in the schedule's zone; `note` says what a clock
    change or a short month does to it."""

    utc: datetime
    local: datetime
    note: str | None


class SchedulePreviewInput(Input):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "schedule": {
                        "kind": "daily",
                        "time": "02:30",
                        "timezone": "Europe/Berlin",
                    },
                    "count": 3,
                }
            ]
        }
    )

    schedule: ScheduleDefinition
    count: StrictInt = Field(
        5, ge=1, le=MAX_PREVIEWED_RUNS, description="How many runs to tell."
    )


class SchedulePreview(Output):
    """`runs` are fewer than asked for where the schedule ends. `schedule` is what would
    be stored; `shortest_interval_seconds` is null where there is at most one run."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "in_words": "Every day at 02:30, Europe/Berlin.",
                    "clock_changes": (
                        "A local time that the clocks skip runs once, at the first"
                        " instant after the gap; one that they show twice runs once,"
                        " the first time."
                    ),
                    "schedule": {
                        "kind": "daily",
                        "time": "02:30",
                        "timezone": "Europe/Berlin",
                    },
                    "shortest_interval_seconds": 86400,
                    "runs": [
                        {
                            "utc": "2027-03-28T01:00:00Z",
                            "local": "2027-03-28T03:00:00+02:00",
                            "note": (
                                "The clocks skip 02:30 on 2027-03-28; it runs at the"
                                " first instant after, 03:00."
                            ),
                        }
                    ],
                }
            ]
        }
    )

    in_words: str
    clock_changes: str
    schedule: ScheduleDefinition
    shortest_interval_seconds: int | None
    runs: list[PlannedRun]
