"""Tells an operator why something ran, did not run, or waits: `cloudrota
explain-execution ID`, with the id of an execution, a run or a task of any tenant."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.queue import HintsNotSent, Publisher
from app.core.settings import Settings
from app.models.run import TaskExecution, TaskRun
from app.models.task import Task
from app.services import (
    deployment,
    execution_facts,
    explanations,
    task_explanations,
)
from app.services.decisions.sentences import instant
from app.services.deployment import Deployment
from app.services.explanations import Explanation
from app.tasks import operator

NOBODY = UUID(int=0)
_KINDS: dict[Any, str] = {TaskExecution: "execution", TaskRun: "run", Task: "task"}


async def explain(
    database: Database, configured: Settings, publisher: Publisher, id: UUID
) -> list[str] | None:
    """The lines to print; None if there is no such thing."""
    async with database.system_session("explain") as session:
        found = await _find(session, id)
        seen = await deployment.look(session)
    if found is None:
        return None
    model, organization_id = found
    told = await _tell(database, configured, model, organization_id, id)
    lines = [f"{told.about} {told.id} is {told.status}; organization {organization_id}"]
    for at, _, text in told.sentences:
        lines.append(f"  {instant(at) if at else 'now':<24} {text}")
    lines += ["The deployment, now:", *(f"  {line}" for line in _of_deployment(seen))]
    return [*lines, f"  {await _of_redis(publisher)}"]


# What is told of an error in a line.
OF_ERROR = ("category", "code", "request_id", "missing_action", "message")


async def facts(
    database: Database, configured: Settings, publisher: Publisher, id: UUID
) -> dict[str, Any] | None:
    """The same for programs, with all that is recorded of an execution, its run, its
    units and what happened to it."""
    lines = await explain(database, configured, publisher, id)
    if lines is None:
        return None
    async with database.system_session("explain") as session:
        found = await _find(session, id)
    assert found is not None
    model, organization_id = found
    told = {"about": _KINDS[model], "organization": organization_id}
    if model is TaskExecution:
        async with as_owner(database, organization_id) as session:
            told |= await execution_facts.of(session, organization_id, id)
    return {**told, "sentences": lines}


def as_owner(
    database: Database, organization_id: UUID
) -> AbstractAsyncContextManager[AsyncSession]:
    """What an owner of the organization sees, for an operator."""
    return database.unit_of_work(
        Login.APP, organization_id=organization_id, actor=operator.name()
    )


async def _find(session: AsyncSession, id: UUID) -> tuple[Any, UUID] | None:
    for model in _KINDS:
        whose = select(model.organization_id).where(model.id == id)
        organization_id = await session.scalar(whose)
        if organization_id is not None:
            return model, organization_id
    return None


async def _tell(
    database: Database,
    configured: Settings,
    model: Any,
    organization_id: UUID,
    id: UUID,
) -> Explanation:
    """As its owner would be told, in a unit of work of that tenant, whose audit log
    says who looked."""
    actor = Actor(organization_id, NOBODY, NOBODY, Role.OWNER)
    async with database.unit_of_work(
        Login.APP, organization_id=organization_id, actor="operator:explain"
    ) as session:
        await operator.record(
            session,
            organization_id,
            action="operator.explain",
            subject_type=_KINDS[model],
            subject_id=id,
        )
        if model is TaskExecution:
            cap = configured.organization_running_cap
            return await explanations.of_execution(session, actor, id, running_cap=cap)
        if model is TaskRun:
            return await task_explanations.of_run(session, actor, id)
        return await task_explanations.of_task(session, actor, id)


def _of_deployment(seen: Deployment) -> Iterator[str]:
    if seen.paused_since is not None:
        since = instant(seen.paused_since)
        yield f"It was restored, and is paused since {since}: cloudrota check."
    if seen.lag_seconds:
        yield f"The beat is {seen.lag_seconds:.0f} s behind."
    else:
        yield "No slot is overdue: the beat is in time."
    yield f"{sum(seen.queued.values())} executions wait, {seen.running} are at work."
    if seen.held < seen.running:
        lost = seen.running - seen.held
        yield f"The workers of {lost} of these were not heard of within their lease."
    for kind, seconds in seen.queue_lag_seconds.items():
        if seconds:
            yield f"The first to {kind} that may start has waited for {seconds:.0f} s."
    if seen.stranded_seconds:
        yield "No worker holds anything: see that some run, of the kind that is needed."
    yield f"Of {seen.outbox_pending} messages of the outbox {seen.outbox_due} are due."
    if seen.outbox_seconds:
        yield f"The oldest of them waits for {seen.outbox_seconds:.0f} s."


async def _of_redis(publisher: Publisher) -> str:
    try:
        await publisher.ping()
    except HintsNotSent as error:
        return f"Redis is away ({error.detail}): workers look by themselves each 5 s."
    return "Redis answers."
