"""People: found by their address, and shown to themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, Uuid, column, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.permissions import Permission, Role
from app.models.organization import Organization
from app.models.user import User
from app.services import organizations
from app.services.organizations import Membership


@dataclass(frozen=True, slots=True)
class Oneself:
    """Who is signed in, where, and what it may do there."""

    user: User
    organization: Organization
    role: Role
    permissions: Sequence[Permission]
    label_scope: dict[str, list[str]] | None
    memberships: Sequence[Membership]

    @property
    def mfa_enabled(self) -> bool:
        return self.user.mfa_enabled_at is not None


async def find_by_email(
    session: AsyncSession, email: str
) -> tuple[UUID, str | None] | None:
    """Id and password hash of whoever may sign in with `email`; asked before anybody
    is known, so it sees no more than that."""
    found = func.lookup.user_by_email(email).table_valued(
        column("user_id", Uuid), column("password_hash", String)
    )
    row = (await session.execute(select(found))).one_or_none()
    return None if row is None else (row.user_id, row.password_hash)


async def describe_oneself(session: AsyncSession, actor: Actor) -> Oneself:
    statement = select(User).where(User.id == actor.person)
    return Oneself(
        user=(await session.scalars(statement)).one(),
        organization=await organizations.get(session, actor),
        role=actor.role,
        permissions=sorted(actor.permissions),
        label_scope=actor.label_scope,
        memberships=await organizations.memberships_of(session, actor.person),
    )
