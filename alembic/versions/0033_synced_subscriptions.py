"""What Stripe says of a subscription, the prices that ever bought a plan, and what
became of each of Stripe's events."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine
from tenancy import drop_lookup_function, grant, lookup_function

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_STATUSES = (
    *("trialing", "active", "past_due", "unpaid", "canceled"),
    *("incomplete", "incomplete_expired", "complimentary"),
)
_AT = sa.DateTime(timezone=True)
_COLUMNS: tuple[tuple[str, type[TypeEngine[Any]] | TypeEngine[Any]], ...] = (
    ("trial_until", _AT),
    ("cancels_at", _AT),
    ("latest_invoice_id", sa.String),
    ("latest_invoice_status", sa.String),
    ("currency", sa.String),
    ("invoice_total", sa.BigInteger),
    ("invoice_tax", sa.BigInteger),
    ("synced_at", _AT),
    ("sync_doubt", sa.String),
)
_COUNTERS = ("sync_attempts", "synced_attempt")
# What a worker writes of what Stripe said; the plan it may change already.
_OF_STRIPE = (
    "status, stripe_subscription_id, current_period_end,"
    " cancel_at_period_end, past_due_since, trial_used_at, trial_until, cancels_at,"
    " latest_invoice_id, latest_invoice_status, currency, invoice_total, invoice_tax,"
    " sync_attempts, synced_attempt, synced_at, sync_doubt"
)
_OF_EVENTS = ("reference_id", "account_id", "reason")
# A price buys one plan for ever: to move it would move who bought at it.
_KEEP_PRICE = """
CREATE FUNCTION keep_plan_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO plan_prices (stripe_price_id, plan_code)
  VALUES (NEW.stripe_price_id, NEW.code) ON CONFLICT DO NOTHING;
  PERFORM FROM plan_prices
  WHERE stripe_price_id = NEW.stripe_price_id AND plan_code = NEW.code;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the price % buys another plan', NEW.stripe_price_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'price_buys_one_plan';
  END IF;
  RETURN NULL;
END $$
"""
_BY_CUSTOMER = "organization_of_customer(customer text)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, kind in _COLUMNS:
        op.add_column("subscriptions", sa.Column(name, kind, nullable=True))
    for name in _COUNTERS:
        counter = sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
        op.add_column("subscriptions", counter)
    _allow((*_STATUSES, "none", "paused"))
    op.execute(
        "UPDATE subscriptions SET past_due_since = CASE WHEN status = 'past_due'"
        " THEN coalesce(past_due_since, app_now()) END"
    )
    op.create_check_constraint(
        op.f("ck_subscriptions_past_due_since_when"),
        "subscriptions",
        "(status = 'past_due') = (past_due_since IS NOT NULL)",
    )
    grant(
        "subscriptions",
        worker=f"UPDATE ({_OF_STRIPE})",
        system="SELECT (stripe_customer_id)",
        lookup="SELECT (organization_id, stripe_customer_id)",
    )
    op.execute(
        "CREATE POLICY lookup ON subscriptions FOR SELECT TO cloudrota_lookup"
        " USING (true)"
    )
    lookup_function(
        _BY_CUSTOMER,
        "uuid",
        "SELECT organization_id FROM subscriptions WHERE stripe_customer_id = customer",
    )
    _create_plan_prices()
    for name in _OF_EVENTS:
        op.add_column("stripe_events", sa.Column(name, sa.String, nullable=True))
    outcome = sa.Column(
        "outcome", sa.String(32), nullable=False, server_default="noted"
    )
    op.add_column("stripe_events", outcome)
    op.create_check_constraint(
        op.f("ck_stripe_events_stripeeventoutcome"),
        "stripe_events",
        "outcome IN ('followed', 'noted', 'quarantined')",
    )
    op.create_index("ix_stripe_events_received_at", "stripe_events", ["received_at"])
    op.create_index("ix_stripe_events_customer_id", "stripe_events", ["customer_id"])
    grant("stripe_events", system="UPDATE (outcome, reason), DELETE")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE UPDATE, DELETE ON stripe_events FROM cloudrota_system")
    op.execute("REVOKE UPDATE (outcome, reason) ON stripe_events FROM cloudrota_system")
    op.drop_index("ix_stripe_events_customer_id", "stripe_events")
    op.drop_index("ix_stripe_events_received_at", "stripe_events")
    for name in ("outcome", *_OF_EVENTS):
        op.drop_column("stripe_events", name)
    op.execute("DROP TRIGGER keep_price ON subscription_plans")
    op.execute("DROP FUNCTION keep_plan_price()")
    op.drop_table("plan_prices")
    drop_lookup_function("organization_of_customer(text)")
    op.execute("DROP POLICY lookup ON subscriptions")
    op.execute(
        "REVOKE SELECT (organization_id, stripe_customer_id)"
        " ON subscriptions FROM cloudrota_lookup"
    )
    op.execute(
        "REVOKE SELECT (stripe_customer_id) ON subscriptions FROM cloudrota_system"
    )
    op.execute(f"REVOKE UPDATE ({_OF_STRIPE}) ON subscriptions FROM cloudrota_worker")
    op.drop_constraint("ck_subscriptions_past_due_since_when", "subscriptions")
    # Whoever has nothing of Stripe's has what it has as a gift.
    op.execute(
        "UPDATE subscriptions SET status = 'complimentary'"
        " WHERE status IN ('none', 'paused')"
    )
    _allow(_STATUSES)
    for name in (*_COUNTERS, *(name for name, _ in _COLUMNS)):
        op.drop_column("subscriptions", name)


def _allow(statuses: tuple[str, ...]) -> None:
    name = "ck_subscriptions_subscriptionstatus"
    op.drop_constraint(name, "subscriptions")
    op.create_check_constraint(
        op.f(name),
        "subscriptions",
        sa.column("status", sa.String).in_(statuses),
    )


def _create_plan_prices() -> None:
    op.create_table(
        "plan_prices",
        sa.Column("stripe_price_id", sa.String(), nullable=False),
        sa.Column("plan_code", sa.String(), nullable=False),
        sa.Column(
            "created_at", _AT, server_default=sa.text("app_now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["plan_code"],
            ["subscription_plans.code"],
            name=op.f("fk_plan_prices_plan_code"),
        ),
        sa.PrimaryKeyConstraint("stripe_price_id", name=op.f("pk_plan_prices")),
    )
    grant("plan_prices", app="SELECT", worker="SELECT", system="SELECT")
    op.execute(_KEEP_PRICE)
    op.execute(
        "CREATE TRIGGER keep_price AFTER INSERT OR UPDATE OF stripe_price_id"
        " ON subscription_plans FOR EACH ROW WHEN (NEW.stripe_price_id IS NOT NULL)"
        " EXECUTE FUNCTION keep_plan_price()"
    )
    op.execute(
        "INSERT INTO plan_prices (stripe_price_id, plan_code)"
        " SELECT stripe_price_id, code FROM subscription_plans"
        " WHERE stripe_price_id IS NOT NULL"
    )
