"""Acting on an execution."""

from uuid import UUID

from fastapi import Depends, status

from app.api.deps import CurrentActor, DbSession, IdempotencyKey, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.executions import EventRead, ExecutionRead
from app.schemas.reruns import Rerun, RerunInput, ResolutionInput
from app.services import executions, reruns, resolutions, runs

router = Router(prefix="/executions", tags=["executions"])


@router.post(
    "/rerun",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[Depends(needs(Permission.EXECUTE_TASKS))],
)
async def rerun_executions(
    wanted: RerunInput,
    session: DbSession,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> Rerun:
    """Run failed executions again, at most 200 at once: each task is started on the
    accounts where it failed. The answer says of each what became of it."""
    return await reruns.rerun(session, actor, wanted, idempotency_key=idempotency_key)


@router.post(
    "/{id}/resolve", dependencies=[Depends(needs(Permission.RESOLVE_EXECUTIONS))]
)
async def resolve_execution(
    id: UUID, found: ResolutionInput, session: DbSession, actor: CurrentActor
) -> EventRead:
    """Say what became of an interrupted change, after a look at AWS itself. It is
    never run again unless somebody asks for it."""
    event = await resolutions.resolve(session, actor, id, found)
    return EventRead.model_validate(event)


@router.post(
    "/{id}/cancel",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[Depends(needs(Permission.CANCEL_EXECUTIONS))],
)
async def cancel_execution(
    id: UUID, session: DbSession, actor: CurrentActor
) -> ExecutionRead:
    """A queued execution ends now; a running one stops before its next AWS call."""
    await runs.cancel(session, actor, id)
    return await executions.get(session, actor, id)
