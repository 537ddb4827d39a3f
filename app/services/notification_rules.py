"""Notification rules: found, made, edited and deleted."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound, TooMany
from app.core.ids import new_id
from app.core.notice import NoticeEvent
from app.core.permissions import Permission
from app.models.notification import NotificationChannel
from app.models.notification_rule import NotificationRule, NotificationRuleChannel
from app.schemas.notification_rules import (
    DefinedRule,
    RuleInput,
    RulePatch,
    RuleRead,
)
from app.services import (
    audit,
    editing,
    idempotency,
    memberships,
    notice_wants,
    rule_definitions,
    schedules,
    users,
)
from app.services.decisions.routing import Rule, wanted
from app.services.editing import Tags
from app.services.paging import Page, Slice, paginate

MOST = 100
# What each organization begins with.
DEFAULT_NAME = "Problems"
DEFAULT_EVENTS = (NoticeEvent.PROBLEM_CLOSED, NoticeEvent.PROBLEM_OPENED)
_MEMBERS = tuple(name for name in RuleInput.model_fields if name != "channel_ids")


async def page_of(session: AsyncSession, actor: Actor, page: Page) -> Slice[RuleRead]:
    """Those that are not deleted, newest first."""
    statement = _standing(actor.organization_id)
    found = await paginate(session, statement, page, by=[NotificationRule.id])
    channels = await channels_of(session, actor.organization_id, found.items)
    read = [_read(rule, channels[rule.id]) for rule in found.items]
    return Slice(read, found.next_cursor)


async def get(session: AsyncSession, actor: Actor, rule_id: UUID) -> RuleRead:
    """Raises NotFound, also for a deleted one."""
    return await _described(session, await _get(session, actor, rule_id))


def tag(rule: RuleRead) -> str:
    """What of it can be edited, as one word."""
    return editing.tag_of(rule.model_dump(mode="json", include=set(_SENT)))


async def make(
    session: AsyncSession,
    actor: Actor,
    entry: RuleInput,
    *,
    idempotency_key: str | None = None,
) -> RuleRead:
    """Raises Invalid and TooMany; NameTaken when the row is written."""
    return await idempotency.once_as(
        session,
        actor,
        RuleRead,
        partial(_make, session, actor, entry),
        route="notification_rules.make",
        key=idempotency_key,
        request=entry.model_dump(mode="json"),
    )


async def _make(session: AsyncSession, actor: Actor, given: RuleInput) -> RuleRead:
    actor.must(Permission.EDIT_NOTIFICATIONS)
    zone = await users.zone_of(session, actor)
    entry = rule_definitions.in_zone(given, zone)
    await rule_definitions.check(session, actor, entry)
    await memberships.lock(session, actor.organization_id)
    standing = _standing(actor.organization_id).subquery()
    if (await session.scalar(select(func.count()).select_from(standing)) or 0) >= MOST:
        raise TooMany(f"An organization has up to {MOST} rules.")
    rule = NotificationRule(id=new_id(), organization_id=actor.organization_id)
    _define(rule, entry)
    rule.created_at = rule.updated_at = await schedules.app_now(session)
    session.add(rule)
    await session.flush()
    await _tell(session, rule, entry.channel_ids)
    await notice_wants.refresh(session, actor.organization_id)
    await _log(session, actor, rule, "notification_rule.create", entry)
    return await _described(session, rule)


async def edit(
    session: AsyncSession,
    actor: Actor,
    rule_id: UUID,
    patch: RulePatch,
    *,
    expected: Tags = None,
) -> RuleRead:
    """Change what is given. Raises NotFound, Invalid, and StaleVersion where the
    present state is not expected."""
    actor.must(Permission.EDIT_NOTIFICATIONS)
    rule = await _get(session, actor, rule_id, lock=True)
    present = await _described(session, rule)
    editing.must_match(expected, tag(present))
    sent = patch.model_dump(mode="json", exclude_unset=True)
    given = RuleInput.model_construct(
        **{name: getattr(present, name) for name in _SENT}
        | {name: getattr(patch, name) for name in sent}
    )
    zone = await users.zone_of(session, actor)
    entry = rule_definitions.in_zone(given, zone, before=present)
    if sent.keys() - {"name", "enabled"}:
        # What has lost its channels can still be renamed and disabled.
        await rule_definitions.check(session, actor, entry)
    _define(rule, entry)
    rule.updated_at = await schedules.app_now(session)
    await session.flush()
    if "channel_ids" in sent:
        await _tell(session, rule, entry.channel_ids)
    await notice_wants.refresh(session, actor.organization_id)
    defined = entry.model_dump(mode="json", include=set(sent))
    await _log(session, actor, rule, "notification_rule.edit", defined)
    return await _described(session, rule)


async def drop(session: AsyncSession, actor: Actor, rule_id: UUID) -> None:
    """It tells nothing more; what it told stays in the log. Raises NotFound."""
    actor.must(Permission.EDIT_NOTIFICATIONS)
    rule = await _get(session, actor, rule_id, lock=True)
    rule.deleted_at = rule.updated_at = await schedules.app_now(session)
    await session.flush()
    await notice_wants.refresh(session, actor.organization_id)
    await _log(session, actor, rule, "notification_rule.delete", {})


async def add_default(
    session: AsyncSession, organization_id: UUID, channel_id: UUID
) -> None:
    """The rule that each organization begins with: its problems and their end."""
    rule = NotificationRule(id=new_id(), organization_id=organization_id)
    _define(
        rule,
        DefinedRule(
            name=DEFAULT_NAME, events=list(DEFAULT_EVENTS), channel_ids=[channel_id]
        ),
    )
    session.add(rule)
    await session.flush()
    await _tell(session, rule, [channel_id])
    await notice_wants.refresh(session, organization_id)


# ── for the router ───────────────────────────────────────────────────────────────


async def enabled(session: AsyncSession, organization_id: UUID) -> list[Rule]:
    """The rules that tell something, as the decision takes them, the oldest first."""
    statement = _standing(organization_id).where(NotificationRule.enabled)
    found = (await session.scalars(statement.order_by(NotificationRule.id))).all()
    channels = await channels_of(session, organization_id, found)
    return [
        rule_definitions.decided_by(rule.id, _as_input(rule, channels[rule.id]))
        for rule in found
    ]


async def channels_of(
    session: AsyncSession, organization_id: UUID, rules: Collection[NotificationRule]
) -> Mapping[UUID, list[UUID]]:
    """The channels that each rule tells and that there still are, by the rule's id."""
    statement = (
        select(NotificationRuleChannel.rule_id, NotificationRuleChannel.channel_id)
        .join(
            NotificationChannel,
            and_(
                NotificationChannel.organization_id
                == NotificationRuleChannel.organization_id,
                NotificationChannel.id == NotificationRuleChannel.channel_id,
            ),
        )
        .where(
            NotificationRuleChannel.organization_id == organization_id,
            NotificationRuleChannel.rule_id.in_([rule.id for rule in rules]),
            NotificationChannel.deleted_at.is_(None),
        )
        .order_by(NotificationRuleChannel.channel_id)
    )
    found: dict[UUID, list[UUID]] = {rule.id: [] for rule in rules}
    for rule_id, channel_id in await session.execute(statement):
        found[rule_id].append(channel_id)
    return found


# ── rows ─────────────────────────────────────────────────────────────────────────

_SENT = tuple(RuleInput.model_fields)


def _standing(organization_id: UUID) -> Any:
    return select(NotificationRule).where(
        NotificationRule.organization_id == organization_id,
        NotificationRule.deleted_at.is_(None),
    )


async def _get(
    session: AsyncSession, actor: Actor, rule_id: UUID, *, lock: bool = False
) -> NotificationRule:
    statement = _standing(actor.organization_id).where(NotificationRule.id == rule_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    rule: NotificationRule | None = await session.scalar(statement)
    if rule is None:
        raise NotFound
    return rule


def _define(rule: NotificationRule, entry: DefinedRule) -> None:
    for name, value in _stored(entry).items():
        setattr(rule, name, value)
    rule.wants = sorted(wanted(rule_definitions.decided_by(rule.id, entry)))


def _stored(entry: DefinedRule) -> dict[str, Any]:
    members = entry.model_dump(mode="json", include=set(_MEMBERS))
    return members | {"events": sorted(members["events"])}


def _as_input(rule: NotificationRule, channel_ids: Sequence[UUID]) -> DefinedRule:
    return DefinedRule.model_construct(
        **{name: getattr(_read(rule, channel_ids), name) for name in _SENT}
    )


def _read(rule: NotificationRule, channel_ids: Sequence[UUID]) -> RuleRead:
    members = {name: getattr(rule, name) for name in _MEMBERS}
    return RuleRead.model_validate(
        members
        | {
            "id": rule.id,
            "channel_ids": channel_ids,
            "created_at": rule.created_at,
            "updated_at": rule.updated_at,
        }
    )


async def _described(session: AsyncSession, rule: NotificationRule) -> RuleRead:
    channels = await channels_of(session, rule.organization_id, [rule])
    return _read(rule, channels[rule.id])


async def _tell(
    session: AsyncSession, rule: NotificationRule, channel_ids: Collection[UUID]
) -> None:
    """Let the rule tell these channels and no others."""
    mine = and_(
        NotificationRuleChannel.organization_id == rule.organization_id,
        NotificationRuleChannel.rule_id == rule.id,
    )
    others = NotificationRuleChannel.channel_id.not_in(channel_ids)
    await session.execute(delete(NotificationRuleChannel).where(mine, others))
    rows = [
        {
            "organization_id": rule.organization_id,
            "rule_id": rule.id,
            "channel_id": channel_id,
        }
        for channel_id in channel_ids
    ]
    if rows:
        told = insert(NotificationRuleChannel).on_conflict_do_nothing()
        await session.execute(told, rows)


async def _log(
    session: AsyncSession,
    actor: Actor,
    rule: NotificationRule,
    action: str,
    changed: RuleInput | Mapping[str, Any],
) -> None:
    detail = (
        changed.model_dump(mode="json")
        if isinstance(changed, RuleInput)
        else dict(changed)
    )
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="notification_rule",
        subject_id=rule.id,
        detail={**detail, "name": rule.name},
    )
