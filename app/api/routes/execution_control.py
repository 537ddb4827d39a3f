"""Acting on an execution."""

from uuid import UUID

from fastapi import APIRouter, Depends, status

from app.api.deps import CurrentActor, DbSession, needs
from app.core.permissions import Permission
from app.schemas.executions import ExecutionRead
from app.services import executions, runs

router = APIRouter(prefix="/executions/{id}", tags=["executions"])


@router.post(
    "/cancel",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[Depends(needs(Permission.CANCEL_EXECUTIONS))],
)
async def cancel_execution(
    id: UUID, session: DbSession, actor: CurrentActor
) -> ExecutionRead:
    """A queued execution ends now; a running one stops before its next AWS call."""
    await runs.cancel(session, actor, id)
    return await executions.get(session, actor, id)
