"""Routes that will go: they say so in each answer, since when and until when
(docs/api-policy.md)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from email.utils import format_datetime

from fastapi import Request

# Between the first answer that says so and the last one.
SHORTEST_NOTICE_DAYS = 180


def deprecated(*, since: date, sunset: date) -> Callable[[Request], None]:
    """Declares it, first among a route's dependencies, so that refusals say so, too:
    `deprecated=True, dependencies=[Depends(deprecated(since=…, sunset=…)), …]`."""
    if (sunset - since).days < SHORTEST_NOTICE_DAYS:
        raise ValueError(f"A route stays for {SHORTEST_NOTICE_DAYS} days at least")
    headers = {
        "Deprecation": f"@{int(_midnight(since).timestamp())}",  # RFC 9745
        "Sunset": format_datetime(_midnight(sunset), usegmt=True),  # RFC 8594
    }

    def say(request: Request) -> None:
        request.scope["answer_headers"].update(headers)

    say.sunset = sunset  # type: ignore[attr-defined]  # read by tests/walks
    return say


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
