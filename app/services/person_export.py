"""All that is kept about a person, as one JSON document, streamed row by row: what is
one's own, and of each organization one is in what it keeps about oneself."""

import json
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.organization import APIKey, Member
from app.models.second_factor import Authenticator, RecoveryCode
from app.models.user import EmailToken, User, UserIdentity, UserSession
from app.services import audit, organizations
from app.services.organization_export import rows, shown

_MADE = "what one made is the organization's: GET /organization/export"
# What names a person and is left out, and why; the document says so, too.
HELD_BACK: Mapping[str, str] = MappingProxyType(
    {
        "artifacts": _MADE,
        "aws_credentials": _MADE,
        "channel_confirmations": _MADE,
        "notification_mutes": _MADE,
        "problems": _MADE,
        "task_runs": _MADE,
        "task_versions": _MADE,
        "tasks": _MADE,
        "audit_events.detail": "what acts were about may tell of others",
        "invitations": "each came by mail, from an organization one had not joined",
        "organizations that one has left": "ask their owners",
    }
)
# By whose they are; hashes and secrets of them are not shown.
OWN: tuple[Any, ...] = (
    *(UserIdentity.user_id, UserSession.user_id, EmailToken.user_id),
    *(Authenticator.user_id, RecoveryCode.user_id),
)
_ACTS = (
    *(AuditEvent.id, AuditEvent.at, AuditEvent.action),
    *(AuditEvent.subject_type, AuditEvent.subject_id),
    *(AuditEvent.address, AuditEvent.user_agent, AuditEvent.request_id),
)


async def begin(session: AsyncSession, actor: Actor) -> None:
    """Put it on record before any of it is sent."""
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="user.export",
        subject_type="user",
        subject_id=actor.person,
    )


async def stream(database: Database, actor: Actor) -> AsyncIterator[str]:
    """The document, in pieces; broken off it is no JSON."""
    async with _as_person(database, actor, actor.organization_id) as session:
        yield f'{{"held_back": {json.dumps(dict(HELD_BACK))},\n"person": {{'
        oneself = select(*shown(User.__table__)).where(User.id == actor.person)
        async for piece in rows(session, "users", oneself, is_first=True):
            yield piece
        for whose in OWN:
            own = select(*shown(whose.table)).where(whose == actor.person)
            async for piece in rows(session, whose.table.name, own):
                yield piece
        places = await organizations.memberships_of(session, actor.person)
    yield '},\n"organizations": {'
    for number, place in enumerate(places):
        yield f"{',' if number else ''}\n{json.dumps(str(place.organization_id))}: {{"
        async with _as_person(database, actor, place.organization_id) as session:
            async for piece in _of_organization(session, actor, place.organization_id):
                yield piece
        yield "}"
    yield '},\n"complete": true}\n'


def _as_person(database: Database, actor: Actor, organization_id: UUID) -> Any:
    return database.unit_of_work(
        Login.APP,
        organization_id=organization_id,
        user_id=actor.person,
        actor=actor.signature,
    )


async def _of_organization(
    session: AsyncSession, actor: Actor, organization_id: UUID
) -> AsyncIterator[str]:
    """What it keeps about the person, who is a member of it."""
    mine = select(Member.id).where(
        Member.organization_id == organization_id, Member.user_id == actor.person
    )
    kept = {
        "members": select(*shown(Member.__table__)).where(
            Member.organization_id == organization_id, Member.id.in_(mine)
        ),
        "api_keys": select(*shown(APIKey.__table__)).where(
            APIKey.organization_id == organization_id, APIKey.member_id.in_(mine)
        ),
        "audit_events": select(*_ACTS).where(
            AuditEvent.organization_id == organization_id,
            AuditEvent.actor == actor.signature,
        ),
    }
    for number, (name, statement) in enumerate(kept.items()):
        async for piece in rows(session, name, statement, is_first=not number):
            yield piece
