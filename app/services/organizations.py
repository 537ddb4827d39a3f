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
from app.schemas.organization import OrganizationUpdate
from app.services import audit
from app.services.editing import Tags, must_match, tag_of


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's place in one of its organizations."""

    organization_id: UUID
    name: str
    role: Role


async def get(
    session: AsyncSession, actor: Actor, *, lock: bool = False
) -> Organization:
    """The actor's own."""
    actor.must(Permission.READ_ORGANIZATION)
    statement = select(Organization).where(Organization.id == actor.organization_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    return (await session.scalars(statement)).one()


def tag(organization: Organization) -> str:
    """Of what can be edited."""
    return tag_of(organization.name, organization.mfa_required)


async def update(
    session: AsyncSession,
    actor: Actor,
    wanted: OrganizationUpdate,
    *,
    expected: Tags = None,
) -> Organization:
    """Change what is given. Who asks for a second factor must have one, and so does
    not lock itself out."""
    actor.must(Permission.EDIT_ORGANIZATION)
    own = select(User.mfa_enabled_at).where(User.id == actor.user_id)
    if wanted.mfa_required and await session.scalar(own) is None:
        raise MfaEnrolmentRequired("Set up your own second factor first.")
    organization = await get(session, actor, lock=True)
    must_match(expected, tag(organization))
    changes = wanted.model_dump(exclude_none=True)
    before = {name: getattr(organization, name) for name in changes}
    for name, value in changes.items():
        setattr(organization, name, value)
    await session.flush()
    await audit.record(
        session,
        organization_id=organization.id,
        actor=actor.signature,
        action="organization.change",
        subject_type="organization",
        subject_id=organization.id,
        detail={"before": before, "after": changes},
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
