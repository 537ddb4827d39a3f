"""Where people are told: channels, webhook endpoints, and each delivery to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.ids import new_id
from app.models.base import (
    DATABASE_NOW,
    Base,
    Json,
    Tenant,
    belongs_to,
    by_value,
    tenant_args,
)


class NotificationChannel(Tenant, Base):
    """One way to tell people. Its secrets are envelopes, as credentials are."""

    __tablename__ = "notification_channels"
    __table_args__ = tenant_args()

    name: Mapped[str]
    type: Mapped[str]
    configuration: Mapped[Json]
    secret_envelope: Mapped[Json | None]
    verified_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    deleted_at: Mapped[datetime | None]


class WebhookEndpoint(Tenant, Base):
    """A customer's address for signed events."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = tenant_args()

    url: Mapped[str]
    events: Mapped[list[Any]]
    secret_envelope: Mapped[Json]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    deleted_at: Mapped[datetime | None]


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DEAD = "dead"


class Delivery(Base):
    """One event on its way to one channel or endpoint; partitioned by month."""

    __tablename__ = "deliveries"
    __tenant__ = True
    __table_args__ = (
        belongs_to("channel_id", "notification_channels"),
        belongs_to("endpoint_id", "webhook_endpoints"),
        CheckConstraint(
            "(channel_id IS NULL) <> (endpoint_id IS NULL)", name="one_recipient"
        ),
        Index("ix_deliveries_status", "organization_id", "status", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(primary_key=True, server_default=DATABASE_NOW)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    channel_id: Mapped[UUID | None]
    endpoint_id: Mapped[UUID | None]
    dedupe_key: Mapped[str]
    event: Mapped[str]
    payload: Mapped[Json]
    status: Mapped[DeliveryStatus] = mapped_column(by_value(DeliveryStatus))
    attempts: Mapped[int] = mapped_column(default=0)
    response_code: Mapped[int | None]
    error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
