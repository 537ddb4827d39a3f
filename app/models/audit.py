"""Who did what: the tenant's append-only log, and the chain that proves it whole."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    FetchedValue,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    DATABASE_NOW,
    Base,
    Json,
    Tenant,
    TenantLeaf,
    belongs_to,
    tenant_args,
)


class AuditEvent(TenantLeaf, Base):
    """One act. No application login may change or delete one.

    A trigger adds the seals. Each is a hash of a salt and of what may have to be erased
    one day: `detail`; address, user agent and request id. The chain covers the seals,
    so that erasing a text with its salt breaks nothing. `once` keeps an event that an
    attacker could repeat from being recorded twice.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_at", "organization_id", "at", "id"),
        Index("ix_audit_events_subject", "organization_id", "subject_id", "at"),
        Index(
            "uq_audit_events_organization_id_once",
            "organization_id",
            "once",
            unique=True,
            postgresql_where=text("once IS NOT NULL"),
        ),
    )

    at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    actor: Mapped[str]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID | None]
    detail: Mapped[Json] = mapped_column(server_default="{}")
    detail_salt: Mapped[bytes | None]
    detail_seal: Mapped[bytes] = mapped_column(server_default=FetchedValue())
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    request_id: Mapped[str | None]
    origin_salt: Mapped[bytes | None]
    origin_seal: Mapped[bytes] = mapped_column(server_default=FetchedValue())
    once: Mapped[str | None]


class UnsealedAuditEvent(Base):
    """An event that is in no chain yet: written by a trigger in the event's own
    transaction, deleted in the one that adds its link."""

    __tablename__ = "audit_unsealed"
    __tenant__ = True
    __table_args__ = (
        belongs_to("event_id", "audit_events"),
        Index("ix_audit_unsealed_event_id", "event_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)


class AuditLink(Base):
    """The place of an event in its organization's chain: `hash` is over the event, its
    number and the hash before it. Never changed or deleted."""

    __tablename__ = "audit_links"
    __tenant__ = True
    __table_args__ = (
        belongs_to("event_id", "audit_events"),
        UniqueConstraint("organization_id", "event_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[UUID]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]
    sealed_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class AuditHead(Tenant, Base):
    """The end of a chain on a day, of which a copy has left the database."""

    __tablename__ = "audit_heads"
    __table_args__ = tenant_args(
        UniqueConstraint("organization_id", "day"),
        UniqueConstraint("organization_id", "seq"),
        ForeignKeyConstraint(
            ["organization_id", "seq"],
            ["audit_links.organization_id", "audit_links.seq"],
        ),
    )

    day: Mapped[date]
    seq: Mapped[int]
    hash: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
