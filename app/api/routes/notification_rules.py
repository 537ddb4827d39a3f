"""Notification rules: what is told, to whom, and when."""

from uuid import UUID

from fastapi import Depends, status

from app.api.deps import (
    CurrentActor,
    DbSession,
    IdempotencyKey,
    Page,
    SettingsOfApp,
    needs,
)
from app.api.etags import TAGGED, ETag, IfMatch
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.base import PageOf
from app.schemas.notification_rules import (
    RuleInput,
    RulePatch,
    RulePreview,
    RulePreviewInput,
    RuleRead,
)
from app.services import notification_rules, rule_previews

router = Router(prefix="/notification-rules", tags=["notifications"])

_READ = [Depends(needs(Permission.READ_NOTIFICATIONS))]
_EDIT = [Depends(needs(Permission.EDIT_NOTIFICATIONS))]


@router.get("", dependencies=_READ)
async def list_notification_rules(
    session: DbSession, actor: CurrentActor, page: Page
) -> PageOf[RuleRead]:
    """The rules, newest first."""
    found = await notification_rules.page_of(session, actor, page)
    return PageOf[RuleRead].model_validate(found, from_attributes=True)


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=_EDIT)
async def make_notification_rule(
    entry: RuleInput,
    session: DbSession,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> RuleRead:
    """Make a rule: it tells of what happens from now on. Each channel is told of one
    thing once, the soonest way that a rule says."""
    return await notification_rules.make(
        session, actor, entry, idempotency_key=idempotency_key
    )


@router.post("/preview", dependencies=_READ)
async def preview_notification_rule(
    entry: RulePreviewInput,
    session: DbSession,
    actor: CurrentActor,
    settings: SettingsOfApp,
) -> RulePreview:
    """What a rule would have told of the last notices, to whom and when, if nothing had
    been muted. It sends nothing. How often a problem had struck by then is not known:
    what it struck in all stands for it."""
    return await rule_previews.preview(
        session, actor, entry, public_url=settings.public_url
    )


@router.get("/{id}", dependencies=_READ, responses=TAGGED)
async def get_notification_rule(
    id: UUID, session: DbSession, actor: CurrentActor, etag: ETag
) -> RuleRead:
    """One rule."""
    rule = await notification_rules.get(session, actor, id)
    etag(notification_rules.tag(rule))
    return rule


@router.patch("/{id}", dependencies=_EDIT, responses=TAGGED)
async def edit_notification_rule(  # noqa: PLR0917 — a route's parameters are injected
    id: UUID,
    entry: RulePatch,
    session: DbSession,
    actor: CurrentActor,
    etag: ETag,
    if_match: IfMatch,
) -> RuleRead:
    """Change a rule. What it has told already is ended as the rule says by then."""
    rule = await notification_rules.edit(session, actor, id, entry, expected=if_match)
    etag(notification_rules.tag(rule))
    return rule


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=_EDIT)
async def delete_notification_rule(
    id: UUID, session: DbSession, actor: CurrentActor
) -> None:
    """Delete a rule: it tells nothing more, not even the end of what it told."""
    await notification_rules.drop(session, actor, id)
