"""Access keys that have grown old: told once, to who runs the organization, when they
cross the age that the deployment allows."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.aws_account import AWSCredentials, CredentialsKind
from app.services import audit, outbox
from app.services.connections import MAY_RUN
from app.services.outbox import OutboxKind


async def warn_of_old(
    session: AsyncSession, organization_id: UUID, *, older_than: timedelta
) -> None:
    """Mark each access key in use that is so old and was not told of, and have it told.
    Its age is IAM's word or, where IAM did not say, since we stored it."""
    since = func.coalesce(AWSCredentials.key_created_at, AWSCredentials.key_stored_at)
    old = (
        select(AWSCredentials)
        .where(
            AWSCredentials.organization_id == organization_id,
            AWSCredentials.kind == CredentialsKind.ACCESS_KEY,
            AWSCredentials.deleted_at.is_(None),
            MAY_RUN,
            AWSCredentials.key_warned_at.is_(None),
            since <= func.app_now() - literal(older_than, INTERVAL),
        )
        .order_by(AWSCredentials.id)
        .with_for_update()
    )
    now = (await session.execute(select(func.app_now()))).scalar_one()
    for row in await session.scalars(old):
        row.key_warned_at = now
        await session.flush()
        await audit.record(
            session,
            organization_id=organization_id,
            actor="system",
            action="aws_credentials.key_old",
            subject_type="aws_credentials",
            subject_id=row.id,
            detail={
                "name": row.name,
                "version": row.current_version,
                "known_by": "iam" if row.key_created_at else "stored",
            },
        )
        await outbox.post(
            session,
            organization_id=organization_id,
            kind=OutboxKind.MAIL_KEY_OLD,
            subject_id=row.id,
        )
