"""The people of the tests: Alice owns, Olga operates (member), Adam administers,
Victor views, Clara sees one label only; Mallory owns another organization."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.permissions import Role
from app.core.settings import Settings
from app.core.tokens import AccessClaims, hash_token, issue_access_token
from app.models.organization import Member, Organization
from app.models.subscription import Subscription, SubscriptionStatus
from app.models.user import User, UserSession


@dataclass(frozen=True)
class Persona:
    """Somebody signed in; `token` is an access token."""

    name: str
    actor: Actor
    token: str

    @property
    def organization_id(self) -> UUID:
        return self.actor.organization_id

    @property
    def user_id(self) -> UUID:
        return self.actor.user_id


@dataclass(frozen=True)
class People:
    alice: Persona
    adam: Persona
    olga: Persona
    victor: Persona
    clara: Persona
    mallory: Persona

    @property
    def colleagues(self) -> tuple[Persona, ...]:
        return (self.alice, self.adam, self.olga, self.victor, self.clara)


async def make_people(database: Database, settings: Settings) -> People:
    async with database.unit_of_work(Login.OWNER) as session:
        acme = await make_organization(session, "Acme")
        evil = await make_organization(session, "Evil")
        scope = {"client": ["north"]}
        return People(
            alice=await make_persona(session, settings, "alice", acme, Role.OWNER),
            adam=await make_persona(session, settings, "adam", acme, Role.ADMIN),
            olga=await make_persona(session, settings, "olga", acme, Role.MEMBER),
            victor=await make_persona(session, settings, "victor", acme, Role.VIEWER),
            clara=await make_persona(
                session, settings, "clara", acme, Role.MEMBER, label_scope=scope
            ),
            mallory=await make_persona(session, settings, "mallory", evil, Role.OWNER),
        )


async def make_organization(session: AsyncSession, name: str) -> UUID:
    organization = Organization(
        id=new_id(), name=name, aws_external_id=secrets.token_urlsafe(32)
    )
    session.add(organization)
    await session.flush()
    session.add(
        Subscription(
            organization_id=organization.id,
            plan_code="self_hosted",
            status=SubscriptionStatus.COMPLIMENTARY,
        )
    )
    await session.flush()
    return organization.id


async def make_persona(
    session: AsyncSession,
    settings: Settings,
    name: str,
    organization_id: UUID,
    role: Role,
    *,
    label_scope: dict[str, list[str]] | None = None,
    verified: bool = True,
) -> Persona:
    user = User(
        id=new_id(),
        email=f"{name}@example.com",
        name=name.title(),
        email_verified_at=now() if verified else None,
    )
    signed_in = UserSession(
        id=new_id(),
        user_id=user.id,
        organization_id=organization_id,
        token_hash=hash_token(secrets.token_urlsafe()),
        expires_at=now() + timedelta(days=1),
    )
    session.add(user)
    await session.flush()
    session.add_all(
        [
            signed_in,
            Member(
                organization_id=organization_id,
                user_id=user.id,
                role=role,
                label_scope=label_scope,
            ),
        ]
    )
    await session.flush()
    actor = Actor(organization_id, user.id, signed_in.id, role, verified, label_scope)
    claims = AccessClaims(user.id, organization_id, signed_in.id)
    token, _ = issue_access_token(settings, claims)
    return Persona(name, actor, token)
