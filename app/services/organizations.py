"""Organizations: the present one, and those that a user belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, Uuid, column, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import MfaEnrolmentRequired, NoOrganization
from app.core.permissions import Permission, Role
from app.models.organization import Organization
from app.models.user import User
from app.services import audit


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's place in one of its organizations."""

    organization_id: UUID
    name: str
    role: Role


async def get(session: AsyncSession, actor: Actor) -> Organization:
    """The actor's own."""
    actor.must(Permission.READ_ORGANIZATION)
    statement = select(Organization).where(Organization.id == actor.organization_id)
    return (await session.scalars(statement)).one()


async def require_mfa(
    session: AsyncSession, actor: Actor, *, is_required: bool
) -> Organization:
    """Whether members need a second factor. Who asks for it must have one, and so does
    not lock itself out."""
    actor.must(Permission.EDIT_ORGANIZATION)
    own = select(User.mfa_enabled_at).where(User.id == actor.user_id)
    if is_required and await session.scalar(own) is None:
        raise MfaEnrolmentRequired("Set up your own second factor first.")
    organization = await get(session, actor)
    organization.mfa_required = is_required
    await session.flush()
    await audit.record(
        session,
        organization_id=organization.id,
        actor=actor.signature,
        action="organization.require_mfa",
        subject_type="organization",
        subject_id=organization.id,
        detail={"is_required": is_required},
    )
    return organization


async def memberships_of(session: AsyncSession, user_id: UUID) -> Sequence[Membership]:
    """Where a user is a member now, oldest membership first; whatever the tenant."""
    found = func.lookup.organizations_of(user_id).table_valued(
        column("organization_id", Uuid), column("name", String), column("role", String)
    )
    rows = await session.execute(select(found))
    return [
        Membership(row.organization_id, row.name, Role(row.role)) for row in rows.all()
    ]


async def home_of(session: AsyncSession, user_id: UUID) -> UUID:
    """The organization that a user has belonged to longest; raises NoOrganization."""
    places = await memberships_of(session, user_id)
    if not places:
        raise NoOrganization
    return places[0].organization_id
