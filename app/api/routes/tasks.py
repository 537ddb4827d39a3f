"""Tasks: their definitions, versions and preview. (`task_runs.py` runs them.)"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status
from fastapi.responses import StreamingResponse

from app.api.deps import (
    CurrentActor,
    DatabaseOfApp,
    DbSession,
    IdempotencyKey,
    Page,
    capped,
    needs,
)
from app.api.downloads import DOWNLOADS, download
from app.api.etags import TAGGED, ETag, IfMatch
from app.api.router import Router
from app.core.permissions import Permission
from app.models.task import TaskType
from app.schemas.base import PageOf
from app.schemas.task_previews import TaskPreview, TaskPreviewInput
from app.schemas.tasks import TaskCreate, TaskPatch, TaskRead, TaskVersionRead
from app.services import (
    exports,
    task_edits,
    task_pages,
    task_previews,
    task_versions,
    tasks,
)
from app.services.exports import Format
from app.services.paging import Slice
from app.services.rate_limits import Cap
from app.services.tasks import Filters

router = Router(prefix="/tasks", tags=["tasks"])

SearchText = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=120,
        pattern=r"^[^\x00]*$",
        description="Part of the name, upper and lower case alike.",
    ),
]


async def _filters(
    *,
    enabled: bool | None = None,
    type: TaskType | None = None,
    account_id: UUID | None = None,
    q: SearchText = None,
) -> Filters:
    return Filters(enabled=enabled, type=type, account_id=account_id, q=q)


@router.get(
    "",
    response_model=PageOf[TaskRead],
    dependencies=[Depends(needs(Permission.READ_TASKS)), Depends(capped(Cap.SEARCHES))],
)
async def list_tasks(
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    filters: Annotated[Filters, Depends(_filters)],
) -> Response:
    """The tasks, newest first. `account_id` finds those that name the account and those
    whose selector its labels match."""
    written = await task_pages.page_of(session, actor, page, filters=filters)
    return Response(written, media_type="application/json")


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(needs(Permission.EDIT_TASKS))],
)
async def create_task(
    made: TaskCreate,
    session: DbSession,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> TaskRead:
    """Make a task. It first runs at the first slot after now."""
    return await tasks.create(session, actor, made, idempotency_key=idempotency_key)


@router.post("/preview", dependencies=[Depends(needs(Permission.EDIT_TASKS))])
async def preview_task(
    asked: TaskPreviewInput, session: DbSession, actor: CurrentActor
) -> TaskPreview:
    """What the task would do, need and cost of the plan; refused as creating it would
    be. Nothing is saved."""
    return await task_previews.preview(session, actor, asked)


@router.get(
    "/export",
    dependencies=[Depends(needs(Permission.READ_TASKS)), Depends(capped(Cap.EXPORTS))],
    responses=DOWNLOADS,
    response_class=StreamingResponse,
)
async def export_tasks(
    session: DbSession,
    database: DatabaseOfApp,
    actor: CurrentActor,
    filters: Annotated[Filters, Depends(_filters)],
    format: Format = "csv",
) -> StreamingResponse:
    """All tasks that the filters leave, the newest first, with their definitions, as a
    file. In CSV a text that a spreadsheet would take for a formula begins with an
    apostrophe."""
    export = await exports.of_tasks(session, actor, filters, format)
    return download(database, actor, export, format)


@router.get(
    "/{id}", dependencies=[Depends(needs(Permission.READ_TASKS))], responses=TAGGED
)
async def read_task(
    id: UUID, session: DbSession, actor: CurrentActor, etag: ETag
) -> TaskRead:
    """One task as its present version defines it."""
    task = await tasks.read(session, actor, id)
    etag(str(task.version))
    return task


@router.patch(
    "/{id}", dependencies=[Depends(needs(Permission.EDIT_TASKS))], responses=TAGGED
)
async def edit_task(  # noqa: PLR0917 — a route's parameters are injected
    id: UUID,
    patch: TaskPatch,
    session: DbSession,
    actor: CurrentActor,
    etag: ETag,
    if_match: IfMatch,
) -> TaskRead:
    """Change a task. A change of its definition makes a new version; `enabled` alone
    makes none. With `If-Match` a version changed in the meantime is refused."""
    task = await task_edits.edit(session, actor, id, patch, expected=if_match)
    etag(str(task.version))
    return task


@router.delete(
    "/{id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(needs(Permission.EDIT_TASKS))],
)
async def delete_task(id: UUID, session: DbSession, actor: CurrentActor) -> None:
    """Stop a task for good. Its runs and versions stay in the history."""
    await tasks.delete(session, actor, id)


@router.get("/{id}/versions", dependencies=[Depends(needs(Permission.READ_TASKS))])
async def list_task_versions(
    id: UUID, session: DbSession, actor: CurrentActor, page: Page
) -> PageOf[TaskVersionRead]:
    """Every definition the task has had, newest first, with its author."""
    found: Slice[TaskVersionRead] = await task_versions.page_of(
        session, actor, id, page
    )
    return PageOf[TaskVersionRead].model_validate(found)
