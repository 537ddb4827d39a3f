"""Connects many roles at once, such as one StackSet has made, and says of each what
became of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import JsonValue, ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import FieldError, Invalid
from app.core.settings import Settings
from app.core.tokens import derive_token
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    CredentialsKind,
    CredentialsPurpose,
)
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.subscription import SubscriptionPlan
from app.models.usage_count import CountedMetric
from app.schemas.aws_credentials import CredentialsConnect
from app.schemas.credential_bulk import BulkConnect, BulkConnected, BulkItem
from app.schemas.problem import FieldProblem
from app.services import (
    connections,
    credential_entries,
    credentials,
    idempotency,
    memberships,
    plan_limits,
    task_definitions,
)
from app.services.outbox import OutboxKind
from app.services.scoping import visible_accounts

# So many of one request are verified at once. The others follow one by one, behind all
# that the organization waits for: each asks AWS, as us, some thirty times, and mails
# must not wait behind hundreds of them.
VERIFIED_AT_ONCE = 4
PACE = timedelta(seconds=1)

Way = tuple[str | None, CredentialsPurpose]


@dataclass(slots=True)
class _Item:
    """One entry on its way to its one outcome: `refused`, or else what there is."""

    index: int
    entry: CredentialsConnect | None = None
    account_id: str = ""
    refused: tuple[FieldError, ...] = ()
    credentials_id: UUID | None = None
    aws_account_id: UUID | None = None
    is_new: bool = False

    @property
    def way(self) -> Way:
        assert self.entry is not None
        return self.entry.role_arn, self.entry.purpose

    def refuse(self, *wrong: FieldError) -> None:
        self.refused = wrong


@dataclass(slots=True)
class _Present:
    """What the organization has already, and what earlier items of the request add."""

    ways: dict[Way, tuple[UUID, UUID | None]]
    names: set[str]
    account_ids: frozenset[str] | None
    """Those that a limited actor sees; None for who is not limited."""
    connected: set[str]
    """Accounts that it has, and those that earlier items connect."""
    room: int | None
    """For how many more accounts; None without a limit."""
    new: dict[Way, _Item] = field(default_factory=dict)


async def connect_many(
    session: AsyncSession,
    actor: Actor,
    wanted: BulkConnect,
    *,
    settings: Settings,
    idempotency_key: str | None = None,
) -> BulkConnected:
    """Connect each role that can be, refuse each of the others for itself, and ask for
    the verification of what is new. One outcome for each item, in their order."""

    async def act() -> BulkConnected:
        credential_entries.must_be_verified(actor)
        return await _connect_many(session, actor, wanted.items)

    # What is sent by mistake may hold a secret; what is kept does not let it be tried.
    text = json.dumps(wanted.items, sort_keys=True)
    return await idempotency.once_as(
        session,
        actor,
        BulkConnected,
        act,
        route="aws_credentials.connect_many",
        key=idempotency_key,
        request=derive_token(settings, "idempotency", text),
    )


async def _connect_many(
    session: AsyncSession, actor: Actor, entries: Sequence[JsonValue]
) -> BulkConnected:
    items = [_read(index, entry) for index, entry in enumerate(entries)]
    plan = await plan_limits.hold(session, actor.organization_id)
    # Names and roles are compared here, and nobody else may add one meanwhile.
    await memberships.lock(session, actor.organization_id)
    await _lock_accounts(session, actor, items)
    present = await _present(session, actor, items, plan)
    for item in items:
        if not item.refused:
            _decide(item, present)
    await _add(session, actor, list(present.new.values()))
    return BulkConnected(items=[_outcome(item, present) for item in items])


# ── what each item is ────────────────────────────────────────────────────────────


def _read(index: int, entry: JsonValue) -> _Item:
    """The item, with the errors that the same entry alone would be refused with."""
    item = _Item(index)
    try:
        item.entry = _as_role(entry)
        kind = CredentialsKind.ROLE
        credential_entries.refuse_members_of_other_kinds(kind, item.entry, needed=True)
        assert item.entry.role_arn is not None
        item.account_id = credential_entries.account_id_of(item.entry.role_arn)
    except ValidationError as error:
        item.refuse(*task_definitions.invalid(error).fields)
    except Invalid as error:
        item.refuse(*error.fields)
    return item


def _as_role(entry: JsonValue) -> CredentialsConnect:
    if isinstance(entry, Mapping):
        entry = {"kind": CredentialsKind.ROLE.value, **entry}
        if entry["kind"] == CredentialsKind.ACCESS_KEY:
            raise Invalid.field("/kind", "one_by_one", "Connect access keys singly.")
    return CredentialsConnect.model_validate(entry)


async def _present(
    session: AsyncSession,
    actor: Actor,
    items: Sequence[_Item],
    plan: SubscriptionPlan,
) -> _Present:
    entries = [item.entry for item in items if item.entry is not None]
    mine = (
        AWSCredentials.organization_id == actor.organization_id,
        AWSCredentials.deleted_at.is_(None),
    )
    row = AWSCredentials
    ways = await session.execute(
        select(row.role_arn, row.purpose, row.id, row.aws_account_id)
        .where(*mine, row.role_arn.in_({entry.role_arn for entry in entries}))
        .order_by(row.id.desc())  # of several, the first that was connected
    )
    names = await session.scalars(
        select(row.name).where(*mine, row.name.in_({entry.name for entry in entries}))
    )
    asked = {item.account_id for item in items}
    connected = select(AWSAccount.account_id).where(
        AWSAccount.organization_id == actor.organization_id,
        AWSAccount.account_id.in_(asked),
        AWSAccount.connected,
    )
    seen = None
    if actor.label_scope is not None:
        # A new account has no labels yet, so that nobody with a limit could see it.
        account = select(AWSAccount.account_id).where(
            visible_accounts(actor), AWSAccount.account_id.in_(asked)
        )
        seen = frozenset(await session.scalars(account))
    return _Present(
        ways={(arn, purpose): (id, of) for arn, purpose, id, of in ways},
        names=set(names),
        account_ids=seen,
        connected=set(await session.scalars(connected)),
        room=await plan_limits.room(
            session, plan, actor.organization_id, CountedMetric.AWS_ACCOUNTS
        ),
    )


def _decide(item: _Item, present: _Present) -> None:
    """Refused, there already, or new; of two alike in one request the first is."""
    assert item.entry is not None
    if present.account_ids is not None and item.account_id not in present.account_ids:
        unseen = "You see no account with this number."
        item.refuse(FieldError("/role_arn", "unknown", unseen))
    elif item.way in present.ways:
        item.credentials_id, item.aws_account_id = present.ways[item.way]
    elif item.way not in present.new and item.entry.name in present.names:
        taken = "Another connection has this name."
        item.refuse(FieldError("/name", "taken", taken))
    elif item.way not in present.new:
        _take_place(item, present)


def _take_place(item: _Item, present: _Present) -> None:
    """New; where it brings an account, there must be room for it in the plan."""
    assert item.entry is not None
    if item.account_id not in present.connected and present.room is not None:
        if not present.room:
            full = "Your plan allows no more AWS accounts."
            item.refuse(FieldError("/role_arn", CountedMetric.AWS_ACCOUNTS, full))
            return
        present.room -= 1
    item.is_new = True
    present.new[item.way] = item
    present.names.add(item.entry.name)
    present.connected.add(item.account_id)


# ── what is added ────────────────────────────────────────────────────────────────


async def _add(session: AsyncSession, actor: Actor, items: Sequence[_Item]) -> None:
    free_at = await _free_at(session, actor.organization_id)
    for number, item in enumerate(items):
        assert item.entry is not None
        account = await connections.join(
            session,
            actor.organization_id,
            item.account_id,
            name=item.entry.name,
            actor=actor.signature,
        )
        paced = number - VERIFIED_AT_ONCE
        row = credentials.made_of(actor, item.entry, account)
        verify_at = None if paced < 0 else free_at + paced * PACE
        await credentials.add(session, actor, row, verify_at=verify_at)
        item.credentials_id, item.aws_account_id = row.id, account.id


async def _lock_accounts(
    session: AsyncSession, actor: Actor, items: Sequence[_Item]
) -> None:
    """Those that are there, in the order in which tasks lock theirs, too."""
    await session.execute(
        select(AWSAccount.id)
        .where(
            AWSAccount.organization_id == actor.organization_id,
            AWSAccount.account_id.in_({item.account_id for item in items}),
        )
        .order_by(AWSAccount.id)
        .with_for_update(key_share=True)
    )


async def _free_at(session: AsyncSession, organization_id: UUID) -> Any:
    """When all verifications that the organization waits for have had their turn."""
    last = select(func.max(OutboxMessage.available_at)).where(
        OutboxMessage.organization_id == organization_id,
        OutboxMessage.kind == OutboxKind.CREDENTIALS_VERIFY,
        OutboxMessage.status == OutboxStatus.PENDING,
    )
    latest = func.greatest(func.app_now(), last.scalar_subquery())
    return (await session.execute(select(latest))).scalar_one() + PACE


# ── what is answered ─────────────────────────────────────────────────────────────


def _outcome(item: _Item, present: _Present) -> BulkItem:
    if item.refused:
        wrong = [_told(item.index, one) for one in item.refused]
        return BulkItem.refused(item.index, wrong)
    first = item if item.credentials_id is not None else present.new[item.way]
    assert first.credentials_id is not None
    return BulkItem(
        index=item.index,
        outcome="connected" if item.is_new else "already_connected",
        credentials_id=first.credentials_id,
        aws_account_id=first.aws_account_id,
        errors=[],
    )


def _told(index: int, wrong: FieldError) -> FieldProblem:
    pointer = wrong.pointer
    if not pointer.isprintable():  # the name of a member that nobody knows
        pointer = ""
    return FieldProblem(
        pointer=f"/items/{index}{pointer}", code=wrong.code, message=wrong.message
    )
