"""What is to be deleted: an organization, after a time in which it can be taken back,
and a person, at once. The rows go later, with app/tasks/erase.py."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import Select, func, literal, select, update
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.errors import Conflict, Invalid
from app.core.permissions import Permission, Role
from app.core.settings import Settings
from app.core.tokens import AccessClaims
from app.integrations import stripe_checkout
from app.integrations.stripe_client import StripeClient
from app.models.organization import Member, Organization
from app.models.subscription import Subscription
from app.models.user import User
from app.services import actors, audit, members, organizations, outbox, sessions
from app.services.memberships import is_present
from app.services.outbox import OutboxKind

log = structlog.get_logger(__name__)

GRACE = timedelta(days=14)


async def ask(
    session: AsyncSession, settings: Settings, actor: Actor, *, name: str
) -> Organization:
    """Set the date, and tell every owner. Asked again, the earlier date stands."""
    organization = await _locked(session, actor)
    if name != organization.name:
        raise Invalid.field("/name", "differs", "This is not the organization's name.")
    if organization.deletion_due_at is not None:
        return organization
    due = select(func.app_now() + literal(GRACE, INTERVAL))
    organization.deletion_due_at = await session.scalar(due)
    await session.flush()
    if settings.smtp_url is not None:
        await _tell_owners(session, actor.organization_id)
    await _post_winding_up(session, actor.organization_id)
    await _record(session, actor, "organization.ask_deletion")
    return organization


async def _tell_owners(session: AsyncSession, organization_id: UUID) -> None:
    """Each by a message of its own: who cannot be reached keeps no other from it."""
    owners = select(Member.user_id).where(
        *is_present(organization_id), Member.role == Role.OWNER
    )
    for user_id in await session.scalars(owners):
        await outbox.post(
            session,
            organization_id=organization_id,
            kind=OutboxKind.MAIL_DELETION,
            subject_id=user_id,
        )


async def take_back(session: AsyncSession, actor: Actor) -> None:
    """Keep the organization; Conflict where nobody asked for its deletion."""
    organization = await _locked(session, actor)
    if organization.deletion_due_at is None:
        raise Conflict("Nobody has asked for its deletion.")
    organization.deletion_due_at = None
    await session.flush()
    await _post_winding_up(session, actor.organization_id)
    await _record(session, actor, "organization.keep")


async def _post_winding_up(session: AsyncSession, organization_id: UUID) -> None:
    """Where something was bought, Stripe is told what is to become of it."""
    if await session.scalar(_customer_of(organization_id)) is not None:
        await outbox.post(
            session,
            organization_id=organization_id,
            kind=OutboxKind.SUBSCRIPTION_WIND_UP,
            subject_id=organization_id,
        )


async def wind_up(
    database: Database, settings: Settings, organization_id: UUID
) -> None:
    """Let the subscription end with what is paid for, while the organization is to be
    deleted; and go on where that was taken back. Raises Unavailable. Whoever changed
    their mind while Stripe was asked is followed before this ends."""
    about = select(Organization.deletion_due_at.is_not(None)).where(
        Organization.id == organization_id
    )
    told: bool | None = None
    while True:
        async with database.unit_of_work(
            Login.WORKER, organization_id=organization_id, actor="outbox"
        ) as session:
            customer_id = await session.scalar(_customer_of(organization_id))
            is_to_end = (await session.execute(about)).scalar_one()
        if customer_id is None or is_to_end == told:
            return
        changed = await stripe_checkout.end_with_its_period(
            StripeClient.of(settings), customer_id, wanted=is_to_end
        )
        told = is_to_end
        log.info("subscription.wound_up", ends=is_to_end, changed=changed)


def _customer_of(organization_id: UUID) -> Select[str | None]:
    return select(Subscription.stripe_customer_id).where(
        Subscription.organization_id == organization_id
    )


async def _locked(session: AsyncSession, actor: Actor) -> Organization:
    actor.must(Permission.DELETE_ORGANIZATION)
    wanted = select(Organization).where(Organization.id == actor.organization_id)
    return (await session.scalars(wanted.with_for_update(key_share=True))).one()


async def _record(session: AsyncSession, actor: Actor, action: str) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="organization",
        subject_id=actor.organization_id,
    )


async def of_oneself(database: Database, claims: AccessClaims, *, email: str) -> None:
    """Leave every organization and be nobody any more; raises LastOwner, having
    changed nothing, for the only owner of any. Interrupted, it is asked for again."""
    user_id, here = claims.user_id, claims.organization_id
    async with actors.as_user(database, user_id, here) as session:
        await actors.authenticate(session, claims)
        own = await session.scalar(select(User.email).where(User.id == user_id))
        places = await organizations.memberships_of(session, user_id)
    if email != own:
        raise Invalid.field("/email", "differs", "This is not your address.")
    elsewhere = [one.organization_id for one in places if one.organization_id != here]
    for home in (*elsewhere, here):
        async with actors.as_user(database, user_id, home) as session:
            await members.must_be_spared(session, home, user_id)
    for home in elsewhere:
        async with actors.as_user(database, user_id, home) as session:
            await members.leave(session, home, user_id)
    async with actors.as_user(database, user_id, here) as session:
        gone = update(User).where(User.id == user_id)
        gone = gone.values(erasure_asked_at=func.app_now(), password_hash=None)
        await session.execute(gone)
        await sessions.end_all(session, user_id, reason=sessions.ACCOUNT_DELETED)
        await members.leave(session, here, user_id)
