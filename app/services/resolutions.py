"""What people found out about interrupted changes, whose outcome was unknown."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Conflict, IllegalTransition, NotFound
from app.models.run import ExecutionEvent, Status, TaskExecution
from app.schemas.executions import ResolutionRead
from app.schemas.reruns import ResolutionInput
from app.services import audit
from app.services.scoping import on_visible_account

RESOLVED = "resolved"


class AlreadyResolved(Conflict):
    code = "already-resolved"
    title = "Somebody has said already what became of it"


async def resolve(
    session: AsyncSession, actor: Actor, execution_id: UUID, found: ResolutionInput
) -> ExecutionEvent:
    """Record what became of an interrupted execution, once and for good. Its status
    stays: what happened then is not rewritten."""
    execution = await session.scalar(
        select(TaskExecution)
        .where(
            TaskExecution.id == execution_id,
            on_visible_account(
                actor, TaskExecution.organization_id, TaskExecution.aws_account_id
            ),
        )
        # Two resolutions at the same moment queue up here: the second is refused.
        .with_for_update()
    )
    if execution is None:
        raise NotFound
    if execution.status is not Status.INTERRUPTED:
        raise IllegalTransition(f"It is {execution.status}: its outcome is known.")
    if await is_resolved(session, actor.organization_id, execution_id):
        raise AlreadyResolved("Look at its events.")
    event = ExecutionEvent(
        organization_id=actor.organization_id,
        execution_id=execution_id,
        kind=RESOLVED,
        fence=execution.fence,
        actor=actor.signature,
        detail=found.model_dump(mode="json"),
    )
    session.add(event)
    await session.flush()
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="execution.resolve",
        subject_type="execution",
        subject_id=execution_id,
        detail={"outcome": found.outcome},
    )
    return event


async def is_resolved(
    session: AsyncSession, organization_id: UUID, execution_id: UUID
) -> bool:
    """Whether a person has said what became of it."""
    return bool(await of(session, organization_id, [execution_id]))


async def of(
    session: AsyncSession, organization_id: UUID, execution_ids: Collection[UUID]
) -> dict[UUID, ResolutionRead]:
    """What people said, by the execution's id."""
    if not execution_ids:
        return {}
    said = await session.scalars(
        select(ExecutionEvent).where(
            ExecutionEvent.organization_id == organization_id,
            ExecutionEvent.execution_id.in_(execution_ids),
            ExecutionEvent.kind == RESOLVED,
        )
    )
    return {
        event.execution_id: ResolutionRead(
            outcome=event.detail["outcome"],
            note=event.detail["note"],
            by=UUID(event.actor.removeprefix("user:")),
            at=event.at,
        )
        for event in said
    }
