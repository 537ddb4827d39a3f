"""Reads the members of a schedule's JSON form, and says which one is wrong."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from app.core.errors import Invalid
from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.zones import SECOND, first_instant, from_epoch

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_YEARS = range(1970, 2200)
_DAYS_OF_MONTH = range(1, 32)
_DAY_SECONDS = 86_400


def refused(member: str, code: str, message: str) -> Invalid:
    name = member.replace("~", "~0").replace("/", "~1")  # RFC 6901
    return ImpossibleSchedule.field(f"/schedule/{name}", code, message)


class Members:
    """Members that are null count as absent."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = {key: value for key, value in data.items() if value is not None}

    def only(self, allowed: frozenset[str], kind: str) -> None:
        for member in self._data:
            if member not in allowed:
                raise refused(
                    member, "unexpected_member", f"{kind} schedules have no {member}"
                )

    def text(self, member: str, default: str | None = None) -> str:
        value = self._present(member) if default is None else self._data.get(member)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise refused(member, "wrong_type", f"{member} is a text")
        return value

    def time(self, member: str) -> time:
        match = _TIME.fullmatch(self.text(member))
        if match is None:
            raise refused(
                member, "not_a_time", "Write hours and minutes, 00:00 to 23:59"
            )
        return time(int(match[1]), int(match[2]))

    def weekdays(self, member: str) -> tuple[int, ...]:
        value = self._present(member)
        if not isinstance(value, list | tuple) or not value:
            raise refused(member, "wrong_type", f"{member} is a list of weekdays")
        for day in value:
            if day not in WEEKDAYS:
                known = ", ".join(WEEKDAYS)
                raise refused(member, "unknown_weekday", f"{day!r} is none of {known}")
        return tuple(sorted({WEEKDAYS.index(day) for day in value}))

    def day_of_month(self, member: str) -> int | Literal["last"]:
        value = self._present(member)
        if value == "last":
            return "last"
        if type(value) is not int or value not in _DAYS_OF_MONTH:
            raise refused(member, "not_a_day", "Write a day from 1 to 31, or last")
        return value

    def duration(self, member: str) -> timedelta:
        """A number of seconds, of at most a day; none is no time at all."""
        value = self._data.get(member, 0)
        if type(value) is not int or not 0 <= value <= _DAY_SECONDS:
            raise refused(
                member, "out_of_range", f"{member} is a whole number, 0 to 86400"
            )
        return value * SECOND

    def instant(self, member: str, zone: ZoneInfo) -> datetime | None:
        """In UTC; a text without an offset is a wall clock of `zone`."""
        if member not in self._data:
            return None
        moment = self.moment(member)
        if moment.tzinfo is None:
            return from_epoch(first_instant(moment, zone))
        return moment

    def moment(self, member: str) -> datetime:
        """In UTC if the text has an offset, otherwise naive."""
        text = self.text(member)
        if not _INSTANT.fullmatch(text):
            raise refused(member, "not_a_date_time", "Write 2026-12-24T18:00:00")
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise refused(
                member, "not_a_date_time", f"There is no such time: {error}"
            ) from error
        if moment.year not in _YEARS:
            raise refused(member, "out_of_range", "Years are 1970 to 2199")
        return moment if moment.tzinfo is None else moment.astimezone(UTC)

    def mapping(self, member: str) -> Mapping[str, Any] | None:
        value = self._data.get(member)
        if value is not None and not isinstance(value, Mapping):
            raise refused(member, "wrong_type", f"{member} is an object")
        return value

    def _present(self, member: str) -> Any:
        if member not in self._data:
            raise refused(member, "required", f"{member} is missing")
        return self._data[member]
