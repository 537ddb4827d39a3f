"""Claims in turn, and a task at work once on an account."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TYPE = "ck_task_versions_tasktype"
_QUEUED = sa.text("status = 'queued'")
_RUNNING = sa.text("status = 'running'")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_task_executions_waiting",
        "task_executions",
        [
            "kind",
            "organization_id",
            "priority",
            sa.text("coalesce(not_before, created_at)"),
            "id",
        ],
        postgresql_where=_QUEUED,
    )
    op.drop_index("ix_task_executions_queued", "task_executions")
    op.create_index(
        "task_is_at_work_once",
        "task_executions",
        ["organization_id", "task_id", "aws_account_id"],
        unique=True,
        postgresql_where=_RUNNING,
    )
    op.drop_index("ix_task_executions_running", "task_executions")
    op.drop_constraint(_TYPE, "task_versions")
    op.create_check_constraint(
        op.f(_TYPE),
        "task_versions",
        "type IN ('health_check', 'resource_list', 'rehearsal')",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(_TYPE, "task_versions")
    op.create_check_constraint(
        op.f(_TYPE), "task_versions", "type IN ('health_check', 'resource_list')"
    )
    op.create_index(
        "ix_task_executions_running",
        "task_executions",
        ["organization_id"],
        postgresql_where=_RUNNING,
    )
    op.drop_index("task_is_at_work_once", "task_executions")
    op.create_index(
        "ix_task_executions_queued",
        "task_executions",
        ["kind", "priority", "id"],
        postgresql_where=_QUEUED,
    )
    op.drop_index("ix_task_executions_waiting", "task_executions")
