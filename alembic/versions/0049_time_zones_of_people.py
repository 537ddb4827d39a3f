"""A person may say in which time zone it lives."""

import sqlalchemy as sa
from alembic import op
from tenancy import grant

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("users", sa.Column("timezone", sa.String(), nullable=True))
    grant("users", app="UPDATE (timezone)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("users", "timezone")
