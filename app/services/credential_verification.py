"""Verifies a way into an AWS account: asks AWS, and records what it was seen to do."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from anyio import to_thread
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.errors import ErrorFacts
from app.core.crypto import KeyProvider
from app.core.db import Database, Login
from app.core.errors import NotFound
from app.core.settings import Settings
from app.models.aws_account import (
    AWSCredentials,
    AWSCredentialVersion,
    CredentialsKind,
    CredentialsStatus,
)
from app.services import audit, connections, plan_limits, preflights
from app.services.credential_evidence import Check, Verification, look
from app.services.credential_opening import (
    Opened,
    endpoint,
    open_one,
    platform_session,
)
from app.services.decisions.usage import PLAN_LIMIT

log = structlog.get_logger(__name__)


async def verify(
    database: Database,
    settings: Settings,
    keys: KeyProvider,
    organization_id: UUID,
    credentials_id: UUID,
) -> None:
    """Verify the credentials as they are now, and record the outcome unless they were
    replaced or deleted meanwhile. What AWS answers is an outcome and raises nothing."""
    seen = await examine(database, settings, keys, organization_id, credentials_id)
    if seen is None:
        return
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        await record(session, organization_id, *seen)


async def examine(
    database: Database,
    settings: Settings,
    keys: KeyProvider,
    organization_id: UUID,
    credentials_id: UUID,
) -> tuple[Opened, Verification] | None:
    """What was opened, and what AWS was seen to do; None once they are deleted. No
    transaction is open while AWS is asked."""
    try:
        opened = await open_one(database, keys, organization_id, credentials_id)
    except NotFound:
        log.info("credentials.deleted_before_verification", id=str(credentials_id))
        return None
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id
    ) as session:
        needed = await preflights.needed_by_tasks(
            session, organization_id, credentials_id
        )
    verification = await to_thread.run_sync(
        look, opened, platform_session(settings), endpoint(settings), needed
    )
    return opened, verification


async def record(
    session: AsyncSession,
    organization_id: UUID,
    opened: Opened,
    verification: Verification,
) -> AWSCredentials | None:
    """Put the outcome on the row, unless it has another version by now: then None."""
    row = await lock(session, organization_id, opened)
    if row is None:
        return None
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    verification = await _joined(session, row, verification)
    row.status, row.reason = verification.status, verification.reason
    row.error = _as_json(verification.error)
    row.checks = checks_as_json(verification, now)
    preflight = verification.preflight
    row.preflight = None if preflight is None else preflight.as_json(now)
    row.key_created_at = verification.key_created_at or row.key_created_at
    row.verified_version = None
    if verification.status is CredentialsStatus.VERIFIED:
        row.verified_at = now
        if row.kind is CredentialsKind.ACCESS_KEY:
            row.verified_version = opened.version
        await _destroy_old_versions(session, row)
    await session.flush()
    await audit_outcome(session, row, row.status, row.reason)
    return row


async def lock(
    session: AsyncSession, organization_id: UUID, opened: Opened
) -> AWSCredentials | None:
    """The row of what was opened; None if it was replaced or deleted since."""
    statement = (
        select(AWSCredentials)
        .where(
            AWSCredentials.organization_id == organization_id,
            AWSCredentials.id == opened.credentials_id,
            AWSCredentials.current_version == opened.version,
            AWSCredentials.deleted_at.is_(None),
        )
        .with_for_update()
    )
    row: AWSCredentials | None = await session.scalar(statement)
    if row is None:
        log.info("credentials.changed_while_verified", id=str(opened.credentials_id))
    return row


async def audit_outcome(
    session: AsyncSession, row: AWSCredentials, outcome: str, reason: str | None
) -> None:
    await audit.record(
        session,
        organization_id=row.organization_id,
        actor="system",
        action=f"aws_credentials.{outcome}",
        subject_type="aws_credentials",
        subject_id=row.id,
        detail={"name": row.name, "version": row.current_version, "reason": reason},
    )


def checks_as_json(verification: Verification, now: datetime) -> list[dict[str, Any]]:
    return [_check_as_json(check, now) for check in verification.checks]


def _check_as_json(check: Check, now: datetime) -> dict[str, Any]:
    return {
        "check": check.check,
        "outcome": check.outcome,
        "detail": check.detail,
        "error": _as_json(check.error),
        "at": now.isoformat(),
    }


def _as_json(facts: ErrorFacts | None) -> dict[str, Any] | None:
    return None if facts is None else facts.as_json()


async def _joined(
    session: AsyncSession, row: AWSCredentials, verification: Verification
) -> Verification:
    """The account of what was verified joins; where the plan has no room for it, the
    credentials are refused, and can be verified again once there is."""
    if verification.status is not CredentialsStatus.VERIFIED:
        return verification
    assert verification.account_id is not None
    try:
        async with session.begin_nested():
            account = await connections.join(
                session,
                row.organization_id,
                verification.account_id,
                name=row.name,
                actor="system",
            )
    except IntegrityError as error:
        if plan_limits.refusal(error) is None:
            raise
        return replace(
            verification, status=CredentialsStatus.REFUSED, reason=PLAN_LIMIT
        )
    row.aws_account_id = account.id
    return verification


async def _destroy_old_versions(session: AsyncSession, row: AWSCredentials) -> None:
    """Until the new one was verified, runs went on by the old one; now nothing does."""
    await session.execute(
        delete(AWSCredentialVersion).where(
            AWSCredentialVersion.organization_id == row.organization_id,
            AWSCredentialVersion.credentials_id == row.id,
            AWSCredentialVersion.version < row.current_version,
        )
    )
