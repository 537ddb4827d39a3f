"""Looks once a day through a tenant's ways into AWS: which role is to be probed anew,
and when; and which access key has grown old."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.aws_account import AWSCredentials, CredentialsKind, CredentialsStatus
from app.services import credential_ages, outbox
from app.services.outbox import Appointment, OutboxKind

# Each role has its own second of the day, and its turn on the seventh day. Half a day
# less, so that how long a probe takes does not make it the eighth.
PROBED_AFTER = timedelta(days=6, hours=12)
_DAY_SECONDS = 24 * 60 * 60


def is_due(*, within: timedelta) -> ColumnElement[bool]:
    """A condition on AWSCredentials: a role in use whose proof is a week old, or will
    be that soon."""
    then = func.app_now() + literal(within - PROBED_AFTER, INTERVAL)
    return and_(
        AWSCredentials.kind == CredentialsKind.ROLE,
        AWSCredentials.status == CredentialsStatus.VERIFIED,
        AWSCredentials.deleted_at.is_(None),
        AWSCredentials.verified_at <= then,
    )


async def review(database: Database, settings: Settings, organization_id: UUID) -> None:
    """Appoint a probe for each role whose turn is within a day, and warn of old keys;
    again is as good as once."""
    allowed = timedelta(days=settings.access_key_warn_days)
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        await _appoint_probes(session, organization_id)
        await credential_ages.warn_of_old(session, organization_id, older_than=allowed)


async def _appoint_probes(session: AsyncSession, organization_id: UUID) -> None:
    now = (await session.execute(select(func.app_now()))).scalar_one()
    day = timedelta(seconds=_DAY_SECONDS)
    due = select(AWSCredentials.id, AWSCredentials.verified_at).where(
        AWSCredentials.organization_id == organization_id, is_due(within=day)
    )
    kind = OutboxKind.CREDENTIALS_PROBE
    appointments = [
        Appointment(organization_id, kind, id, f"{kind}:{id}:{now.date()}", turn)
        for id, verified_at in await session.execute(due)
        if verified_at and (turn := turn_of(id, now)) >= verified_at + PROBED_AFTER
    ]
    await outbox.appoint(session, appointments)


def turn_of(credentials_id: UUID, now: datetime) -> datetime:
    """The next time of day that is these credentials'."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    turn = midnight + timedelta(seconds=credentials_id.int % _DAY_SECONDS)
    return turn if turn >= now else turn + timedelta(days=1)
