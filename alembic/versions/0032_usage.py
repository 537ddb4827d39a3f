"""What organizations use of their plans, by month, and of what they were warned."""

import sqlalchemy as sa
from alembic import op
from tenancy import protect

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# What is still known of this month: executions may have been deleted by now, where a
# plan keeps less than a month.
_COUNT_AFRESH = """
INSERT INTO usage_months (organization_id, month, executions, aws_calls)
SELECT e.organization_id, date_trunc('month', app_now() AT TIME ZONE 'UTC')::date,
  count(*), coalesce(sum(r.calls), 0)
FROM task_executions e
LEFT JOIN task_results r
  ON r.organization_id = e.organization_id AND r.execution_id = e.id
WHERE e.created_at >= date_trunc('month', app_now(), 'UTC')
GROUP BY e.organization_id
"""
_COUNT_RESOURCES = """
INSERT INTO usage_counts (organization_id, metric, value)
SELECT organization_id, 'stored_resources', count(*) FROM resources
WHERE gone_at IS NULL GROUP BY organization_id
"""
_COUNTED = ("aws_accounts", "enabled_tasks", "members")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_usage_months()
    _create_usage_warnings()
    op.execute(_COUNT_AFRESH)
    _limit_metrics_to(*_COUNTED, "stored_resources")
    op.execute(_COUNT_RESOURCES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM usage_counts WHERE metric = 'stored_resources'")
    _limit_metrics_to(*_COUNTED)
    op.drop_table("usage_warnings")
    op.drop_table("usage_months")


def _limit_metrics_to(*metrics: str) -> None:
    name = op.f("ck_usage_counts_countedmetric")
    op.drop_constraint(name, "usage_counts")
    known = sa.column("metric", sa.String()).in_(metrics)
    op.create_check_constraint(name, "usage_counts", known)


def _create_usage_months() -> None:
    counts = ("executions", "executions_refused", "aws_calls")
    op.create_table(
        "usage_months",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
            for name in counts
        ),
        sa.CheckConstraint(
            "executions >= 0 AND executions_refused >= 0 AND aws_calls >= 0",
            name=op.f("ck_usage_months_counts_up"),
        ),
        sa.CheckConstraint(
            "extract(day FROM month) = 1",
            name=op.f("ck_usage_months_begins_on_its_first_day"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_usage_months_organization_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "month", name=op.f("pk_usage_months")
        ),
    )
    op.create_index("ix_usage_months_month", "usage_months", ["month"])
    protect(
        "usage_months",
        app="SELECT, INSERT, UPDATE (executions, executions_refused)",
        worker="SELECT, INSERT, UPDATE (aws_calls)",
        system="SELECT, INSERT, UPDATE (executions, executions_refused)",
    )


def _create_usage_warnings() -> None:
    op.create_table(
        "usage_warnings",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "metric",
            sa.Enum(
                "aws_accounts",
                "enabled_tasks",
                "members",
                "stored_resources",
                "executions_per_month",
                "aws_calls_per_month",
                name="metric",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_usage_warnings_organization_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "id", name=op.f("pk_usage_warnings")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "month",
            "metric",
            "threshold",
            name=op.f("uq_usage_warnings_organization_id_month_metric_threshold"),
        ),
    )
    protect("usage_warnings", app="SELECT", worker="SELECT", system="SELECT, INSERT")
