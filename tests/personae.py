"""The people of the tests: Alice owns, Olga operates (member), Adam administers,
Victor views, Clara sees one label only; Mallory owns another organization."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import api_keys
from app.core.actor import Actor
from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.permissions import OPEN_TO_KEYS, Role
from app.core.settings import Settings
from app.core.tokens import AccessClaims, hash_token, issue_access_token
from app.models.organization import APIKey, Member, Organization
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
        return self.actor.person

    @property
    def session_id(self) -> UUID:
        assert self.actor.session_id is not None
        return self.actor.session_id


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


Labels = dict[str, list[str]]


async def make_key(
    session: AsyncSession,
    owner: Persona,
    *,
    scopes: Collection[str] = OPEN_TO_KEYS,
    is_service: bool = False,
    label_scope: Labels | None = None,
    allowed_addresses: Sequence[str] | None = None,
) -> Persona:
    """A key of the owner's, or a service key made under its role; `actor` is what it
    should be taken for. Its use is noted already, so that asking with it changes
    nothing."""
    new = api_keys.make()
    mine = select(Member.id).where(
        Member.organization_id == owner.organization_id, Member.user_id == owner.user_id
    )
    row = APIKey(
        id=new_id(),
        organization_id=owner.organization_id,
        name=f"a key of {owner.name}",
        prefix=new.prefix,
        secret_hash=hash_token(new.text),
        member_id=None if is_service else (await session.scalars(mine)).one(),
        role=owner.actor.role if is_service else None,
        scopes=sorted(scopes),
        label_scope=label_scope,
        allowed_addresses=None if allowed_addresses is None else [*allowed_addresses],
        last_used_at=now() + timedelta(days=1),
    )
    session.add(row)
    await session.flush()
    actor = replace(
        owner.actor,
        user_id=None if is_service else owner.user_id,
        session_id=None,
        label_scope=label_scope or (None if is_service else owner.actor.label_scope),
        key_id=row.id,
        scopes=frozenset(scopes),
    )
    return Persona(row.name, actor, new.text)
