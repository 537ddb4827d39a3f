"""Routes notices: each once, in the order in which they were written down, to the
channels that rules and tasks name and to the webhook endpoints that ask for its event.

What is decided stands in app/services/decisions/routing.py; here is what it is decided
from, and what is made of it, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.notice import Notice, NoticeEvent
from app.models.notice import RecordedNotice
from app.models.notification import NotificationChannel, WebhookEndpoint
from app.models.notification_rule import NotificationWatch
from app.models.problem import Problem, ProblemStatus
from app.services import (
    deliveries,
    notice_facts,
    notice_surroundings,
    notification_mutes,
    notification_watches,
    routing_turn,
)
from app.services import notification_rules as rules_of
from app.services.decisions.labels import matches
from app.services.decisions.routing import (
    Decision,
    Rule,
    Scene,
    Seen,
    Standing,
    Watch,
    decide,
    look_again,
    subject_of,
)
from app.services.deliveries import Entry
from app.services.unroutable import Taken, Unroutable, is_about

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Ground:
    """What holds for all that is routed in one transaction."""

    organization_id: UUID
    rules: Sequence[Rule]
    scene: Scene
    endpoints: Sequence[WebhookEndpoint]


@dataclass(frozen=True, slots=True)
class Part:
    """How much is routed in one transaction."""

    notices: int = AT_ONCE
    watches: int = AT_ONCE


ALL = Part()
ONE_NOTICE = Part(1, 0)
ONE_WATCH = Part(0, 1)


async def route(
    session: AsyncSession, organization_id: UUID, *, public_url: str, part: Part = ALL
) -> int:
    """Route what waits, up to so many notices and watches that are due; how many there
    were. 0 also where somebody else is at it: an organization has one router at a time,
    so that all is told in order. `session` is the tenant's, of the worker. Raises
    Unroutable."""
    if not await routing_turn.is_free(session, organization_id):
        return 0
    waiting = await _unrouted(session, organization_id, part.notices + 1)
    notices = waiting[: part.notices]
    due: Sequence[NotificationWatch] = ()
    if len(waiting) == len(notices):  # else what goes on may be over by what waits
        due = await notification_watches.due(session, organization_id, part.watches)
    if not notices and not due:
        return 0
    ground = await _ground(session, organization_id)
    if notices and (notices[0].route_after or ground.scene.now) > ground.scene.now:
        return 0  # it could not be routed, and what comes after it waits
    taken = Taken(
        [(one.id, one.routing_tries) for one in notices],
        [(one.rule_id, one.subject) for one in due],
    )
    try:
        entries = await _arrived(session, ground, notices, public_url)
        entries += await _still_going_on(session, ground, due, public_url)
        await deliveries.enter(session, organization_id, entries)
    except Exception as error:
        if is_about(error):
            raise Unroutable(taken) from error
        raise
    await session.execute(
        update(RecordedNotice)
        .where(
            RecordedNotice.organization_id == organization_id,
            RecordedNotice.id.in_([one.id for one in notices]),
        )
        .values(routed_at=func.app_now())
        .execution_options(synchronize_session=False)
    )
    return len(notices) + len(due)


async def _unrouted(
    session: AsyncSession, organization_id: UUID, most: int
) -> Sequence[RecordedNotice]:
    statement = (
        select(RecordedNotice)
        .where(
            RecordedNotice.organization_id == organization_id,
            RecordedNotice.routed_at.is_(None),
            RecordedNotice.set_aside_at.is_(None),
        )
        .order_by(RecordedNotice.number)
        .limit(most)
    )
    return (await session.scalars(statement)).all()


async def _ground(session: AsyncSession, organization_id: UUID) -> _Ground:
    now: datetime = (await session.scalars(select(func.app_now()))).one()
    channels = select(NotificationChannel).where(
        NotificationChannel.organization_id == organization_id,
        NotificationChannel.deleted_at.is_(None),
        NotificationChannel.disabled_at.is_(None),
        NotificationChannel.verified_at.is_not(None),
    )
    endpoints = select(WebhookEndpoint).where(
        WebhookEndpoint.organization_id == organization_id,
        WebhookEndpoint.deleted_at.is_(None),
        WebhookEndpoint.disabled_at.is_(None),
    )
    scene = Scene(
        now=now,
        channels={one.id: one.label_scope for one in await session.scalars(channels)},
        mutes=await notification_mutes.standing(session, organization_id),
    )
    return _Ground(
        organization_id=organization_id,
        rules=await rules_of.enabled(session, organization_id),
        scene=scene,
        endpoints=(await session.scalars(endpoints.order_by(WebhookEndpoint.id))).all(),
    )


# ── notices that arrive ──────────────────────────────────────────────────────────


async def _arrived(
    session: AsyncSession,
    ground: _Ground,
    notices: Sequence[RecordedNotice],
    public_url: str,
) -> list[Entry]:
    facts = await notice_facts.facts_of(session, notices, public_url=public_url)
    seen = await notice_surroundings.of(session, ground.organization_id, facts)
    subjects = {subject_of(one) for one in facts} - {None}
    watches = await notification_watches.of_subjects(
        session, ground.organization_id, subjects
    )
    heard = await notice_surroundings.hearers(session, ground.organization_id, facts)
    entries: list[Entry] = []
    changed: dict[tuple[UUID, str], tuple[Watch, Notice]] = {}
    for one in seen:
        subject = subject_of(one.notice)
        of_subject = watches.setdefault(subject, {})
        decision = decide(one, ground.rules, of_subject, ground.scene)
        for watch in decision.watches:
            of_subject[watch.rule_id] = watch
            changed[watch.rule_id, watch.subject] = (watch, one.notice)
        to_all = _to_channels(one.notice, decision)
        to_all += _to_endpoints(one, ground.endpoints)
        entries += _to_whom_it_is_new(one.notice, to_all, heard)
    await notification_watches.keep(session, ground.organization_id, changed.values())
    return entries


def _to_channels(notice: Notice, decision: Decision) -> list[Entry]:
    return [
        Entry(
            notice=notice,
            channel_id=one.channel_id,
            rule_id=one.rule_id,
            why=one.why,
            not_before=one.not_before,
            in_digest=one.is_digest,
        )
        for one in decision.routed
    ]


def _to_endpoints(seen: Seen, endpoints: Iterable[WebhookEndpoint]) -> list[Entry]:
    """Machines are told everything that they ask for, at once: no rule and no mute
    holds it back."""
    return [
        Entry(notice=seen.notice, endpoint_id=one.id)
        for one in endpoints
        if seen.notice.event in one.events and _is_within(one.label_scope, seen)
    ]


def _to_whom_it_is_new(
    notice: Notice, entries: Iterable[Entry], heard: dict[UUID, set[UUID]]
) -> list[Entry]:
    """A problem is noticed by each task that meets it, and is told to each once."""
    if notice.event is not NoticeEvent.PROBLEM_OPENED or notice.problem_id is None:
        return list(entries)
    before = heard.setdefault(notice.problem_id, set())
    new = [one for one in entries if one.recipient_id not in before]
    before.update(one.recipient_id for one in new)
    return new


def _is_within(limit: Mapping[str, Sequence[str]] | None, seen: Seen) -> bool:
    return limit is None or (
        seen.notice.account is not None and matches(limit, seen.labels)
    )


# ── what goes on ─────────────────────────────────────────────────────────────────


async def _still_going_on(
    session: AsyncSession,
    ground: _Ground,
    due: Sequence[NotificationWatch],
    public_url: str,
) -> list[Entry]:
    """Look at each that was due when the transaction began and is not over since."""
    keys = [(one.rule_id, one.subject) for one in due]
    rows = await notification_watches.still_due(
        session, ground.organization_id, keys, ground.scene.now
    )
    seen = await _last_notices(session, ground.organization_id, rows, public_url)
    standings = await _standings(session, ground.organization_id, rows)
    rules = {rule.id: rule for rule in ground.rules}
    entries: list[Entry] = []
    changed: list[tuple[Watch, Notice | None]] = []
    for row in rows:
        watch, last = notification_watches.watch_of(row), seen.get(row.notice_id)
        rule = rules.get(row.rule_id)
        standing = standings.get(row.problem_id)
        if rule is None or last is None or (row.problem_id and standing is None):
            # Its rule tells nothing any more, what it is about was purged, or it is
            # over just now: its end is told to whom it was told.
            changed.append((replace(watch, due_at=None), None))
            continue
        decision = look_again(last, rule, watch, ground.scene, standing)
        changed += [(one, last.notice) for one in decision.watches]
        entries += _to_channels(last.notice, decision)
    await notification_watches.keep(session, ground.organization_id, changed)
    return entries


async def _last_notices(
    session: AsyncSession,
    organization_id: UUID,
    rows: Sequence[NotificationWatch],
    public_url: str,
) -> dict[UUID | None, Seen]:
    ids = {row.notice_id for row in rows if row.notice_id is not None}
    statement = select(RecordedNotice).where(
        RecordedNotice.organization_id == organization_id, RecordedNotice.id.in_(ids)
    )
    found = (await session.scalars(statement)).all()
    facts = await notice_facts.facts_of(session, found, public_url=public_url)
    seen = await notice_surroundings.of(session, organization_id, facts)
    return {one.notice.id: one for one in seen}


async def _standings(
    session: AsyncSession, organization_id: UUID, rows: Sequence[NotificationWatch]
) -> dict[UUID | None, Standing]:
    """Of the problems that are not closed."""
    ids = {row.problem_id for row in rows if row.problem_id is not None}
    statement = select(Problem.id, Problem.count.label("struck"), Problem.status).where(
        Problem.organization_id == organization_id,
        Problem.id.in_(ids),
        Problem.closed_at.is_(None),
    )
    return {
        row.id: Standing(row.struck, row.status == ProblemStatus.ACKNOWLEDGED)
        for row in await session.execute(statement)
    }
