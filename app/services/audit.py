"""Writes the tenant's log, in the transaction of the act itself."""

from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.models.audit import AuditEvent


async def record(
    session: AsyncSession,
    *,
    organization_id: UUID,
    actor: str,
    action: str,
    subject_type: str,
    subject_id: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one event. `action` is `noun.verb`; `detail` holds no secrets."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    await session.execute(
        insert(AuditEvent)
        .inline()
        .values(
            id=new_id(),
            organization_id=organization_id,
            actor=actor,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            detail=detail or {},
            request_id=request_id,
        )
    )
