"""What a rule would have told of the last notices. It sends nothing."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.ids import new_id
from app.core.notice import NoticeEvent
from app.models.notice import NoticeWant, RecordedNotice
from app.models.notification import NotificationChannel
from app.models.problem import Problem
from app.schemas.notification_rules import (
    PreviewedTelling,
    RulePreview,
    RulePreviewInput,
)
from app.services import notice_facts, notice_surroundings, rule_definitions, users
from app.services.decisions.rehearsal import Told, rehearse
from app.services.decisions.routing import Seen, wanted

# Written down whether somebody wants it or not.
_ALWAYS = frozenset(
    {
        NoticeEvent.PROBLEM_OPENED,
        NoticeEvent.PROBLEM_CLOSED,
        NoticeEvent.CREDENTIALS_INVALID,
        NoticeEvent.CREDENTIALS_RECOVERED,
        NoticeEvent.SUBSCRIPTION_CHANGED,
        NoticeEvent.SUBSCRIPTION_READ_ONLY,
        NoticeEvent.USAGE_NEAR,
        NoticeEvent.USAGE_REACHED,
        NoticeEvent.CHANNEL_FAILING,
        NoticeEvent.CHANNEL_RECOVERED,
    }
)


async def preview(
    session: AsyncSession, actor: Actor, asked: RulePreviewInput, *, public_url: str
) -> RulePreview:
    """Raises Invalid for what could not be saved."""
    zone = await users.zone_of(session, actor)
    defined = rule_definitions.in_zone(asked.rule, zone)
    await rule_definitions.check(session, actor, defined, at="/rule")
    rule = rule_definitions.decided_by(new_id(), defined)
    rows = await _last(session, actor, asked.last)
    facts = await notice_facts.facts_of(session, rows, public_url=public_url)
    seen = await notice_surroundings.of(session, actor.organization_id, facts)
    now: datetime = (await session.scalars(select(func.app_now()))).one()
    told = rehearse(
        seen,
        rule,
        await _channels(session, actor),
        counts=await _counts(session, actor, seen),
        until=now,
    )
    return RulePreview(
        looked_at=len(rows),
        since=rows[0].at if rows else None,
        tellings=[_telling(one) for one in told],
        not_recorded=await _not_recorded(session, actor, wanted(rule)),
    )


async def _last(
    session: AsyncSession, actor: Actor, most: int
) -> Sequence[RecordedNotice]:
    """The oldest of them first."""
    statement = (
        select(RecordedNotice)
        .where(RecordedNotice.organization_id == actor.organization_id)
        .order_by(RecordedNotice.id.desc())
        .limit(most)
    )
    found = (await session.scalars(statement)).all()
    return sorted(found, key=lambda row: row.number)


async def _channels(
    session: AsyncSession, actor: Actor
) -> dict[UUID, dict[str, list[str]] | None]:
    statement = select(NotificationChannel).where(
        NotificationChannel.organization_id == actor.organization_id,
        NotificationChannel.deleted_at.is_(None),
    )
    return {one.id: one.label_scope for one in await session.scalars(statement)}


async def _counts(
    session: AsyncSession, actor: Actor, seen: Sequence[Seen]
) -> dict[UUID, int]:
    ids = {one.notice.problem_id for one in seen} - {None}
    statement = select(Problem.id, Problem.count.label("struck")).where(
        Problem.organization_id == actor.organization_id, Problem.id.in_(ids)
    )
    return {row.id: row.struck for row in await session.execute(statement)}


async def _not_recorded(
    session: AsyncSession, actor: Actor, events: Collection[NoticeEvent]
) -> list[NoticeEvent]:
    recorded = select(NoticeWant.event).where(
        NoticeWant.organization_id == actor.organization_id
    )
    return sorted(set(events) - _ALWAYS - set(await session.scalars(recorded)))


def _telling(told: Told) -> PreviewedTelling:
    """All that a rule tells of one notice, it tells at once."""
    notice, first = told.seen.notice, told.routed[0]
    return PreviewedTelling.model_validate(
        {
            "notice_id": notice.id,
            "event": notice.event,
            "title": notice.title,
            "severity": notice.severity.name.lower(),
            "link": notice.link,
            "at": notice.at,
            "not_before": first.not_before,
            "in_digest": first.is_digest,
            "channel_ids": [one.channel_id for one in told.routed],
            "why": first.why,
        }
    )
