"""Where people are told: channels, webhook endpoints, the only place of their secrets,
and each delivery to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.channels import ChannelType
from app.core.ids import new_id
from app.models.base import (
    DATABASE_NOW,
    Base,
    Json,
    Tenant,
    TenantLeaf,
    belongs_to,
    by_value,
    tenant_args,
)
from app.models.recipient import Recipient


class NotificationChannel(Recipient, Tenant, Base):
    """One way to tell people. It is told something since `verified_at`: at once, or
    since whoever reads its address has confirmed that. What is shown of its secret are
    the last letters and a fingerprint; `secret_version` is 0 where it needs none."""

    __tablename__ = "notification_channels"
    __table_args__ = tenant_args(
        CheckConstraint(
            "(secret_version = 0) = (secret_fingerprint IS NULL)",
            name="secret_has_fingerprint",
        ),
        Index(
            "uq_notification_channels_organization_id_name",
            "organization_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    name: Mapped[str]
    type: Mapped[ChannelType] = mapped_column(by_value(ChannelType))
    configuration: Mapped[Json]
    label_scope: Mapped[Json | None]
    secret_version: Mapped[int] = mapped_column(server_default="0", default=0)
    secret_last4: Mapped[str | None]
    secret_fingerprint: Mapped[str | None]
    secret_stored_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    test_requested_at: Mapped[datetime | None]
    tested_at: Mapped[datetime | None]
    test_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    deleted_at: Mapped[datetime | None]

    @property
    def enabled(self) -> bool:
        return self.disabled_at is None


class ChannelConfirmation(TenantLeaf, Base):
    """A link that was mailed to a channel's address. It works once, until it expires,
    and only as long as that is the channel's address."""

    __tablename__ = "channel_confirmations"
    __table_args__ = (
        belongs_to("channel_id", "notification_channels"),
        UniqueConstraint("token_hash"),
        Index("ix_channel_confirmations_expires_at", "expires_at"),
    )

    channel_id: Mapped[UUID]
    address: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebhookEndpoint(Recipient, Tenant, Base):
    """A customer's address for signed events. Until `previous_until` the secret before
    this one signs along, so that a receiver can change over."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = tenant_args(
        Index(
            "uq_webhook_endpoints_organization_id_name",
            "organization_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[Any]]
    label_scope: Mapped[Json | None]
    secret_version: Mapped[int] = mapped_column(server_default="1", default=1)
    secret_last4: Mapped[str]
    secret_fingerprint: Mapped[str]
    secret_stored_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    previous_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    test_requested_at: Mapped[datetime | None]
    tested_at: Mapped[datetime | None]
    test_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    deleted_at: Mapped[datetime | None]

    @property
    def enabled(self) -> bool:
        return self.disabled_at is None


class ChannelSecret(TenantLeaf, Base):
    """The ciphertext of one version of a channel's or endpoint's secret. The API may
    only INSERT here."""

    __tablename__ = "channel_secrets"
    __table_args__ = (
        belongs_to("channel_id", "notification_channels"),
        belongs_to("endpoint_id", "webhook_endpoints"),
        CheckConstraint(
            "(channel_id IS NULL) <> (endpoint_id IS NULL)", name="one_recipient"
        ),
        UniqueConstraint("organization_id", "channel_id", "version"),
        UniqueConstraint("organization_id", "endpoint_id", "version"),
    )

    channel_id: Mapped[UUID | None]
    endpoint_id: Mapped[UUID | None]
    version: Mapped[int]
    key_id: Mapped[str]
    wrapped_key: Mapped[bytes]
    ciphertext: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class DeliveryStatus(StrEnum):
    """`failed`: the recipient refused it for good; `dead`: it was tried too often or
    for too long; `dropped`: there was a reason not to send it any more."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DEAD = "dead"
    DROPPED = "dropped"


class DropReason(StrEnum):
    """Why something was not sent."""

    MUTED = "muted"
    CHANNEL_DELETED = "channel_deleted"
    CHANNEL_DISABLED = "channel_disabled"
    NOT_CONFIRMED = "not_confirmed"


class Delivery(Base):
    """One notice on its way to one channel or endpoint; partitioned by month.

    `payload` is the notice (app/core/notice.py). It is not sent before `available_at`.
    Recipients are told in the order of `number`. Those with one `bundle_id` are one
    message, which bears it; any other bears its own id. `why` it is told is a sentence.
    `in_digest`: with the others of its rule, however few. `told` is which parts of the
    message have arrived: those who have a mail to several, or incidents.
    """

    __tablename__ = "deliveries"
    __tenant__ = True
    __table_args__ = (
        belongs_to("channel_id", "notification_channels"),
        belongs_to("endpoint_id", "webhook_endpoints"),
        CheckConstraint(
            "(channel_id IS NULL) <> (endpoint_id IS NULL)", name="one_recipient"
        ),
        CheckConstraint(
            "(status = 'dropped') = (drop_reason IS NOT NULL)", name="dropped_for"
        ),
        Index("ix_deliveries_status", "organization_id", "status", "at"),
        Index("ix_deliveries_channel", "organization_id", "channel_id", "at", "id"),
        Index("ix_deliveries_endpoint", "organization_id", "endpoint_id", "at", "id"),
        Index(
            "ix_deliveries_waiting",
            *("organization_id", "channel_id", "endpoint_id", "number", "id"),
            postgresql_where=text("status = 'pending'"),
        ),
        Index("ix_deliveries_id", "organization_id", "id"),
        Index(
            *("ix_deliveries_problem", "organization_id", "problem_id"),
            postgresql_where=text("problem_id IS NOT NULL"),
        ),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(primary_key=True, server_default=DATABASE_NOW)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=False))
    channel_id: Mapped[UUID | None]
    endpoint_id: Mapped[UUID | None]
    rule_id: Mapped[UUID | None]
    notice_id: Mapped[UUID | None]
    problem_id: Mapped[UUID | None]
    dedupe_key: Mapped[str]
    event: Mapped[str]
    payload: Mapped[Json]
    why: Mapped[str | None]
    available_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    in_digest: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    bundle_id: Mapped[UUID | None]
    replay_of: Mapped[UUID | None]
    status: Mapped[DeliveryStatus] = mapped_column(by_value(DeliveryStatus))
    drop_reason: Mapped[DropReason | None] = mapped_column(by_value(DropReason))
    attempts: Mapped[int] = mapped_column(default=0)
    tries: Mapped[list[Any]] = mapped_column(server_default="[]", default=list)
    told: Mapped[list[Any]] = mapped_column(server_default="[]", default=list)
    response_code: Mapped[int | None]
    error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
