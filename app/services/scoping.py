"""The one place where a member's label scope limits what is seen."""

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.core.actor import Actor
from app.models.aws_account import AWSAccount
from app.models.task import Task, TaskTarget


def visible_accounts(actor: Actor) -> ColumnElement[bool]:
    """A condition on AWSAccount: it is the tenant's, and carries each label of the
    actor's scope with one of the allowed values. A scope without labels shows nothing,
    so that removing the last label does not widen it to everything."""
    mine = AWSAccount.organization_id == actor.organization_id
    if actor.label_scope is None:
        return mine
    if not actor.label_scope:
        return false()
    allowed = [
        or_(false(), *(AWSAccount.labels.contains({label: value}) for value in values))
        for label, values in actor.label_scope.items()
    ]
    return and_(mine, *allowed)


def on_visible_account(
    actor: Actor,
    organization_id: InstrumentedAttribute[object],
    aws_account_id: InstrumentedAttribute[object],
) -> ColumnElement[bool]:
    """A condition on a table that names an account: the tenant's, and visible."""
    mine = organization_id == actor.organization_id
    if actor.label_scope is None:
        return mine
    return and_(
        mine, aws_account_id.in_(select(AWSAccount.id).where(visible_accounts(actor)))
    )


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """A condition on Task: the tenant's and, for a scoped actor, one whose every
    target is visible (so not one that selects its accounts by label)."""
    mine = Task.organization_id == actor.organization_id
    if actor.label_scope is None:
        return mine
    visible = select(AWSAccount.id).where(visible_accounts(actor))
    targets = select(TaskTarget.aws_account_id).where(
        TaskTarget.organization_id == Task.organization_id,
        TaskTarget.task_id == Task.id,
    )
    hidden = targets.where(TaskTarget.aws_account_id.not_in(visible))
    return and_(mine, Task.selector.is_(None), targets.exists(), ~hidden.exists())
