"""How AWS was paced and throttled, and the tags of resources."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import grant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COUNTED = ("execution_units", "task_results")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in _COUNTED:
        op.add_column(
            table,
            sa.Column("throttled", sa.Integer(), server_default="0", nullable=False),
        )
        op.add_column(table, sa.Column("pacing", sa.String(), nullable=True))
        op.create_check_constraint(
            op.f(f"ck_{table}_pacing_is_known"), table, "pacing IN ('shared', 'local')"
        )
    op.add_column(
        "resources",
        sa.Column(
            "tags",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
    )
    grant("resources", worker="UPDATE (tags)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("resources", "tags")
    for table in _COUNTED:
        op.drop_column(table, "pacing")
        op.drop_column(table, "throttled")
