"""Why did this not run? Asked of an execution, a run or a task."""

from uuid import UUID

from fastapi import Depends

from app.api.deps import CurrentActor, DbSession, SettingsOfApp, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.explanations import ExplanationRead
from app.services import explanations, task_explanations

router = Router(dependencies=[Depends(needs(Permission.READ_EXECUTIONS))])


@router.get("/executions/{id}/explanation", tags=["executions"])
async def explain_execution(
    id: UUID, session: DbSession, actor: CurrentActor, settings: SettingsOfApp
) -> ExplanationRead:
    """What happened to an execution, in plain sentences, and what it waits for now: its
    retry, the same task on the same account, the organization's share, a worker."""
    found = await explanations.of_execution(
        session, actor, id, running_cap=settings.organization_running_cap
    )
    return ExplanationRead.model_validate(found)


@router.get("/runs/{id}/explanation", tags=["tasks"])
async def explain_run(
    id: UUID, session: DbSession, actor: CurrentActor
) -> ExplanationRead:
    """Why a slot or a start became what it is: what was in its way, which slots a gap
    stands for, how its executions ended."""
    found = await task_explanations.of_run(session, actor, id)
    return ExplanationRead.model_validate(found)


@router.get("/tasks/{id}/explanation", tags=["tasks"])
async def explain_task(
    id: UUID, session: DbSession, actor: CurrentActor
) -> ExplanationRead:
    """Why a task ran last, or did not, and when it is next due; also of a deleted
    one."""
    found = await task_explanations.of_task(session, actor, id)
    return ExplanationRead.model_validate(found)
