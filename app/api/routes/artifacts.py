"""Artifacts: what executions found, kept as files."""

from uuid import UUID

from fastapi import Depends, status
from fastapi.responses import StreamingResponse

from app.api.deps import (
    CurrentActor,
    DbSession,
    IdempotencyKey,
    Page,
    SettingsOfApp,
    capped,
    needs,
)
from app.api.downloads import BegunStream
from app.api.router import Router
from app.core.permissions import Permission
from app.models.artifact import Artifact
from app.schemas.artifacts import ArtifactInput, ArtifactRead
from app.schemas.base import PageOf
from app.services import artifacts
from app.services.rate_limits import Cap

router = Router(tags=["artifacts"])

_READ = [Depends(needs(Permission.READ_EXECUTIONS))]
_FILE = {
    200: {
        "description": "The compressed file. Broken off, the connection ends in an"
        " error.",
        "content": {"application/gzip": {"schema": {"type": "string"}}},
    }
}


@router.post(
    "/executions/{id}/artifacts",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[
        Depends(needs(Permission.EXECUTE_TASKS)),
        Depends(capped(Cap.EXPORTS)),
    ],
)
async def request_artifact(
    id: UUID,
    wanted: ArtifactInput,
    session: DbSession,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> ArtifactRead:
    """Keep what a finished execution found as a file. A job makes it: look at it until
    it is ready."""
    return await artifacts.request(
        session, actor, id, wanted, idempotency_key=idempotency_key
    )


@router.get("/executions/{id}/artifacts", dependencies=_READ)
async def list_artifacts(
    id: UUID, session: DbSession, actor: CurrentActor, page: Page
) -> PageOf[ArtifactRead]:
    """The files of an execution, the newest first."""
    found = await artifacts.page_of(session, actor, id, page)
    return PageOf[ArtifactRead].model_validate(found, from_attributes=True)


@router.get("/artifacts/{id}", response_model=ArtifactRead, dependencies=_READ)
async def get_artifact(id: UUID, session: DbSession, actor: CurrentActor) -> Artifact:
    """One file: whether it is ready, its size and its SHA-256."""
    return await artifacts.get(session, actor, id)


@router.get(
    "/artifacts/{id}/content",
    dependencies=_READ,
    responses=_FILE,  # type: ignore[arg-type]  # FastAPI's type wants int | str keys
    response_class=StreamingResponse,
)
async def download_artifact(
    id: UUID, session: DbSession, actor: CurrentActor, settings: SettingsOfApp
) -> StreamingResponse:
    """The file itself, compressed."""
    artifact = await artifacts.open_one(session, actor, id)
    name = f"{artifact.part}-{artifact.execution_id}.{artifact.format}.gz"
    return BegunStream(
        artifacts.content(artifacts.storage(settings), artifact),
        media_type="application/gzip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(artifact.bytes),
            "Cache-Control": "no-store",
        },
    )
