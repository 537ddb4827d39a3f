"""Who did what: the tenant's append-only log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import DATABASE_NOW, Base, Json, TenantLeaf


class AuditEvent(TenantLeaf, Base):
    """One act. No application login may change or delete one."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_at", "organization_id", "at"),
        Index("ix_audit_events_subject", "organization_id", "subject_id", "at"),
    )

    at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    actor: Mapped[str]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID | None]
    detail: Mapped[Json] = mapped_column(server_default="{}")
    request_id: Mapped[str | None]
