"""While a replaced access key is not verified yet, the one before it is used."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "aws_credentials", sa.Column("verified_version", sa.Integer, nullable=True)
    )
    op.execute("GRANT UPDATE (verified_version) ON aws_credentials TO cloudrota_worker")
    op.execute(
        "UPDATE aws_credentials SET verified_version = current_version"
        " WHERE kind = 'access_key' AND status = 'verified'"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("aws_credentials", "verified_version")
