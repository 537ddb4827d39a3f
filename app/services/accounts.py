"""AWS accounts: who sees them; their names, labels and exclusions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.aws.services.health import checks
from app.core.actor import Actor
from app.core.errors import FieldError, Invalid, NotFound
from app.models.aws_account import AWSAccount
from app.models.organization import APIKey
from app.models.user import User
from app.schemas.aws_accounts import AccountUpdate, ExclusionInput
from app.services import audit, editing
from app.services.decisions.labels import matches
from app.services.editing import Tags
from app.services.paging import Page, Slice, paginate
from app.services.scoping import visible_accounts


async def page_of(
    session: AsyncSession, actor: Actor, page: Page, *, connected: bool | None = None
) -> Slice[Any]:
    statement = select(AWSAccount).where(visible_accounts(actor))
    if connected is not None:
        statement = statement.where(AWSAccount.connected == connected)
    return await paginate(session, statement, page, by=[AWSAccount.id])


async def get(
    session: AsyncSession, actor: Actor, account_id: UUID, *, lock: bool = False
) -> AWSAccount:
    """Raises NotFound for what the actor may not see."""
    statement = select(AWSAccount).where(
        AWSAccount.id == account_id, visible_accounts(actor)
    )
    if lock:
        # Less than FOR UPDATE, which would wait for, and stop, every row that points
        # at the account.
        statement = statement.with_for_update(key_share=True)
    account = await session.scalar(statement)
    if account is None:
        raise NotFound
    return account


async def find(
    session: AsyncSession, actor: Actor, account_id: str
) -> AWSAccount | None:
    """The account with these 12 digits, if the actor may see it."""
    return (
        await session.scalars(
            select(AWSAccount).where(
                AWSAccount.account_id == account_id, visible_accounts(actor)
            )
        )
    ).one_or_none()


def tag(account: AWSAccount) -> str:
    """What of it can be edited, as one word."""
    return editing.tag_of(account.name, account.labels, account.exclusions)


async def update(
    session: AsyncSession,
    actor: Actor,
    account_id: UUID,
    entry: AccountUpdate,
    *,
    expected: Tags = None,
) -> AWSAccount:
    """Change what is given; nobody can move an account out of their own sight. Raises
    StaleVersion where the present state is not expected."""
    account = await get(session, actor, account_id, lock=True)
    editing.must_match(expected, tag(account))
    before = {"name": account.name, "labels": account.labels}
    if entry.name is not None:
        account.name = entry.name
    if entry.labels is not None:
        if actor.label_scope is not None and not matches(
            actor.label_scope, entry.labels
        ):
            raise Invalid.field(
                "/labels", "outside_scope", "Keep the labels your access is limited to."
            )
        account.labels = dict(entry.labels)
    if entry.exclusions is not None:
        account.exclusions = await _exclusions(
            session, actor, account, entry.exclusions
        )
    await session.flush()
    changed = sorted(entry.model_dump(exclude_none=True))
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="aws_account.updated",
        subject_type="aws_account",
        subject_id=account.id,
        detail={"changed": changed, "before": before},
    )
    return account


async def _exclusions(
    session: AsyncSession,
    actor: Actor,
    account: AWSAccount,
    entries: Sequence[ExclusionInput],
) -> list[dict[str, Any]]:
    """The new list; one that was there already keeps who decided it, and when."""
    _refuse_unknown(entries)
    now = await session.scalar(select(func.app_now()))
    name = await session.scalar(_name_of(actor))
    assert now is not None
    mark = {"by": name, "at": now.isoformat()}
    known = {
        _key(one): {"by": one["by"], "at": one["at"]} for one in account.exclusions
    }
    kept = [entry.model_dump() for entry in entries]
    return [one | known.get(_key(one), mark) for one in kept]


def _name_of(actor: Actor) -> Select[str]:
    if actor.user_id is not None:
        return select(User.name).where(User.id == actor.user_id)
    return select(APIKey.name).where(
        APIKey.organization_id == actor.organization_id, APIKey.id == actor.key_id
    )


def _key(exclusion: dict[str, Any]) -> tuple[str | None, ...]:
    return tuple(exclusion[member] for member in ExclusionInput.model_fields)


def _refuse_unknown(entries: Sequence[ExclusionInput]) -> None:
    """What names nothing that exists would exclude nothing, unnoticed."""
    operations = list(catalog().all_operations())
    known = {
        "service": frozenset(catalog().services),
        "region": catalog().regions | {"global"},
        "key": {one.key for one in operations} | checks().keys(),
        "type": {one.type for one in operations},
    }
    wrong = [
        FieldError(f"/exclusions/{index}/{member}", "unknown", f"{value} is not known.")
        for index, entry in enumerate(entries)
        for member, names in known.items()
        if (value := getattr(entry, member)) is not None and value not in names
    ]
    if wrong:
        raise Invalid("Look at the exclusions.", fields=tuple(wrong))
