"""A slot that is run again works with the parameters its schedule brings."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "task_runs",
        sa.Column("as_scheduled", sa.Boolean, nullable=False, server_default="false"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("task_runs", "as_scheduled")
