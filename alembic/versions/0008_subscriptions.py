"""Plans with their limits, and subscriptions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import grant, protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PLANS: dict[str, tuple[str, dict[str, int | None]]] = {
    "free": (
        "Free",
        {
            "aws_accounts": 2,
            "enabled_tasks": 10,
            "shortest_interval_seconds": 3600,
            "executions_per_month": 1_000,
            "aws_calls_per_month": 50_000,
            "units_per_execution": 200,
            "stored_resources": 5_000,
            "history_days": 7,
            "members": 2,
        },
    ),
    "team": (
        "Team",
        {
            "aws_accounts": 20,
            "enabled_tasks": 200,
            "shortest_interval_seconds": 300,
            "executions_per_month": 100_000,
            "aws_calls_per_month": 5_000_000,
            "units_per_execution": 2_000,
            "stored_resources": 500_000,
            "history_days": 90,
            "members": 20,
        },
    ),
    "business": (
        "Business",
        {
            "aws_accounts": 300,
            "enabled_tasks": 5_000,
            "shortest_interval_seconds": 60,
            "executions_per_month": 3_000_000,
            "aws_calls_per_month": 150_000_000,
            "units_per_execution": 20_000,
            "stored_resources": 10_000_000,
            "history_days": 400,
            "members": 500,
        },
    ),
    "self_hosted": (
        "Self-hosted",
        {
            "aws_accounts": None,
            "enabled_tasks": None,
            "shortest_interval_seconds": 60,
            "executions_per_month": None,
            "aws_calls_per_month": None,
            "units_per_execution": 20_000,
            "stored_resources": None,
            "history_days": 400,
            "members": None,
        },
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_subscription_plans()
    _create_subscriptions()
    _create_stripe_events()
    plans = sa.table(
        "subscription_plans",
        sa.column("code", sa.String),
        sa.column("name", sa.String),
        sa.column("limits", postgresql.JSONB),
    )
    rows = [
        {"code": code, "name": name, "limits": limits}
        for code, (name, limits) in _PLANS.items()
    ]
    op.bulk_insert(plans, rows)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("stripe_events")
    op.drop_table("subscriptions")
    op.drop_table("subscription_plans")


def _create_subscription_plans() -> None:
    op.create_table(
        "subscription_plans",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("limits", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stripe_price_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_subscription_plans")),
    )
    grant("subscription_plans", app="SELECT", worker="SELECT", system="SELECT")


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("plan_code", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "trialing",
                "active",
                "past_due",
                "unpaid",
                "canceled",
                "incomplete",
                "incomplete_expired",
                "complimentary",
                name="subscriptionstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("stripe_customer_id", sa.String(), nullable=True),
        sa.Column("stripe_subscription_id", sa.String(), nullable=True),
        sa.Column("current_period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_at_period_end", sa.Boolean(), nullable=False),
        sa.Column("past_due_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_subscriptions_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_code"],
            ["subscription_plans.code"],
            name=op.f("fk_subscriptions_plan_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_subscriptions_organization_id_id")
        ),
        sa.UniqueConstraint(
            "organization_id", name=op.f("uq_subscriptions_organization_id")
        ),
    )
    op.create_index(
        "uq_subscriptions_stripe_customer_id",
        "subscriptions",
        ["stripe_customer_id"],
        unique=True,
    )
    protect(
        "subscriptions",
        app="SELECT, INSERT, UPDATE",
        worker="SELECT",
        system=("SELECT (id, organization_id, plan_code, status, past_due_since)"),
    )


def _create_stripe_events() -> None:
    op.create_table(
        "stripe_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_events")),
    )
    grant("stripe_events", app="INSERT, SELECT (id)", system="SELECT")
