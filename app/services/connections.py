"""How an AWS account joins an organization, and how it drops out of the tasks once no
way in is left."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.ids import new_id
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    CredentialsPurpose,
    CredentialsStatus,
)
from app.models.task import Task, TaskTarget
from app.services import audit, outbox
from app.services.decisions.usage import PLAN_LIMIT
from app.services.outbox import OutboxKind

USABLE = (CredentialsStatus.PENDING, CredentialsStatus.VERIFIED)
# What a run may use: what is verified, and a key whose successor waits to be, so that a
# rotation has no gap.
MAY_RUN = or_(
    AWSCredentials.status == CredentialsStatus.VERIFIED,
    and_(
        AWSCredentials.status == CredentialsStatus.PENDING,
        AWSCredentials.verified_version.is_not(None),
    ),
)


def what_there_is(purpose: CredentialsPurpose, rows: Sequence[AWSCredentials]) -> str:
    """Why none of an account's connections of this purpose, `rows`, can be used."""
    if rows:
        found = ", ".join(f"{row.name} is {_status(row)}" for row in rows)
        return f"None of its connections to {purpose} it is verified: {found}."
    if purpose is CredentialsPurpose.READ:
        return "There is no connection to read it: connect the account."
    return (
        "There is no connection to write it, and those to read it change nothing:"
        " connect a role of its own, with the purpose write."
    )


def _status(row: AWSCredentials) -> str:
    return f"{row.status} ({row.reason})" if row.reason else str(row.status)


async def join(
    session: AsyncSession,
    organization_id: UUID,
    account_id: str,
    *,
    name: str,
    actor: str,
) -> AWSAccount:
    """The organization's account with these 12 digits, connected and locked.

    One that was there before keeps its name, labels and history.
    """
    inserted = insert(AWSAccount).values(
        id=new_id(), organization_id=organization_id, account_id=account_id, name=name
    )
    made = await session.scalar(
        inserted.on_conflict_do_nothing(
            index_elements=["organization_id", "account_id"]
        ).returning(AWSAccount.id)
    )
    found = select(AWSAccount).where(
        AWSAccount.organization_id == organization_id,
        AWSAccount.account_id == account_id,
    )
    account = (
        await session.scalars(
            found.with_for_update(key_share=True).execution_options(
                populate_existing=True
            )
        )
    ).one()
    if made is not None or not account.connected:
        account.connected = True
        await session.flush()
        await _record(session, account, actor=actor, action="aws_account.connected")
    return account


async def leave(
    session: AsyncSession,
    actor: Actor,
    aws_account_id: UUID,
    *,
    purpose: CredentialsPurpose,
) -> None:
    """Once no usable way to read is left: the account is disconnected and drops out of
    the tasks that name it; one that names no other is disabled. With a way to write
    that only happens if it was the last way of all: one to read may be put right."""
    statement = (
        select(AWSAccount)
        .where(
            AWSAccount.organization_id == actor.organization_id,
            AWSAccount.id == aws_account_id,
        )
        .with_for_update(key_share=True)
    )
    account = (await session.scalars(statement)).one()
    of_account = (
        AWSCredentials.organization_id == actor.organization_id,
        AWSCredentials.aws_account_id == account.id,
    )
    if purpose is CredentialsPurpose.READ:
        left = exists().where(
            *of_account,
            AWSCredentials.purpose == CredentialsPurpose.READ,
            AWSCredentials.status.in_(USABLE),
        )
    else:
        left = exists().where(*of_account, AWSCredentials.deleted_at.is_(None))
    if await session.scalar(select(left)):
        return
    account.connected, account.paused_at = False, None
    await session.flush()
    by = actor.signature
    await _record(session, account, actor=by, action="aws_account.disconnected")
    for task in await _tasks_naming(session, account):
        await _drop_target(session, task, account, actor=by)
    await _use_the_room(session, account.organization_id)


async def _use_the_room(session: AsyncSession, organization_id: UUID) -> None:
    """For an account that the plan had no room for: in a transaction of its own, as who
    goes by the plan locks the subscription first."""
    waits = exists().where(
        AWSAccount.organization_id == organization_id, AWSAccount.paused_at.is_not(None)
    )
    if await session.scalar(select(waits)):
        await outbox.post(
            session,
            organization_id=organization_id,
            kind=OutboxKind.PLAN_FIT,
            subject_id=organization_id,
        )


async def _tasks_naming(session: AsyncSession, account: AWSAccount) -> Sequence[Task]:
    naming = select(TaskTarget.task_id).where(
        TaskTarget.organization_id == account.organization_id,
        TaskTarget.aws_account_id == account.id,
    )
    statement = (
        select(Task)
        .where(
            Task.organization_id == account.organization_id,
            Task.id.in_(naming),
            Task.deleted_at.is_(None),
        )
        .order_by(Task.id)
        .with_for_update()
    )
    return (await session.scalars(statement)).all()


async def _drop_target(
    session: AsyncSession, task: Task, account: AWSAccount, *, actor: str
) -> None:
    of_task = (
        TaskTarget.organization_id == task.organization_id,
        TaskTarget.task_id == task.id,
    )
    await session.execute(
        delete(TaskTarget).where(*of_task, TaskTarget.aws_account_id == account.id)
    )
    await _record_on(
        session,
        task,
        actor=actor,
        action="task.target_dropped",
        detail={
            "aws_account_id": str(account.id),
            "account_id": account.account_id,
            "reason": "disconnected",
        },
    )
    is_idle = task.selector is None and not await session.scalar(
        select(exists().where(*of_task))
    )
    if is_idle and (task.enabled or task.disabled_reason == PLAN_LIMIT):
        await _disable(session, task, actor=actor)


async def _disable(session: AsyncSession, task: Task, *, actor: str) -> None:
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    task.enabled, task.next_run_at = False, None
    task.disabled_reason, task.updated_at = "no_targets", now
    await session.flush()
    await _record_on(
        session,
        task,
        actor=actor,
        action="task.disabled",
        detail={"reason": "no_targets"},
    )


async def _record(
    session: AsyncSession,
    account: AWSAccount,
    *,
    actor: str,
    action: str,
    detail: dict[str, Any] | None = None,
) -> None:
    await audit.record(
        session,
        organization_id=account.organization_id,
        actor=actor,
        action=action,
        subject_type="aws_account",
        subject_id=account.id,
        detail={"account_id": account.account_id, **(detail or {})},
    )


async def _record_on(
    session: AsyncSession,
    task: Task,
    *,
    actor: str,
    action: str,
    detail: dict[str, Any],
) -> None:
    await audit.record(
        session,
        organization_id=task.organization_id,
        actor=actor,
        action=action,
        subject_type="task",
        subject_id=task.id,
        detail=detail,
    )
