"""How long it takes to say when a task runs next, beside cronsim."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from cronsim import CronSim

from app.services.decisions.schedule_input import read_schedule
from app.services.decisions.schedules import next_slot

ZONES = ("UTC", "Europe/Berlin", "Australia/Lord_Howe")
EXPRESSIONS = (
    "* * * * *",
    "*/5 * * * *",
    "0 9 * * *",
    "0 9 * * 1-5",
    "30 4 1 * *",
    "0 9 L * *",
    "0 9 29 2 *",
)
_START = datetime(2026, 1, 1, tzinfo=UTC)
_STEP = timedelta(hours=7, minutes=11)
_TIMES = 200


@dataclass(frozen=True)
class NextRun:
    """Microseconds, of the median expression; and the ratio of the worst one."""

    ours_us: float
    cronsim_us: float
    worst_ratio: float


def measure() -> NextRun:
    """Each expression in each zone, from its stored text, at the same instants."""
    pairs = [_compare(expression, zone) for expression in EXPRESSIONS for zone in ZONES]
    return NextRun(
        statistics.median(ours for ours, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
        max(ours / theirs for ours, theirs in pairs),
    )


def _compare(expression: str, zone: str) -> tuple[float, float]:
    stored = f'{{"kind":"cron","expression":"{expression}","timezone":"{zone}"}}'
    place = ZoneInfo(zone)

    def ours(now: datetime) -> datetime | None:
        return next_slot(read_schedule(stored, default_timezone="UTC"), now)

    def theirs(now: datetime) -> datetime | None:
        return next(CronSim(expression, now.astimezone(place)))

    return _microseconds(ours), _microseconds(theirs)


def _microseconds(next_run: Callable[[datetime], datetime | None]) -> float:
    nows = [_START + number * _STEP for number in range(_TIMES)]
    best = float("inf")
    for _ in range(3):
        began = perf_counter()
        for now in nows:
            next_run(now)
        best = min(best, perf_counter() - began)
    return best / _TIMES * 1_000_000
