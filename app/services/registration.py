"""A new person with an organization of its own."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.errors import (
    EmailNotVerified,
    EmailTaken,
    FieldError,
    Invalid,
    NameTaken,
    TooMany,
)
from app.core.ids import new_id
from app.core.passwords import hash_password
from app.core.permissions import Role
from app.core.settings import Settings
from app.core.tokens import AccessClaims
from app.models.organization import Member, Organization
from app.models.subscription import Subscription, SubscriptionStatus
from app.models.user import User, UserIdentity
from app.services import (
    actors,
    audit,
    channels,
    email_verification,
    notification_rules,
    organizations,
    sessions,
    users,
)
from app.services.decisions.password_rules import weakness
from app.services.sessions import SignedIn, Visitor

_EXTERNAL_ID_BYTES = 32
MOST_OWNED = 20


@dataclass(frozen=True, slots=True)
class Registered:
    """What came to be; the user is signed in."""

    user: User
    organization: Organization
    signed_in: SignedIn


async def register(
    database: Database,
    settings: Settings,
    visitor: Visitor,
    *,
    email: str,
    password: str,
    name: str,
    organization_name: str,
    timezone: str | None = None,
) -> Registered:
    """A user, verified once it follows the mailed link, or at once where no mail is
    configured. A taken address is the database's to refuse (uq_users_email)."""
    users.must_be_zone(timezone)
    user = await _person(email, password, name)
    user.timezone = timezone
    organization = _named(organization_name)
    async with actors.as_user(database, user.id, organization.id) as session:
        if settings.smtp_url is None:
            user.email_verified_at = await session.scalar(select(func.app_now()))
        await _add_person(session, user)
        await _add(session, settings, user.id, organization)
        if settings.smtp_url is not None:
            await email_verification.ask(
                session, settings, user, organization_id=organization.id
            )
        signed_in = await sessions.start(
            session,
            settings,
            visitor,
            user_id=user.id,
            organization_id=organization.id,
        )
    return Registered(user, organization, signed_in)


async def create_owner(
    database: Database,
    settings: Settings,
    *,
    email: str,
    password: str,
    name: str,
    organization_name: str,
    operator: str,
) -> tuple[User, Organization]:
    """As `register`, but by an operator, who vouches for the address: nothing is
    mailed, and nobody is signed in. Raises EmailTaken."""
    user = await _person(email, password, name)
    organization = _named(organization_name)
    try:
        async with actors.as_user(database, user.id, organization.id) as session:
            user.email_verified_at = await session.scalar(select(func.app_now()))
            await _add_person(session, user)
            await _add(session, settings, user.id, organization, by=operator)
    except IntegrityError as error:
        if "uq_users_email" not in str(error.orig):
            raise
        raise EmailTaken("Invite who has an account already.") from error
    return user, organization


async def _person(email: str, password: str, name: str) -> User:
    if weak := weakness(password, email=email):
        raise Invalid.field("/password", "weak", weak)
    password_hash = await hash_password(password)
    return User(id=new_id(), email=email, name=name, password_hash=password_hash)


async def _add_person(session: AsyncSession, user: User) -> None:
    session.add(user)
    await session.flush()
    session.add(UserIdentity(user_id=user.id, provider="password", subject=user.email))


async def found(
    database: Database, settings: Settings, claims: AccessClaims, *, name: str
) -> Organization:
    """A further organization of somebody who is signed in, which then owns it; its
    session stays where it is."""
    async with actors.in_name_of(database, claims) as session:
        actor = await actors.authenticate(session, claims)
        if not actor.email_verified:
            raise EmailNotVerified("Then make organizations.")
    organization = _named(name)
    async with actors.as_user(database, claims.user_id, organization.id) as session:
        # Held, so that what is asked for twice at once is made once.
        oneself = select(User.id).where(User.id == claims.user_id)
        await session.execute(oneself.with_for_update(key_share=True))
        await _refuse_further(session, claims.user_id, name)
        await _add(session, settings, claims.user_id, organization)
    return organization


async def _refuse_further(session: AsyncSession, user_id: UUID, name: str) -> None:
    """A second of the same name, which may be a repeat; and more than enough."""
    places = await organizations.memberships_of(session, user_id)
    owned = [place.name for place in places if place.role is Role.OWNER]
    if name in owned:
        told = "You own an organization of this name."
        raise NameTaken(told, fields=(FieldError("/name", "taken", told),))
    if len(owned) >= MOST_OWNED:
        raise TooMany(f"Nobody owns more than {MOST_OWNED} organizations.")


def _named(name: str) -> Organization:
    return Organization(
        id=new_id(),
        name=name,
        aws_external_id=secrets.token_urlsafe(_EXTERNAL_ID_BYTES),
    )


async def _add(
    session: AsyncSession,
    settings: Settings,
    user_id: UUID,
    organization: Organization,
    *,
    by: str | None = None,
) -> None:
    session.add(organization)
    await session.flush()
    session.add_all(_belongings(settings, user_id, organization.id))
    managers = channels.of_managers(organization.id)
    session.add(managers)
    await session.flush()
    await notification_rules.add_default(session, organization.id, managers.id)
    await audit.record(
        session,
        organization_id=organization.id,
        actor=by or f"user:{user_id}",
        action="organization.register",
        subject_type="organization",
        subject_id=organization.id,
    )


def _belongings(
    settings: Settings, user_id: UUID, organization_id: UUID
) -> tuple[Member, Subscription]:
    return (
        Member(organization_id=organization_id, user_id=user_id, role=Role.OWNER),
        Subscription(
            organization_id=organization_id,
            plan_code=settings.default_plan,
            # Where nothing is sold, the operator gives it; else all is to be bought.
            status=SubscriptionStatus.NONE
            if settings.stripe_api_key
            else SubscriptionStatus.COMPLIMENTARY,
        ),
    )
