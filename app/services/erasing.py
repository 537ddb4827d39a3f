"""Erases, under the owner's login, what was to be deleted: step by step, each told in
its own transaction, so that to be interrupted anywhere does no harm.

An organization is first stopped, and an hour later its rows and files go, by when
nobody is at work on them. Its people go with it if they belong to no other."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID

from anyio import to_thread
from sqlalchemy import (
    Table,
    Update,
    delete,
    exists,
    func,
    literal,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import INTERVAL, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.db import Database, Login
from app.core.storage import ObjectStorage
from app.integrations import stripe_checkout
from app.integrations.stripe_client import StripeClient, StripeNotConfigured
from app.models import Base
from app.models.artifact import Artifact
from app.models.audit import AuditEvent
from app.models.erasure import Erasure
from app.models.organization import Invitation, Member, Organization
from app.models.run import TaskExecution
from app.models.subscription import StripeEvent, Subscription
from app.models.task import Task
from app.models.user import User
from app.services.artifacts import key_of

BATCH = 5_000
# Longer than any lease: what still ran when the organization was stopped has ended.
QUIET = timedelta(hours=1)
ERASED = "Erased person"
_FILES = 100
_NOTES = "erasures/"  # ids, which say nothing about anybody

_FORGET_EXCLUDER = text(
    "UPDATE aws_accounts SET exclusions = ("
    " SELECT jsonb_agg(CASE WHEN one ->> 'by' = :name"
    " THEN jsonb_set(one, '{by}', to_jsonb(CAST(:erased AS text))) ELSE one END)"
    " FROM jsonb_array_elements(exclusions) AS one)"
    " WHERE organization_id IN (SELECT organization_id FROM members"
    " WHERE user_id = :user_id)"
    " AND exclusions @>"
    " jsonb_build_array(jsonb_build_object('by', CAST(:name AS text)))"
)


class Due(NamedTuple):
    """Organizations to be stopped, organizations and people to be erased."""

    stop: Sequence[UUID]
    organizations: Sequence[UUID]
    people: Sequence[UUID]


async def due(database: Database) -> Due:
    """What is to be done now."""
    now = func.app_now()
    to_stop = select(Organization.id).where(
        Organization.deletion_due_at <= now, Organization.deleted_at.is_(None)
    )
    to_erase = select(Organization.id).where(
        Organization.deleted_at <= now - literal(QUIET, INTERVAL)
    )
    people = select(User.id).where(
        User.erasure_asked_at.is_not(None), User.disabled_at.is_(None)
    )
    async with _as_owner(database) as session:
        return Due(
            stop=(await session.scalars(to_stop)).all(),
            organizations=(await session.scalars(to_erase)).all(),
            people=(await session.scalars(people)).all(),
        )


async def stop(database: Database, organization_id: UUID) -> None:
    """From now on nobody is signed in there, nothing is due, and what is at work is
    cancelled."""
    now = func.app_now()
    async with _as_owner(database) as session:
        tasks = update(Task).where(Task.organization_id == organization_id)
        await session.execute(tasks.values(enabled=False, next_run_at=None))
        at_work = update(TaskExecution).where(
            TaskExecution.organization_id == organization_id,
            TaskExecution.finished_at.is_(None),
        )
        await session.execute(at_work.values(cancel_requested_at=now))
        ended = update(Organization).where(Organization.id == organization_id)
        await session.execute(ended.values(deleted_at=now))


async def _remove_customer(
    database: Database, stripe: StripeClient | None, organization_id: UUID
) -> None:
    """At Stripe, with whatever subscription it still has; before the rows go, which are
    all that names it. Raises Unavailable, without a Stripe as well."""
    customer = select(Subscription.stripe_customer_id).where(
        Subscription.organization_id == organization_id
    )
    async with _as_owner(database) as session:
        customer_id = await session.scalar(customer)
    if customer_id is None:
        return
    if stripe is None:
        raise StripeNotConfigured("It is a customer there: set STRIPE_API_KEY.")
    await stripe_checkout.delete_customer(stripe, customer_id)


async def erase_organization(
    database: Database,
    storage: ObjectStorage,
    organization_id: UUID,
    stripe: StripeClient | None = None,
) -> Erasure:
    """All of its rows and files, and its customer at Stripe. Its members who belong to
    no other organization are people to be erased from now on."""
    await _remove_customer(database, stripe, organization_id)
    await _note(storage, organization_id)
    async with _as_owner(database) as session:
        await _begin(session, organization_id)
        await session.execute(_homeless(organization_id))
        await _forget_stripe(session, organization_id)
    await _delete_files(database, storage, organization_id)
    for table in reversed(Base.metadata.sorted_tables):
        if "organization_id" in table.columns:
            while await delete_batch(database, table, organization_id):
                pass
    async with _as_owner(database) as session:
        gone = delete(Organization).where(Organization.id == organization_id)
        await session.execute(gone)
        return await _finish(session, organization_id)


async def erase_person(
    database: Database, storage: ObjectStorage, user_id: UUID
) -> Erasure:
    """Name, address, ways to sign in, and sessions. Where an organization's history
    still names the person, an id with nobody behind it stays."""
    await _note(storage, user_id)
    async with _as_owner(database) as session:
        await _begin(session, user_id)
        user = await session.get(User, user_id)
        if user is not None:
            await _forget_traces(session, user)
            await _forget_person(session, user)
        return await _finish(session, user_id)


# ── an organization ──────────────────────────────────────────────────────────────


def _homeless(organization_id: UUID) -> Update:
    own, other = aliased(Member), aliased(Member)
    belongs = exists().where(
        own.user_id == User.id,
        own.organization_id == organization_id,
        own.removed_at.is_(None),
    )
    elsewhere = exists().where(
        other.user_id == User.id,
        other.organization_id != organization_id,
        other.removed_at.is_(None),
    )
    homeless = update(User).where(belongs, ~elsewhere)
    return homeless.values(erasure_asked_at=func.app_now())


async def _forget_stripe(session: AsyncSession, organization_id: UUID) -> None:
    """What Stripe told of its customer, which no row says whose it is."""
    customer = select(Subscription.stripe_customer_id).where(
        Subscription.organization_id == organization_id
    )
    told: Any = await session.execute(
        delete(StripeEvent)
        .where(StripeEvent.customer_id.in_(customer))
        .execution_options(synchronize_session=False)
    )
    await _count(session, organization_id, "stripe_events", told.rowcount)


async def _delete_files(
    database: Database, storage: ObjectStorage, organization_id: UUID
) -> None:
    wanted = select(Artifact).where(Artifact.organization_id == organization_id)
    while True:
        async with _as_owner(database) as session:
            some = (await session.scalars(wanted.limit(_FILES))).all()
        if not some:
            return
        for artifact in some:
            await to_thread.run_sync(storage.delete, key_of(artifact))
        gone = delete(Artifact).where(
            Artifact.organization_id == organization_id,
            Artifact.id.in_([artifact.id for artifact in some]),
        )
        async with _as_owner(database) as session:
            await session.execute(gone)
            for what in ("objects", "artifacts"):
                await _count(session, organization_id, what, len(some))


async def delete_batch(database: Database, table: Table, organization_id: UUID) -> bool:
    """Delete some of the table's rows; whether there may be more. The newest go first,
    as what points at a row of its own table is younger."""
    key = list(table.primary_key.columns)
    some = (
        select(*key)
        .where(table.c.organization_id == organization_id)
        .order_by(*(column.desc() for column in key))
        .limit(BATCH)
    )
    async with _as_owner(database) as session:
        gone: Any = await session.execute(
            delete(table).where(
                table.c.organization_id == organization_id, tuple_(*key).in_(some)
            )
        )
        await _count(session, organization_id, table.name, gone.rowcount)
    return bool(gone.rowcount == BATCH)


# ── a person ─────────────────────────────────────────────────────────────────────


async def _forget_traces(session: AsyncSession, user: User) -> None:
    """What organizations keep of the person beside its id. From where it asked goes
    with its salt: what the chain of the audit log covers stays as it is."""
    about = {"user_id": user.id, "name": user.name, "erased": ERASED}
    await session.execute(_FORGET_EXCLUDER, about)
    homes = select(Member.organization_id).where(Member.user_id == user.id)
    origins: Any = await session.execute(
        update(AuditEvent)
        .where(
            AuditEvent.organization_id.in_(homes),
            AuditEvent.actor == f"user:{user.id}",
            AuditEvent.origin_salt.is_not(None),
        )
        .values(address=None, user_agent=None, request_id=None, origin_salt=None)
    )
    await _count(session, user.id, "audit_events", origins.rowcount)
    asked: Any = await session.execute(
        delete(Invitation).where(Invitation.email == user.email)
    )
    await _count(session, user.id, "invitations", asked.rowcount)


async def _forget_person(session: AsyncSession, user: User) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        if _is_a_persons(table):
            own: Any = await session.execute(
                delete(table).where(table.c.user_id == user.id)
            )
            await _count(session, user.id, table.name, own.rowcount)
    belonged = exists().where(Member.user_id == user.id)
    if await session.scalar(select(belonged)):
        user.email, user.name = f"{user.id}@erased.invalid", ERASED
        user.password_hash = user.email_verified_at = user.mfa_enabled_at = None
        user.password_needs_mfa, user.timezone = False, None
        user.disabled_at = await session.scalar(select(func.app_now()))
        await session.flush()
    else:
        await session.delete(user)
        await session.flush()
    await _count(session, user.id, "users", 1)


def _is_a_persons(table: Table) -> bool:
    """Its rows are somebody's own, and not an organization's word on somebody."""
    own = table.columns.get("user_id")
    return own is not None and bool(own.foreign_keys) and table.name != "members"


# ── what is told of it ───────────────────────────────────────────────────────────


async def noted(storage: ObjectStorage) -> list[UUID]:
    """All that were ever to be erased, also those that a restored database knows."""
    keys = await to_thread.run_sync(lambda: list(storage.keys(_NOTES)))
    return [UUID(key.removeprefix(_NOTES)) for key in keys]


async def _note(storage: ObjectStorage, id: UUID) -> None:
    """Outside the database and its backups, before anything goes: who restores one
    finds here whom it brought back."""
    note = BytesIO(f"{id}\n".encode())
    await to_thread.run_sync(storage.put, f"{_NOTES}{id}", note)


async def _begin(session: AsyncSession, id: UUID) -> None:
    started = insert(Erasure).values(id=id)
    await session.execute(started.on_conflict_do_nothing())


async def _count(session: AsyncSession, id: UUID, what: str, rows: int) -> None:
    erasure = await session.get_one(Erasure, id, with_for_update=True)
    if rows:
        before = int(erasure.counts.get(what, 0))
        erasure.counts = {**erasure.counts, what: before + rows}
        await session.flush()


async def _finish(session: AsyncSession, id: UUID) -> Erasure:
    erasure = await session.get_one(Erasure, id)
    erasure.finished_at = await session.scalar(select(func.app_now()))
    await session.flush()
    session.expunge(erasure)
    return erasure


def _as_owner(database: Database) -> AbstractAsyncContextManager[AsyncSession]:
    return database.unit_of_work(Login.OWNER, actor="erasure")
