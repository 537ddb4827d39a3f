"""Files made of what an execution found, kept for a while."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    DATABASE_NOW,
    Base,
    Tenant,
    belongs_to,
    by_value,
    tenant_args,
)


class ArtifactStatus(StrEnum):
    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    PURGED = "purged"


class Artifact(Tenant, Base):
    """One file. Its key in the storage follows from its id, so that making it twice
    makes one."""

    __tablename__ = "artifacts"
    __table_args__ = tenant_args(
        belongs_to("execution_id", "task_executions"),
        CheckConstraint("part IN ('resources', 'findings')", name="part_is_known"),
        CheckConstraint("format IN ('csv', 'json')", name="format_is_known"),
        CheckConstraint(
            "(status IN ('ready', 'purged')) = (sha256 IS NOT NULL)",
            name="ready_is_sealed",
        ),
        Index("ix_artifacts_execution", "organization_id", "execution_id", "id"),
    )

    execution_id: Mapped[UUID]
    part: Mapped[str]
    format: Mapped[str]
    status: Mapped[ArtifactStatus] = mapped_column(
        by_value(ArtifactStatus), default=ArtifactStatus.PENDING
    )
    error: Mapped[str | None]
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]
