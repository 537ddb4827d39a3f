"""A new person with an organization of its own."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.passwords import hash_password
from app.core.permissions import Role
from app.core.settings import Settings
from app.models.organization import Member, Organization
from app.models.subscription import Subscription, SubscriptionStatus
from app.models.user import User, UserIdentity
from app.services import audit, email_verification, sessions
from app.services.decisions.password_rules import weakness
from app.services.sessions import SignedIn, Visitor

_EXTERNAL_ID_BYTES = 32


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
) -> Registered:
    """A user, verified once it follows the mailed link, or at once where no mail is
    configured. A taken address is the database's to refuse (uq_users_email)."""
    if weak := weakness(password, email=email):
        raise Invalid.field("/password", "weak", weak)
    password_hash = await hash_password(password)
    user = User(id=new_id(), email=email, name=name, password_hash=password_hash)
    organization = Organization(
        id=new_id(),
        name=organization_name,
        aws_external_id=secrets.token_urlsafe(_EXTERNAL_ID_BYTES),
    )
    async with database.unit_of_work(
        Login.APP,
        organization_id=organization.id,
        user_id=user.id,
        actor=f"user:{user.id}",
    ) as session:
        if settings.smtp_url is None:
            user.email_verified_at = await session.scalar(select(func.app_now()))
        await _add(session, user, organization)
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


async def _add(session: AsyncSession, user: User, organization: Organization) -> None:
    session.add_all([user, organization])
    await session.flush()
    session.add_all(_belongings(user.id, user.email, organization.id))
    await session.flush()
    await audit.record(
        session,
        organization_id=organization.id,
        actor=f"user:{user.id}",
        action="organization.register",
        subject_type="organization",
        subject_id=organization.id,
    )


def _belongings(
    user_id: UUID, email: str, organization_id: UUID
) -> tuple[UserIdentity, Member, Subscription]:
    return (
        UserIdentity(user_id=user_id, provider="password", subject=email),
        Member(organization_id=organization_id, user_id=user_id, role=Role.OWNER),
        Subscription(
            organization_id=organization_id,
            plan_code="self_hosted",
            status=SubscriptionStatus.COMPLIMENTARY,
        ),
    )
