"""Proves a role anew, once a week: what it answers may have changed since it was
connected. Only an answer turns it off; that AWS gave none does not."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import KeyProvider
from app.core.db import Database, Login
from app.core.errors import Unavailable
from app.core.settings import Settings
from app.models.aws_account import AWSCredentials, CredentialsStatus
from app.services import credential_verification, outbox
from app.services.credential_evidence import Verification
from app.services.credential_opening import Opened
from app.services.credential_reviews import is_due
from app.services.outbox import OutboxKind

log = structlog.get_logger(__name__)

UNPROVEN = "unproven"


class AWSGaveNoAnswer(Unavailable):
    """Neither yes nor no: throttled, out of order, or not to be reached."""

    code = "aws-gave-no-answer"
    title = "AWS answered neither yes nor no"


async def probe(
    database: Database,
    settings: Settings,
    keys: KeyProvider,
    organization_id: UUID,
    credentials_id: UUID,
    *,
    is_last_try: bool,
) -> None:
    """Verify a role that is in use again, and tell who runs the organization if it can
    be used no more. Raises AWSGaveNoAnswer, to be asked again; on the last try that is
    recorded instead, the role stays as it was, and tomorrow is another day."""
    if not await _is_wanted(database, organization_id, credentials_id):
        log.info("credentials.probe_not_needed", id=str(credentials_id))
        return
    seen = await credential_verification.examine(
        database, settings, keys, organization_id, credentials_id
    )
    if seen is None:
        return
    opened, verification = seen
    if verification.proves_nothing and not is_last_try:
        raise AWSGaveNoAnswer(f"{verification.reason}")
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        if verification.proves_nothing:
            await _record_unproven(session, organization_id, opened, verification)
        else:
            await _record(session, organization_id, opened, verification)


async def _is_wanted(
    database: Database, organization_id: UUID, credentials_id: UUID
) -> bool:
    """Whether it is still in use, and nobody has proved it meanwhile."""
    wanted = exists().where(
        AWSCredentials.organization_id == organization_id,
        AWSCredentials.id == credentials_id,
        is_due(within=timedelta()),
    )
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        return bool(await session.scalar(select(wanted)))


async def _record(
    session: AsyncSession,
    organization_id: UUID,
    opened: Opened,
    verification: Verification,
) -> None:
    row = await credential_verification.record(
        session, organization_id, opened, verification
    )
    if row is not None and row.status is not CredentialsStatus.VERIFIED:
        await outbox.post(
            session,
            organization_id=organization_id,
            kind=OutboxKind.MAIL_CREDENTIALS_LOST,
            subject_id=row.id,
        )


async def _record_unproven(
    session: AsyncSession,
    organization_id: UUID,
    opened: Opened,
    verification: Verification,
) -> None:
    """The checks say what is not known; `verified_at` stays how old the proof is."""
    row = await credential_verification.lock(session, organization_id, opened)
    if row is None:
        return
    now = (await session.execute(select(func.app_now()))).scalar_one()
    row.checks = credential_verification.checks_as_json(verification, now)
    await session.flush()
    await credential_verification.audit_outcome(
        session, row, UNPROVEN, verification.reason
    )
