"""What decides about a notice beside itself: its account's labels, and what its task
says of its own notifications."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.notice import Notice
from app.models.aws_account import AWSAccount
from app.models.task import Task, TaskVersion
from app.schemas.tasks import NotificationSettings
from app.services.decisions.routing import Seen


async def of(
    session: AsyncSession, organization_id: UUID, notices: Sequence[Notice]
) -> list[Seen]:
    """The notices with the labels that their accounts have now, and what their tasks
    say for themselves."""
    labels = await _labels(session, organization_id, notices)
    settings = await _settings(session, organization_id, notices)
    silent = NotificationSettings()
    return [
        Seen(
            notice=one,
            labels=labels.get(one.account.id, {}) if one.account else {},
            task_is_mute=own.mute,
            own_channel_ids=tuple(own.channel_ids),
        )
        for one in notices
        for own in [settings.get(one.task.id, silent) if one.task else silent]
    ]


async def _labels(
    session: AsyncSession, organization_id: UUID, notices: Sequence[Notice]
) -> dict[UUID, Mapping[str, str]]:
    ids = {one.account.id for one in notices if one.account is not None}
    statement = select(AWSAccount.id, AWSAccount.labels).where(
        AWSAccount.organization_id == organization_id, AWSAccount.id.in_(ids)
    )
    return {row.id: row.labels for row in await session.execute(statement)}


async def _settings(
    session: AsyncSession, organization_id: UUID, notices: Sequence[Notice]
) -> dict[UUID, NotificationSettings]:
    ids = {one.task.id for one in notices if one.task is not None}
    statement = (
        select(Task.id, TaskVersion.notifications)
        .join(
            TaskVersion,
            and_(
                TaskVersion.organization_id == Task.organization_id,
                TaskVersion.task_id == Task.id,
                TaskVersion.version == Task.version,
            ),
        )
        .where(Task.organization_id == organization_id, Task.id.in_(ids))
    )
    return {
        row.id: NotificationSettings.model_validate(row.notifications)
        for row in await session.execute(statement)
    }
