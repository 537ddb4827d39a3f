"""Plans, and what each organization has subscribed to."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    func,
    literal,
    text,
)
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.models.base import DATABASE_NOW, Base, Json, Tenant, by_value, tenant_args

# So long a plan goes on in full while its payment is past due.
GRACE = timedelta(days=7)


class SubscriptionPlan(Base):
    """Limits by name; a null limit is no limit. Seeded by migration, edited by the
    operator."""

    __tablename__ = "subscription_plans"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    limits: Mapped[Json]
    stripe_price_id: Mapped[str | None]


class PlanPrice(Base):
    """That a price of Stripe's buys a plan, written by a trigger when a plan is given
    it, and for ever: who bought at an old price keeps the plan."""

    __tablename__ = "plan_prices"

    stripe_price_id: Mapped[str] = mapped_column(primary_key=True)
    plan_code: Mapped[str] = mapped_column(ForeignKey("subscription_plans.code"))
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class SubscriptionStatus(StrEnum):
    """Stripe's words, and two of ours: `none` has nothing of Stripe's, `complimentary`
    was given by the operator and is touched by nobody else."""

    NONE = "none"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    CANCELED = "canceled"
    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    PAUSED = "paused"
    COMPLIMENTARY = "complimentary"


class Subscription(Tenant, Base):
    """One per organization. Entitlement follows only the customer id stored here.

    The latest invoice's amounts are in its currency's smallest unit, as Stripe gives
    them. `sync_doubt` is why what Stripe said last was not followed.
    """

    __tablename__ = "subscriptions"
    __table_args__ = tenant_args(
        UniqueConstraint("organization_id"),
        Index("uq_subscriptions_stripe_customer_id", "stripe_customer_id", unique=True),
        CheckConstraint(
            "(status = 'past_due') = (past_due_since IS NOT NULL)",
            name="past_due_since_when",
        ),
        Index(
            "ix_subscriptions_doubted",
            "organization_id",
            postgresql_where=text("sync_doubt IS NOT NULL"),
        ),
    )

    plan_code: Mapped[str] = mapped_column(ForeignKey("subscription_plans.code"))
    status: Mapped[SubscriptionStatus] = mapped_column(by_value(SubscriptionStatus))
    stripe_customer_id: Mapped[str | None]
    stripe_subscription_id: Mapped[str | None]
    current_period_end: Mapped[datetime | None]
    cancel_at_period_end: Mapped[bool] = mapped_column(default=False)
    past_due_since: Mapped[datetime | None] = mapped_column()
    trial_used_at: Mapped[datetime | None]
    trial_until: Mapped[datetime | None]
    # What a larger plan kept is held, by triggers, until then; null days are all days.
    history_held_days: Mapped[int | None]
    history_held_until: Mapped[datetime | None]
    cancels_at: Mapped[datetime | None]
    latest_invoice_id: Mapped[str | None]
    latest_invoice_status: Mapped[str | None]
    currency: Mapped[str | None]
    invoice_total: Mapped[int | None] = mapped_column(BigInteger)
    invoice_tax: Mapped[int | None] = mapped_column(BigInteger)
    # Attempts to fetch it, counted before each; and the one whose answer stands here.
    sync_attempts: Mapped[int] = mapped_column(BigInteger, server_default="0")
    synced_attempt: Mapped[int] = mapped_column(BigInteger, server_default="0")
    synced_at: Mapped[datetime | None]
    sync_doubt: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)

    # In a query the rule itself, on a row what it said when the row was read.
    is_read_only: Mapped[bool] = column_property(
        and_(
            status == SubscriptionStatus.PAST_DUE,
            past_due_since < func.app_now() - literal(GRACE, INTERVAL),
        )
    )

    @property
    def ends_at(self) -> datetime | None:
        """When it ends, if somebody has cancelled it."""
        return self.cancels_at or (
            self.current_period_end if self.cancel_at_period_end else None
        )


class StripeEventOutcome(StrEnum):
    """What became of an event: its organization's subscription is fetched, there was
    nothing to fetch, or it was not believed, for the reason beside it."""

    FOLLOWED = "followed"
    NOTED = "noted"
    QUARANTINED = "quarantined"


class StripeEvent(Base):
    """That Stripe told us of something, once per event id. It belongs to no tenant: of
    some it is not known, or not believed, whose they are."""

    __tablename__ = "stripe_events"
    __table_args__ = (
        Index("ix_stripe_events_received_at", "received_at"),
        Index("ix_stripe_events_customer_id", "customer_id"),
        Index(
            "ix_stripe_events_quarantined",
            "received_at",
            postgresql_where=text("outcome = 'quarantined'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    livemode: Mapped[bool]
    object_id: Mapped[str | None]
    customer_id: Mapped[str | None]
    reference_id: Mapped[str | None]
    account_id: Mapped[str | None]
    outcome: Mapped[StripeEventOutcome] = mapped_column(
        by_value(StripeEventOutcome), server_default=StripeEventOutcome.NOTED.value
    )
    reason: Mapped[str | None]
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
