"""Finds the resources that have a verdict, by what they are."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_findings_verdict",
        "findings",
        ["organization_id", "verdict", "type", "identity"],
        unique=False,
        postgresql_where=sa.text("until_read IS NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_findings_verdict", table_name="findings")
