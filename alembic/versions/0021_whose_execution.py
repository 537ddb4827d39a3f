"""An execution is of its run's task, and a run of its task's version: one key each says
what two said, and is checked once for each row that a tick writes. A run without a
chain has no entry among those that have one."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# What belongs to a task and, by which column, to a row of the same task.
_KEYS = (
    ("task_runs", "task_version_id", "task_versions"),
    ("task_executions", "run_id", "task_runs"),
)
_IN_A_CHAIN = "uq_task_runs_organization_id_root_run_id_task_id"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column, parent in _KEYS:
        columns = ["organization_id", "task_id"]
        op.create_unique_constraint(
            f"uq_{parent}_organization_id_task_id_id", parent, [*columns, "id"]
        )
        op.drop_constraint(f"fk_{table}_organization_id_task_id", table)
        op.drop_constraint(f"fk_{table}_organization_id_{column}", table)
        op.create_foreign_key(
            f"fk_{table}_organization_id_task_id_{column}",
            table,
            parent,
            [*columns, column],
            [*columns, "id"],
        )
    op.drop_index("ix_task_runs_task", "task_runs")
    op.drop_constraint(_IN_A_CHAIN, "task_runs")
    op.create_index(
        _IN_A_CHAIN,
        "task_runs",
        ["organization_id", "root_run_id", "task_id"],
        unique=True,
        postgresql_where=sa.text("root_run_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(_IN_A_CHAIN, "task_runs")
    op.create_unique_constraint(
        _IN_A_CHAIN, "task_runs", ["organization_id", "root_run_id", "task_id"]
    )
    op.create_index(
        "ix_task_runs_task", "task_runs", ["organization_id", "task_id", "id"]
    )
    for table, column, parent in reversed(_KEYS):
        op.drop_constraint(f"fk_{table}_organization_id_task_id_{column}", table)
        for own, of in (("task_id", "tasks"), (column, parent)):
            op.create_foreign_key(
                f"fk_{table}_organization_id_{own}",
                table,
                of,
                ["organization_id", own],
                ["organization_id", "id"],
            )
        op.drop_constraint(f"uq_{parent}_organization_id_task_id_id", parent)
