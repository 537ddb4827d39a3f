"""Writes the tenant's log, in the transaction of the act itself."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.core.origin import ORIGIN
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
    once: str | None = None,
) -> None:
    """Append one event. `action` is `noun.verb`; `detail` holds no secrets.

    Where somebody could flood the log, `once` names what is recorded at most once in
    each minute of the database; the statement does nothing for a repetition.
    """
    origin = ORIGIN.get()
    event = (
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
            once=None if once is None else _this_minute(once),
            **origin._asdict(),
        )
    )
    await session.execute(event if once is None else event.on_conflict_do_nothing())


async def record_each(
    session: AsyncSession,
    *,
    organization_id: UUID,
    actor: str,
    action: str,
    subject_type: str,
    subject_ids: Iterable[UUID],
    detail: dict[str, Any],
) -> None:
    """Append the same event of each subject, in one statement."""
    same = {
        "organization_id": organization_id,
        "actor": actor,
        "action": action,
        "subject_type": subject_type,
        "detail": detail,
        **ORIGIN.get()._asdict(),
    }
    events = [{**same, "id": new_id(), "subject_id": id} for id in subject_ids]
    if events:
        await session.execute(insert(AuditEvent), events)


def _this_minute(what: str) -> ColumnElement[str]:
    minute = func.date_trunc("minute", func.app_now(), "UTC")
    return literal(f"{what} ").concat(func.to_char(minute, "YYYY-MM-DD HH24:MI"))
