"""What decides about a notice beside itself: its account's labels, and what its task
says of its own notifications."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.notice import Notice, NoticeEvent
from app.models.aws_account import AWSAccount
from app.models.notice import RecordedNotice
from app.models.notification import Delivery, DeliveryStatus
from app.models.task import Task, TaskVersion
from app.schemas.tasks import NotificationSettings
from app.services.decisions.routing import Seen


async def of(
    session: AsyncSession, organization_id: UUID, notices: Sequence[Notice]
) -> list[Seen]:
    """The notices with the labels that their accounts have now, and what their tasks
    say for themselves."""
    labels = await _labels(session, organization_id, notices)
    met = await _met_by(session, organization_id, notices)
    own = {one.task.id for one in notices if one.task is not None}
    settings = await _settings(session, organization_id, own.union(*met.values()))
    silent = NotificationSettings()
    seen = []
    for one in notices:
        task_ids = [one.task.id] if one.task else []
        says = [settings.get(id, silent) for id in task_ids]
        others = [settings.get(id, silent) for id in met.get(one.id, ())]
        channels = [id for each in says + others for id in each.channel_ids]
        seen.append(
            Seen(
                notice=one,
                labels=labels.get(one.account.id, {}) if one.account else {},
                task_is_mute=any(each.mute for each in says),
                own_channel_ids=tuple(dict.fromkeys(channels)),
            )
        )
    return seen


async def hearers(
    session: AsyncSession, organization_id: UUID, notices: Sequence[Notice]
) -> dict[UUID, set[UUID]]:
    """Which channels and endpoints have been told that a problem opened, or will be, by
    problem."""
    opened = {
        one.problem_id for one in notices if one.event is NoticeEvent.PROBLEM_OPENED
    }
    statement = (
        select(
            Delivery.problem_id,
            func.coalesce(Delivery.channel_id, Delivery.endpoint_id).label("id"),
        )
        .where(
            Delivery.organization_id == organization_id,
            Delivery.problem_id.in_(opened - {None}),
            Delivery.event == NoticeEvent.PROBLEM_OPENED.value,
            Delivery.status != DeliveryStatus.DROPPED,
        )
        .distinct()
    )
    heard: dict[UUID, set[UUID]] = {}
    for problem_id, id in await session.execute(statement):
        if problem_id is not None:
            heard.setdefault(problem_id, set()).add(id)
    return heard


async def _met_by(
    session: AsyncSession, organization_id: UUID, notices: Sequence[Notice]
) -> dict[UUID, list[UUID]]:
    """Of each end of a problem the tasks that have met it."""
    closed = {
        one.problem_id: one.id
        for one in notices
        if one.event is NoticeEvent.PROBLEM_CLOSED
    }
    statement = (
        select(RecordedNotice.problem_id, RecordedNotice.task_id)
        .where(
            RecordedNotice.organization_id == organization_id,
            RecordedNotice.problem_id.in_(closed),
            RecordedNotice.event == NoticeEvent.PROBLEM_OPENED,
            RecordedNotice.task_id.is_not(None),
        )
        .order_by(RecordedNotice.number)
    )
    met: dict[UUID, list[UUID]] = {}
    for row in await session.execute(statement):
        met.setdefault(closed[row.problem_id], []).append(row.task_id)
    return met


async def _labels(
    session: AsyncSession, organization_id: UUID, notices: Sequence[Notice]
) -> dict[UUID, Mapping[str, str]]:
    ids = {one.account.id for one in notices if one.account is not None}
    statement = select(AWSAccount.id, AWSAccount.labels).where(
        AWSAccount.organization_id == organization_id, AWSAccount.id.in_(ids)
    )
    return {row.id: row.labels for row in await session.execute(statement)}


async def _settings(
    session: AsyncSession, organization_id: UUID, ids: Collection[UUID]
) -> dict[UUID, NotificationSettings]:
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
