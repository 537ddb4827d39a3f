"""Plans, and what each organization has subscribed to."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import DATABASE_NOW, Base, Json, Tenant, by_value, tenant_args


class SubscriptionPlan(Base):
    """Limits by name; a null limit is no limit. Seeded by migration, edited by the
    operator."""

    __tablename__ = "subscription_plans"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    limits: Mapped[Json]
    stripe_price_id: Mapped[str | None]


class SubscriptionStatus(StrEnum):
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    CANCELED = "canceled"
    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    COMPLIMENTARY = "complimentary"


class Subscription(Tenant, Base):
    """One per organization. Entitlement follows only the customer id stored here."""

    __tablename__ = "subscriptions"
    __table_args__ = tenant_args(
        UniqueConstraint("organization_id"),
        Index("uq_subscriptions_stripe_customer_id", "stripe_customer_id", unique=True),
    )

    plan_code: Mapped[str] = mapped_column(ForeignKey("subscription_plans.code"))
    status: Mapped[SubscriptionStatus] = mapped_column(by_value(SubscriptionStatus))
    stripe_customer_id: Mapped[str | None]
    stripe_subscription_id: Mapped[str | None]
    current_period_end: Mapped[datetime | None]
    cancel_at_period_end: Mapped[bool] = mapped_column(default=False)
    past_due_since: Mapped[datetime | None]
    trial_used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class StripeEvent(Base):
    """That Stripe told us of something, once per event id. It belongs to no tenant: who
    it is about is only known once the object itself was fetched from Stripe."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    livemode: Mapped[bool]
    object_id: Mapped[str | None]
    customer_id: Mapped[str | None]
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
