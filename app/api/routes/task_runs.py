"""Starting a task by hand, and its runs and executions."""

from uuid import UUID

from fastapi import Depends, status

from app.api.deps import CurrentActor, DbSession, IdempotencyKey, Page, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.models.purge import PurgeKind
from app.schemas.base import HistoryOf
from app.schemas.executions import ExecutionRead
from app.schemas.runs import RunRead, RunStarted
from app.services import executions, purges, runs, tasks

router = Router(prefix="/tasks/{id}", tags=["tasks"])


@router.post(
    "/execute",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[Depends(needs(Permission.EXECUTE_TASKS))],
)
async def execute_task(
    id: UUID,
    session: DbSession,
    actor: CurrentActor,
    idempotency_key: IdempotencyKey = None,
) -> RunStarted:
    """Run a task now. Its executions are queued; follow them to their end. A repeat
    with the same Idempotency-Key answers the same run."""
    run_id, of_run = await runs.start(
        session, actor, id, idempotency_key=idempotency_key
    )
    return RunStarted(run_id=run_id, executions=of_run)


@router.get("/runs", dependencies=[Depends(needs(Permission.READ_EXECUTIONS))])
async def list_runs(
    id: UUID, session: DbSession, actor: CurrentActor, page: Page
) -> HistoryOf[RunRead]:
    """Each slot, manual start and gap of a task, newest first."""
    found = await runs.list_of_task(session, actor, id, page)
    told = await purges.told(session, actor, PurgeKind.RUNS, found)
    return HistoryOf[RunRead].model_validate(told, from_attributes=True)


@router.get("/executions", dependencies=[Depends(needs(Permission.READ_EXECUTIONS))])
async def list_executions(
    id: UUID, session: DbSession, actor: CurrentActor, page: Page
) -> HistoryOf[ExecutionRead]:
    """The executions of a task on the accounts you see, newest first."""
    task = await tasks.get(session, actor, id)
    filters = executions.Filters(task_id=task.id)
    found = await executions.page_of(session, actor, page, filters=filters)
    told = await purges.told(session, actor, PurgeKind.EXECUTIONS, found)
    return HistoryOf[ExecutionRead].model_validate(told, from_attributes=True)
