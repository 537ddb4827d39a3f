"""What a task says of its own notifications, checked and taken over."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.models.notification_rule import NotificationMute
from app.schemas.tasks import NotificationSettings
from app.services import notice_wants, rule_definitions
from app.services.task_definitions import refusal


async def check(
    session: AsyncSession, actor: Actor, settings: NotificationSettings
) -> None:
    """Raises Invalid naming the channels that there are not. Whoever edits a task may
    name one: it is told of this task alone, and its id shows nothing of it."""
    if not settings.channel_ids:
        return
    wrong = await rule_definitions.unknown_channels(
        session, actor, settings.channel_ids, "/notifications/channel_ids"
    )
    if wrong:
        raise refusal(wrong)


async def take_over(session: AsyncSession, actor: Actor) -> None:
    """A task's settings have changed, or it is gone."""
    await notice_wants.refresh(session, actor.organization_id)


async def end(session: AsyncSession, actor: Actor, task_id: UUID) -> None:
    """A task is gone, and with it its mutes and what is written down for its channels
    alone. What was entered for them is told."""
    await session.execute(
        delete(NotificationMute)
        .where(
            NotificationMute.organization_id == actor.organization_id,
            NotificationMute.task_id == task_id,
        )
        .execution_options(synchronize_session=False)
    )
    await take_over(session, actor)
