"""Runs: one by its id, and the chain that it belongs to."""

from uuid import UUID

from fastapi import Depends

from app.api.deps import CurrentActor, DbSession, Page, needs
from app.api.router import Router
from app.core.permissions import Permission
from app.schemas.base import PageOf
from app.schemas.runs import RunInChainRead, RunRead
from app.services import chains, runs

router = Router(prefix="/runs", tags=["tasks"])

_READ = [Depends(needs(Permission.READ_EXECUTIONS))]


@router.get("/{id}", dependencies=_READ)
async def get_run(id: UUID, session: DbSession, actor: CurrentActor) -> RunRead:
    """One slot, manual start, chained start or gap of a task; also of a deleted one."""
    return RunRead.model_validate(await runs.get(session, actor, id))


@router.get("/{id}/chain", dependencies=_READ)
async def list_chain(
    id: UUID, session: DbSession, actor: CurrentActor, page: Page
) -> PageOf[RunInChainRead]:
    """The runs of tasks that ran after each other, the root first: what started, and
    what was skipped because something before it did not end as it should."""
    found = await chains.runs_of(session, actor, id, page)
    return PageOf[RunInChainRead].model_validate(found, from_attributes=True)
