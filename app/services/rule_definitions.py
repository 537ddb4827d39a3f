"""Rules between their rows, their schema and the decision; and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import FieldError, Invalid
from app.core.notice import Severity
from app.models.aws_account import AWSAccount
from app.models.notification import NotificationChannel
from app.models.task import Task
from app.schemas.notification_rules import (
    WEEKDAYS,
    DefinedDigest,
    DefinedQuietHours,
    DefinedRule,
    RuleFilters,
    RuleInput,
    RuleRead,
)
from app.services.decisions.routing import BEGINNINGS, Filters, Rule
from app.services.decisions.telling_times import Digest, QuietHours
from app.services.decisions.zones import unknown_zone


def in_zone(
    entry: RuleInput, zone: str, *, before: RuleRead | None = None
) -> DefinedRule:
    """The rule with a zone for its times of day: the one that is given, else the one
    that they had before, else `zone`."""
    given = {name: getattr(entry, name) for name in RuleInput.model_fields}
    for name, kind in _TIMES.items():
        times, had = given[name], getattr(before, name, None)
        if times is not None:
            named = times.timezone or (had.timezone if had is not None else zone)
            given[name] = kind(**times.model_dump() | {"timezone": named})
    return DefinedRule.model_construct(**given)


_TIMES: Mapping[str, type[DefinedDigest | DefinedQuietHours]] = {
    "digest": DefinedDigest,
    "quiet_hours": DefinedQuietHours,
}


def decided_by(id: UUID, defined: DefinedRule) -> Rule:
    """The rule as the decision takes it."""
    return Rule(
        id=id,
        name=defined.name,
        events=frozenset(defined.events),
        channel_ids=tuple(defined.channel_ids),
        filters=_filters(defined.filters),
        after=defined.after,
        delay=timedelta(seconds=defined.delay_seconds),
        repeat=(
            None
            if defined.repeat_seconds is None
            else timedelta(seconds=defined.repeat_seconds)
        ),
        recovery=defined.recovery,
        digest=None if defined.digest is None else _digest(defined.digest),
        quiet_hours=(
            None if defined.quiet_hours is None else _quiet(defined.quiet_hours)
        ),
    )


def _filters(given: RuleFilters) -> Filters:
    return Filters(
        categories=None if given.categories is None else frozenset(given.categories),
        services=None if given.services is None else frozenset(given.services),
        account_ids=None if given.account_ids is None else frozenset(given.account_ids),
        labels=given.selector,
        task_ids=None if given.task_ids is None else frozenset(given.task_ids),
        severity=Severity[given.severity.upper()],
    )


def _digest(given: DefinedDigest) -> Digest:
    day = 0 if given.day is None else WEEKDAYS.index(given.day)
    at = time.fromisoformat(given.at)
    return Digest(given.every, at, given.timezone, day=day)


def _quiet(given: DefinedQuietHours) -> QuietHours:
    return QuietHours(
        begin=time.fromisoformat(given.begin),
        until=time.fromisoformat(given.until),
        timezone=given.timezone,
        critical_passes=given.critical_passes,
    )


# ── what is refused ──────────────────────────────────────────────────────────────


async def check(
    session: AsyncSession, actor: Actor, wanted: DefinedRule, *, at: str = ""
) -> None:
    """Raises Invalid naming all that is wrong: what would never be told, and what names
    something that there is not. `at` is where the rule stands in the input."""
    wrong = [*_never(wanted), *_zones(wanted)]
    wrong += await unknown_channels(session, actor, wanted.channel_ids, "/channel_ids")
    wrong += await _unknown(
        session,
        wanted.filters.account_ids or (),
        select(AWSAccount.id).where(
            AWSAccount.organization_id == actor.organization_id
        ),
        "/filters/account_ids",
    )
    wrong += await _unknown(
        session,
        wanted.filters.task_ids or (),
        select(Task.id).where(Task.organization_id == actor.organization_id),
        "/filters/task_ids",
    )
    if wrong:
        fields = (replace(one, pointer=f"{at}{one.pointer}") for one in wrong)
        raise Invalid("Look at the rule.", fields=tuple(fields))


def _never(wanted: DefinedRule) -> list[FieldError]:
    if BEGINNINGS & set(wanted.events):
        return []
    told = "None of its events goes on for a while, so that this means nothing."
    members: Mapping[str, object] = {
        "after": wanted.after,
        "delay_seconds": wanted.delay_seconds,
        "repeat_seconds": wanted.repeat_seconds,
    }
    return [
        FieldError(f"/{name}", "meaningless", told)
        for name, value in members.items()
        if value
    ]


def _zones(wanted: DefinedRule) -> list[FieldError]:
    named = {"digest": wanted.digest, "quiet_hours": wanted.quiet_hours}
    found = [
        unknown_zone(one.timezone, f"/{name}/timezone")
        for name, one in named.items()
        if one is not None
    ]
    return [one for one in found if one is not None]


async def unknown_channels(
    session: AsyncSession, actor: Actor, ids: Sequence[UUID], pointer: str
) -> list[FieldError]:
    """An error for each channel that there is not."""
    there_are = select(NotificationChannel.id).where(
        NotificationChannel.organization_id == actor.organization_id,
        NotificationChannel.deleted_at.is_(None),
    )
    return await _unknown(session, ids, there_are, pointer)


async def _unknown(
    session: AsyncSession, ids: Sequence[UUID], there_are: Any, pointer: str
) -> list[FieldError]:
    if not ids:
        return []
    (column,) = there_are.selected_columns
    known = set(await session.scalars(there_are.where(column.in_(ids))))
    return [
        FieldError(f"{pointer}/{place}", "unknown", "There is no such thing")
        for place, id in enumerate(ids)
        if id not in known
    ]
