"""What a task says of its own notifications, checked and taken over."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
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
