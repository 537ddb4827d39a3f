"""What was refused to somebody: recorded in a transaction of its own, after the one
that was refused, and at most once a minute of a kind, so that nobody floods the log."""

from uuid import UUID

from sqlalchemy import select

from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.errors import Forbidden
from app.core.ids import new_id
from app.models.audit import AuditEvent
from app.services import audit, organizations


async def record(database: Database, actor: Actor, refused: Forbidden) -> None:
    """An actor may not do what it asked for."""
    who = actor.signature
    lacked = refused.permission or refused.code
    async with database.unit_of_work(
        Login.APP,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        actor=who,
    ) as session:
        await audit.record(
            session,
            organization_id=actor.organization_id,
            actor=who,
            action="access.refuse",
            subject_type="permission",
            detail={"code": refused.code, "permission": refused.permission},
            once=f"access.refuse {who} {lacked}",
        )


async def record_sign_in(database: Database, user_id: UUID | None) -> None:
    """A password was wrong. It is told where a right one would have led to; an address
    that is nobody's, and a user who belongs nowhere, are told nobody. For these as
    much is asked of the database, or what is answered meanwhile would come sooner and
    tell that nobody has the address."""
    whose = user_id or new_id()
    async with database.unit_of_work(Login.APP, user_id=whose) as session:
        places = await organizations.memberships_of(session, whose)
    home = places[0].organization_id if places else new_id()
    async with database.unit_of_work(
        Login.APP, organization_id=home, user_id=whose, actor="nobody"
    ) as session:
        if not places:
            await session.execute(
                select(AuditEvent.id).where(AuditEvent.organization_id == home)
            )
            return
        await audit.record(
            session,
            organization_id=home,
            actor="nobody",
            action="session.refuse",
            subject_type="user",
            subject_id=whose,
            detail={"reason": "wrong_password"},
            once=f"session.refuse {whose}",
        )
