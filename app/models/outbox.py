"""What must still happen outside a transaction, and answers kept for repeats."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import DATABASE_NOW, Base, Json, Tenant, by_value, tenant_args


class OutboxStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


class OutboxMessage(Tenant, Base):
    """A job other than an execution: a mail, a verification. Done at least once. Of a
    mail to several people, `told` are those who have it."""

    __tablename__ = "outbox"
    __table_args__ = tenant_args(
        UniqueConstraint("organization_id", "dedupe_key"),
        Index(
            "ix_outbox_available_at",
            "available_at",
            postgresql_where=text("status = 'pending'"),
        ),
    )

    kind: Mapped[str]
    subject_id: Mapped[UUID]
    dedupe_key: Mapped[str]
    status: Mapped[OutboxStatus] = mapped_column(
        by_value(OutboxStatus), default=OutboxStatus.PENDING
    )
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None]
    told: Mapped[list[Any]] = mapped_column(server_default="[]", default=list)
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    done_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """The answer to a request, kept so that a repeat gets the same one."""

    __tablename__ = "idempotency_keys"
    __tenant__ = True
    __table_args__ = (
        Index("ix_idempotency_keys_created_at", "organization_id", "created_at"),
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    actor: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    response: Mapped[Json]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
