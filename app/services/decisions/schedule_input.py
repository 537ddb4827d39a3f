"""Schedules to and from their JSON form, and what is refused about them.

    {"kind": "on_demand"}
    {"kind": "daily", "time": "09:00"}
    {"kind": "weekly", "days": ["mon", "fri"], "time": "09:00"}
    {"kind": "monthly", "day": 31, "time": "09:00"}         or "day": "last"
    {"kind": "once", "at": "2026-12-24T18:00:00", "parameters": {…}}
    {"kind": "cron", "expression": "0 9 * * 1-5"}           or cron(…), rate(…), at(…)

Each may add `timezone` and `jitter_seconds`, and those that repeat `starts_at` and
`ends_at`; a rate has an `anchor`. Times without an offset are wall clocks of the
schedule's zone.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from app.services.decisions.expressions import Rate, read_expression
from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.members import WEEKDAYS, Members, refused
from app.services.decisions.schedules import (
    Cron,
    Daily,
    Monthly,
    Once,
    OnDemand,
    Rule,
    Schedule,
    Weekly,
    next_slot,
    shortest_interval,
)
from app.services.decisions.zones import EPOCH, SECOND
from app.services.decisions.zones import zone as zone_named

_ANY = frozenset({"kind", "timezone"})
_DELAYED = _ANY | {"jitter_seconds"}
_REPEATING = _DELAYED | {"starts_at", "ends_at"}
_MEMBERS = {
    "on_demand": _ANY,
    "daily": _REPEATING | {"time"},
    "weekly": _REPEATING | {"days", "time"},
    "monthly": _REPEATING | {"day", "time"},
    "once": _DELAYED | {"at", "parameters"},
    "cron": _REPEATING | {"expression", "anchor"},
}


def new_schedule(
    data: Mapping[str, Any], *, default_timezone: str, now: datetime
) -> Schedule:
    """A schedule that is made or changed at `now`. A rate without an anchor is counted
    from its start, or from now; a schedule without a slot still to come is refused.

    Raises ImpossibleSchedule naming the member at fault.
    """
    members = dict(data)
    if _is_rate(members) and members.get("anchor") is None:
        start = members.get("starts_at")
        members["anchor"] = _text(now) if start is None else start
    schedule = parse_schedule(members, default_timezone=default_timezone)
    _refuse_the_past(schedule, now)
    return schedule


def parse_schedule(data: Mapping[str, Any], *, default_timezone: str) -> Schedule:
    """A schedule as it was stored. Raises ImpossibleSchedule naming the member at
    fault; whether its time is over is not looked at."""
    members = Members(data)
    kind = members.text("kind")
    if kind not in _MEMBERS:
        known = ", ".join(_MEMBERS)
        raise refused("kind", "unknown_kind", f"{kind!r} is none of {known}")
    members.only(_MEMBERS[kind], kind)
    timezone = members.text("timezone", default_timezone)
    zone = zone_named(timezone)
    schedule = Schedule(
        rule=_rule(kind, members, zone),
        timezone=timezone,
        starts_at=members.instant("starts_at", zone),
        ends_at=members.instant("ends_at", zone),
        jitter=members.duration("jitter_seconds"),
    )
    _refuse_contradictions(schedule)
    return schedule


@lru_cache(maxsize=16_384)
def read_schedule(stored: str, *, default_timezone: str) -> Schedule:
    """The same from the text of its JSON form, remembered. Raises ImpossibleSchedule
    and nothing else, whatever JSON is stored."""
    members = json.loads(stored)
    if not isinstance(members, dict):
        raise ImpossibleSchedule.field(
            "/schedule", "wrong_type", "A schedule is an object"
        )
    return parse_schedule(members, default_timezone=default_timezone)


def timing_to_json(schedule: Schedule) -> dict[str, Any]:
    """When it runs and nothing else: parameters are not for those who only tick."""
    members = to_json(schedule)
    members.pop("parameters", None)
    return members


def to_json(schedule: Schedule) -> dict[str, Any]:
    """What `parse_schedule` reads back as an equal schedule."""
    return {
        **_rule_to_json(schedule.rule),
        "timezone": schedule.timezone,
        **({"starts_at": _text(schedule.starts_at)} if schedule.starts_at else {}),
        **({"ends_at": _text(schedule.ends_at)} if schedule.ends_at else {}),
        **({"jitter_seconds": schedule.jitter // SECOND} if schedule.jitter else {}),
    }


def _rule(kind: str, members: Members, zone: ZoneInfo) -> Rule:
    match kind:
        case "daily":
            return Daily(members.time("time"))
        case "weekly":
            return Weekly(members.weekdays("days"), members.time("time"))
        case "monthly":
            return Monthly(members.day_of_month("day"), members.time("time"))
        case "once":
            return Once(members.moment("at"), members.mapping("parameters"))
        case "cron":
            return _cron(members, zone)
    return OnDemand()


def _cron(members: Members, zone: ZoneInfo) -> Cron:
    expression = members.text("expression")
    anchor = members.instant("anchor", zone)
    is_rate = isinstance(read_expression(expression), Rate)
    if is_rate and anchor is None:
        raise refused("anchor", "required", "A rate is counted from an anchor")
    if anchor is not None and not is_rate:
        raise refused("anchor", "unexpected_member", "Only a rate has an anchor")
    return Cron(expression, anchor)


def _rule_to_json(rule: Rule) -> dict[str, Any]:
    match rule:
        case OnDemand():
            members: dict[str, Any] = {"kind": "on_demand"}
        case Daily():
            members = {"kind": "daily", "time": f"{rule.time:%H:%M}"}
        case Weekly():
            days = [WEEKDAYS[day] for day in rule.days]
            members = {"kind": "weekly", "days": days, "time": f"{rule.time:%H:%M}"}
        case Monthly():
            time = f"{rule.time:%H:%M}"
            members = {"kind": "monthly", "day": rule.day, "time": time}
        case Once():
            members = {"kind": "once", "at": _text(rule.at)}
            if rule.parameters is not None:
                members["parameters"] = dict(rule.parameters)
        case Cron():
            members = {"kind": "cron", "expression": rule.expression}
            if rule.anchor is not None:
                members["anchor"] = _text(rule.anchor)
    return members


def _refuse_contradictions(schedule: Schedule) -> None:
    start, end = schedule.starts_at, schedule.ends_at
    if start is not None and end is not None and end <= start:
        raise refused(
            "ends_at", "ends_before_it_starts", "The end is not after the start"
        )
    if schedule.jitter:
        shortest = shortest_interval(schedule)
        if shortest is not None and schedule.jitter > shortest:
            raise refused(
                "jitter_seconds",
                "jitter_too_long",
                f"Slots come every {shortest // SECOND} seconds at their closest",
            )


def _refuse_the_past(schedule: Schedule, now: datetime) -> None:
    """Exact, also for a cron expression that only ever matches skipped local times."""
    if isinstance(schedule.rule, OnDemand) or next_slot(schedule, now) is not None:
        return
    member = _member_that_decides(schedule)
    if next_slot(schedule, EPOCH) is None:
        raise refused(member, "never_fires", "There is no slot at all")
    raise refused(member, "in_the_past", "No slot is left, the last one is past")


def _member_that_decides(schedule: Schedule) -> str:
    if isinstance(schedule.rule, Once):
        return "at"
    return "expression" if schedule.ends_at is None else "ends_at"


def _is_rate(members: Mapping[str, Any]) -> bool:
    expression = members.get("expression")
    if members.get("kind") != "cron" or not isinstance(expression, str):
        return False
    return isinstance(read_expression(expression), Rate)


def _text(moment: datetime) -> str:
    text = moment.isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")
