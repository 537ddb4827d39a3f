"""Where a person was offered its one trial of a plan."""

import sqlalchemy as sa
from alembic import op
from tenancy import grant

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("users", sa.Column("trial_organization_id", sa.Uuid(), nullable=True))
    grant("users", app="UPDATE (trial_organization_id)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("users", "trial_organization_id")
