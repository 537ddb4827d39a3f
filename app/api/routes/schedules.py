"""What a schedule would do, before it is saved."""

from fastapi import Depends

from app.api.deps import DbSession, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.schedules import SchedulePreview, SchedulePreviewInput
from app.services import schedules

router = Router(prefix="/schedules", tags=["schedules"])


@router.post("/preview", dependencies=[Depends(needs(Permission.READ_TASKS))])
async def preview_schedule(
    asked: SchedulePreviewInput, session: DbSession
) -> SchedulePreview:
    """The next runs in UTC and in the schedule's zone, the schedule in words, and what
    clock changes do to it. Nothing is saved."""
    return await schedules.preview(session, asked.schedule, count=asked.count)
