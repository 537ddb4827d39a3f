"""Problems: failures with one cause, counted as one."""

from uuid import UUID

from fastapi import Depends

from app.api.deps import CurrentActor, DbSession, Page, needs
from app.api.etags import TAGGED, ETag, IfMatch
from app.api.router import Router
from app.core.permissions import Permission
from app.models.problem import ProblemStatus
from app.models.purge import PurgeKind
from app.schemas.base import HistoryOf
from app.schemas.problems import ProblemEdit, ProblemRead, UnclosedProblemsRead
from app.schemas.tasks import Category
from app.services import problems, purges

router = Router(prefix="/problems", tags=["problems"])

_READ = [Depends(needs(Permission.READ_EXECUTIONS))]


@router.get("", dependencies=_READ)
async def list_problems(
    *,
    session: DbSession,
    actor: CurrentActor,
    page: Page,
    status: ProblemStatus | None = None,
    account_id: UUID | None = None,
    category: Category | None = None,
) -> HistoryOf[ProblemRead]:
    """The newest first, closed ones included unless a status is asked for."""
    found = await problems.page_of(
        session, actor, page, status=status, account_id=account_id, category=category
    )
    told = await purges.told(session, actor, PurgeKind.PROBLEMS, found)
    return HistoryOf[ProblemRead].model_validate(told, from_attributes=True)


@router.get("/counts", dependencies=_READ)
async def count_problems(
    session: DbSession, actor: CurrentActor
) -> UnclosedProblemsRead:
    """How many are open and how many acknowledged."""
    return UnclosedProblemsRead.model_validate(await problems.unclosed(session, actor))


@router.get("/{id}", dependencies=_READ, responses=TAGGED)
async def get_problem(
    id: UUID, session: DbSession, actor: CurrentActor, etag: ETag
) -> ProblemRead:
    """One problem: its cause, how often it struck, and who looks after it."""
    problem = await problems.get(session, actor, id)
    etag(problems.tag(problem))
    return ProblemRead.model_validate(problem)


@router.patch(
    "/{id}",
    dependencies=[Depends(needs(Permission.EDIT_PROBLEMS))],
    responses=TAGGED,
)
async def edit_problem(  # noqa: PLR0917 — a route's parameters are injected
    id: UUID,
    entry: ProblemEdit,
    session: DbSession,
    actor: CurrentActor,
    etag: ETag,
    if_match: IfMatch,
) -> ProblemRead:
    """Acknowledge a problem, take that back, or note what is known of it."""
    changes = entry.model_dump(exclude_unset=True)
    problem = await problems.edit(
        session, actor, id, changes=changes, expected=if_match
    )
    etag(problems.tag(problem))
    return ProblemRead.model_validate(problem)
