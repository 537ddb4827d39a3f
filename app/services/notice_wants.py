"""Which of the frequent events an organization wants written down: those that a rule,
a webhook endpoint or a task's own channels tell of."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.notice import NoticeEvent
from app.models.notice import NoticeWant
from app.models.notification import WebhookEndpoint
from app.models.notification_rule import NotificationRule
from app.models.task import Task, TaskVersion
from app.services.decisions.routing import OWN_EVENTS


async def refresh(session: AsyncSession, organization_id: UUID) -> None:
    """Work it out anew, after a change of rules, endpoints or tasks. Two that change
    something at once wait for each other here, so that neither misses the other's."""
    of_organization = func.hashtextextended(f"wants:{organization_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(of_organization)))
    wanted = await _wanted(session, organization_id)
    await session.execute(
        delete(NoticeWant)
        .where(
            NoticeWant.organization_id == organization_id,
            NoticeWant.event.not_in(wanted),
        )
        .execution_options(synchronize_session=False)
    )
    if wanted:
        rows = [
            {"organization_id": organization_id, "event": event}
            for event in sorted(wanted)
        ]
        await session.execute(insert(NoticeWant).on_conflict_do_nothing(), rows)


async def _wanted(session: AsyncSession, organization_id: UUID) -> set[NoticeEvent]:
    of_rules = select(NotificationRule.wants).where(
        NotificationRule.organization_id == organization_id,
        NotificationRule.enabled,
        NotificationRule.deleted_at.is_(None),
    )
    of_endpoints = select(WebhookEndpoint.events).where(
        WebhookEndpoint.organization_id == organization_id,
        WebhookEndpoint.disabled_at.is_(None),
        WebhookEndpoint.deleted_at.is_(None),
    )
    lists = [*(await session.scalars(of_rules)), *(await session.scalars(of_endpoints))]
    wanted = {NoticeEvent(event) for events in lists for event in events}
    if await session.scalar(select(_some_task_names_channels(organization_id))):
        wanted |= OWN_EVENTS
    return wanted


def _some_task_names_channels(organization_id: UUID) -> ColumnElement[bool]:
    of_present_version = and_(
        TaskVersion.organization_id == Task.organization_id,
        TaskVersion.task_id == Task.id,
        TaskVersion.version == Task.version,
    )
    named = func.jsonb_array_length(TaskVersion.notifications["channel_ids"])
    return exists(
        select(Task.id)
        .join(TaskVersion, of_present_version)
        .where(
            Task.organization_id == organization_id,
            Task.deleted_at.is_(None),
            TaskVersion.notifications.has_key("channel_ids"),
            named > 0,
        )
    )
