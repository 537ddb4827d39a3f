"""People: found by their address, and shown to themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, Uuid, column, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.permissions import Permission, Role
from app.models.organization import Organization
from app.models.user import User
from app.schemas.auth import UserUpdate
from app.services import audit, organizations
from app.services.decisions.zones import unknown_zone
from app.services.editing import Tags, must_match, tag_of
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


def tag(user: User) -> str:
    """Of what one can edit of oneself."""
    return tag_of(user.timezone)


async def change_oneself(
    session: AsyncSession, actor: Actor, wanted: UserUpdate, *, expected: Tags = None
) -> User:
    """Change what is given. Raises Invalid for a time zone that there is not."""
    statement = select(User).where(User.id == actor.person)
    user = (await session.scalars(statement.with_for_update(key_share=True))).one()
    must_match(expected, tag(user))
    changes = wanted.model_dump(exclude_unset=True)
    must_be_zone(changes.get("timezone"))
    before = {name: getattr(user, name) for name in changes}
    for name, value in changes.items():
        setattr(user, name, value)
    await session.flush()
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="user.change",
        subject_type="user",
        subject_id=user.id,
        detail={"before": before, "after": changes},
    )
    return user


def must_be_zone(name: str | None) -> None:
    """Raises Invalid naming `/timezone`."""
    wrong = None if name is None else unknown_zone(name, "/timezone")
    if wrong is not None:
        raise Invalid(wrong.message, fields=(wrong,))


async def zone_of(session: AsyncSession, actor: Actor) -> str:
    """The time zone of whoever asks: UTC where it has said none, as keys of services
    cannot."""
    said = select(User.timezone).where(User.id == actor.user_id)
    return await session.scalar(said) or "UTC"
