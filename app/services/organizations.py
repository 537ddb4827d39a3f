"""Organizations: the present one, and those that a user belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, Uuid, column, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NoOrganization
from app.core.permissions import Permission, Role
from app.models.organization import Organization


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
