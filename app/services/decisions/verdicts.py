"""Verdicts: what the resources' own say about the whole, and when they are too old."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from app.services.decisions.coverage import Coverage

Verdict = Literal[
    "healthy",
    "degraded",
    "unhealthy",
    "in_transition",
    "inactive",
    "unknown",
    "no_resources",
]

# The worst first. What is stopped on purpose is worse than nothing, so it comes last
# and decides only where there is nothing else.
WORST_FIRST = (
    "unhealthy",
    "degraded",
    "unknown",
    "in_transition",
    "healthy",
    "inactive",
)


@dataclass(frozen=True, slots=True)
class Health:
    """`verdict` is None where resources exist but no health state does, as for a
    bucket. `reachable` says that every unit that applies was answered, and nothing
    about health."""

    verdict: Verdict | None
    reachable: bool
    reason: str


def roll_up(verdicts: Iterable[str | None], coverage: Coverage) -> Health:
    """The worst decides, and what was not read is unknown. One verdict a resource;
    None for one that has no health state."""
    counts = Counter(verdicts)
    unknown = counts.keys() - {*WORST_FIRST, None}
    if unknown:
        raise ValueError(f"Not a resource's verdict: {sorted(map(str, unknown))}")
    verdict, reason = _decided(counts, coverage)
    return Health(verdict, coverage.is_complete, reason)


def _decided(
    counts: Counter[str | None], coverage: Coverage
) -> tuple[Verdict | None, str]:
    unread = len(coverage.not_read)
    for worst in WORST_FIRST:
        if worst == "unknown" and unread:
            return "unknown", f"{unread} units were not read."
        if counts[worst]:
            many = f"{counts[worst]} of {counts.total()} resources"
            return cast("Verdict", worst), f"{many}: {worst}."
    if counts[None]:
        return None, f"{counts[None]} resources, none with a health state."
    if coverage.read:
        return "no_resources", "Everything was read and there are no resources."
    return "unknown", "Nothing could be read."


def is_stale(
    as_of: datetime, interval: timedelta | None, grace: timedelta, now: datetime
) -> bool:
    """Whether a verdict is older than its task's interval plus grace. Without an
    interval (on demand, once) nothing promised to renew it: it is never stale."""
    return interval is not None and now - as_of > interval + grace
