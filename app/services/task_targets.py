"""The accounts of a task: those it names, or those its selector finds at each run."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Uuid,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import FieldError, Invalid
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    CredentialsPurpose,
)
from app.models.task import ActionKind, Task, TaskTarget
from app.schemas.tasks import Targets
from app.services.connections import MAY_RUN, what_there_is
from app.services.decisions.labels import matches
from app.services.scoping import visible_accounts
from app.services.task_definitions import refusal

PURPOSES = {
    ActionKind.READ: CredentialsPurpose.READ,
    ActionKind.MUTATE: CredentialsPurpose.WRITE,
}


def account_ids(task: Any) -> ColumnElement[list[UUID]]:
    """Of a statement on tasks: those that each names."""
    named = select(TaskTarget.aws_account_id).where(
        TaskTarget.organization_id == task.organization_id,
        TaskTarget.task_id == task.id,
    )
    in_order = named.order_by(TaskTarget.aws_account_id).correlate(task)
    return func.array(in_order.scalar_subquery(), type_=ARRAY(Uuid))


async def of_tasks(
    session: AsyncSession, tasks: Sequence[Task]
) -> dict[UUID, dict[str, Any]]:
    """The targets as they are now, by the task's id: a version may name accounts that
    were disconnected since."""
    named: dict[UUID, list[str]] = {task.id: [] for task in tasks}
    statement = (
        select(TaskTarget.task_id, TaskTarget.aws_account_id)
        .where(
            TaskTarget.organization_id.in_({task.organization_id for task in tasks}),
            TaskTarget.task_id.in_(named),
        )
        .order_by(TaskTarget.aws_account_id)
    )
    for task_id, account_id in await session.execute(statement):
        named[task_id].append(str(account_id))
    return {
        task.id: (
            {"account_ids": named[task.id]}
            if task.selector is None
            else {"selector": task.selector}
        )
        for task in tasks
    }


async def replace(session: AsyncSession, task: Task, targets: Targets) -> None:
    """Point the task at these accounts, or at those its new selector will find."""
    task.selector = targets.selector
    await session.execute(
        delete(TaskTarget).where(
            TaskTarget.organization_id == task.organization_id,
            TaskTarget.task_id == task.id,
        )
    )
    rows = [
        {
            "organization_id": task.organization_id,
            "task_id": task.id,
            "aws_account_id": account_id,
        }
        for account_id in targets.account_ids or []
    ]
    if rows:
        await session.execute(insert(TaskTarget), rows)


async def lock(session: AsyncSession, actor: Actor, targets: Targets) -> None:
    """Keep the named accounts from being disconnected until the transaction's end.
    Accounts are locked before tasks, everywhere."""
    await session.execute(
        select(AWSAccount.id)
        .where(visible_accounts(actor), AWSAccount.id.in_(targets.account_ids or []))
        .order_by(AWSAccount.id)
        .with_for_update(read=True)
    )


async def resolve(
    session: AsyncSession, actor: Actor, targets: Targets, kind: ActionKind
) -> list[UUID]:
    """The accounts: those named, each of them usable for this kind of work, or those
    that the selector finds now. Raises Invalid naming the member at fault."""
    if targets.selector is not None:
        return await _selected(session, actor, targets.selector)
    ids = targets.account_ids or []
    states = await _states(session, actor, ids)
    usable = await with_verified_credentials(session, actor, ids, kind)
    unusable = [id for id in ids if id not in usable]
    reasons = await _why_unusable(session, actor, unusable, kind)
    wrong = [
        FieldError(f"/targets/account_ids/{index}", *why)
        for index, id in enumerate(ids)
        if (why := _why_not(states.get(id), reasons.get(id))) is not None
    ]
    if wrong:
        raise refusal(wrong)
    return ids


async def _why_unusable(
    session: AsyncSession, actor: Actor, ids: list[UUID], kind: ActionKind
) -> dict[UUID, str]:
    """What there is instead of verified credentials for this kind of work. A
    connection to read is no way to change anything."""
    rows = await session.scalars(
        select(AWSCredentials)
        .where(
            AWSCredentials.organization_id == actor.organization_id,
            AWSCredentials.aws_account_id.in_(ids),
            AWSCredentials.purpose == PURPOSES[kind],
            AWSCredentials.deleted_at.is_(None),
        )
        .order_by(AWSCredentials.id)
    )
    found: dict[UUID, list[AWSCredentials]] = {id: [] for id in ids}
    for row in rows:
        assert row.aws_account_id is not None
        found[row.aws_account_id].append(row)
    return {id: what_there_is(PURPOSES[kind], of) for id, of in found.items()}


def _why_not(
    state: tuple[bool, bool] | None, unusable: str | None
) -> tuple[str, str] | None:
    """`state` is whether it is connected and whether it is paused; None where no such
    account is visible."""
    if state is None:
        return "unknown", "There is no such AWS account"
    connected, paused = state
    if not connected:
        return "disconnected", "This account is not connected any more"
    if paused:
        return "paused", "Your plan allows fewer accounts, and this one is paused"
    return None if unusable is None else ("no_verified_credentials", unusable)


async def _states(
    session: AsyncSession, actor: Actor, ids: list[UUID]
) -> dict[UUID, tuple[bool, bool]]:
    is_paused = AWSAccount.paused_at.is_not(None)
    statement = select(AWSAccount.id, AWSAccount.connected, is_paused).where(
        visible_accounts(actor), AWSAccount.id.in_(ids)
    )
    rows = await session.execute(statement)
    return {id: (connected, paused) for id, connected, paused in rows}


async def with_verified_credentials(
    session: AsyncSession, actor: Actor, ids: list[UUID], kind: ActionKind
) -> set[UUID | None]:
    """Those of the accounts that this kind of work could be done on now."""
    statement = select(AWSCredentials.aws_account_id).where(
        AWSCredentials.organization_id == actor.organization_id,
        AWSCredentials.aws_account_id.in_(ids),
        AWSCredentials.purpose == PURPOSES[kind],
        MAY_RUN,
    )
    return set(await session.scalars(statement))


async def _selected(
    session: AsyncSession, actor: Actor, selector: dict[str, list[str]]
) -> list[UUID]:
    if actor.label_scope is not None:
        raise Invalid.field(
            "/targets/selector",
            "limited",
            "You see some accounts only and a selector could reach others; name them",
        )
    statement = (
        select(AWSAccount.id, AWSAccount.labels)
        .where(
            visible_accounts(actor),
            AWSAccount.connected,
            AWSAccount.paused_at.is_(None),
        )
        .order_by(AWSAccount.id)
    )
    rows = await session.execute(statement)
    return [id for id, labels in rows if matches(selector, labels)]


async def on_account(
    session: AsyncSession, actor: Actor, account_id: UUID
) -> ColumnElement[bool]:
    """A condition on Task: it names the account, or its selector finds it by its
    labels. Raises Invalid where no such account is visible."""
    labels = await session.scalar(
        select(AWSAccount.labels).where(
            visible_accounts(actor), AWSAccount.id == account_id
        )
    )
    if labels is None:
        message = "There is no such AWS account"
        raise Invalid.field("/query/account_id", "unknown", message)
    named = select(TaskTarget.task_id).where(
        TaskTarget.organization_id == actor.organization_id,
        TaskTarget.aws_account_id == account_id,
    )
    return Task.id.in_(named) | _selects(labels)


def _selects(labels: dict[str, str]) -> ColumnElement[bool]:
    """The rule of decisions/labels.py: no label of the selector is without one of its
    values, and there is a label at all."""
    wanted = func.jsonb_each(Task.selector).table_valued("key", "value")
    allowed = wanted.c.value.cast(JSONB)
    carried = literal(labels, JSONB).op("->>")(wanted.c.key)
    missing = select(wanted.c.key).where(
        func.coalesce(allowed.op("?")(carried), False).is_(False)
    )
    return and_(Task.selector != {}, ~missing.exists())
