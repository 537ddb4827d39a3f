"""What a way into an account would be refused, asked before its tasks run."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import grant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "aws_credentials",
        sa.Column("preflight", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    grant("aws_credentials", worker="UPDATE (preflight)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("aws_credentials", "preflight")
