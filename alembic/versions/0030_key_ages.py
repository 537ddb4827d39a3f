"""How old an access key is, by IAM or since it was stored; and whether it was told."""

import sqlalchemy as sa
from alembic import op
from tenancy import grant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_COLUMNS = ("key_stored_at", "key_created_at", "key_warned_at")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in _COLUMNS:
        op.add_column(
            "aws_credentials",
            sa.Column(name, sa.DateTime(timezone=True), nullable=True),
        )
    grant("aws_credentials", worker="UPDATE (key_created_at, key_warned_at)")
    op.execute(
        "UPDATE aws_credentials c SET key_stored_at = v.created_at"
        " FROM aws_credential_versions v"
        " WHERE v.organization_id = c.organization_id AND v.credentials_id = c.id"
        " AND v.version = c.current_version"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in reversed(_COLUMNS):
        op.drop_column("aws_credentials", name)
