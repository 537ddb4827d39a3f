"""Rows that belong to a parent whose key carries the tenant no longer have their
organization looked up for each of them."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PARTS = (
    "task_runs",
    "task_executions",
    "execution_units",
    "execution_events",
    "task_results",
    "scope_reads",
    "resources",
    "resource_versions",
    "findings",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in PARTS:
        op.drop_constraint(f"fk_{table}_organization_id", table, type_="foreignkey")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in PARTS:
        op.create_foreign_key(
            f"fk_{table}_organization_id",
            table,
            "organizations",
            ["organization_id"],
            ["id"],
        )
