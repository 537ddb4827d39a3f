"""How often somebody tries to sign in is counted while Redis is away, too."""

import sqlalchemy as sa
from alembic import op
from tenancy import drop_lookup_function, grant, lookup_function

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Whether the password of this address was known there lately: who tries to sign in
# there is no stranger.
_SIGNED_IN_FROM = (
    "signed_in_from(text, text)",
    "boolean",
    """
    SELECT EXISTS (
      SELECT FROM users u JOIN user_sessions s ON s.user_id = u.id
      WHERE u.email = $1 AND u.disabled_at IS NULL
        AND s.created_at > app_now() - interval '30 days'
        AND CASE WHEN pg_input_is_valid(s.address, 'inet')
          THEN s.address::inet <<= $2::cidr ELSE false END
    )
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "throttles",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    grant("throttles", app="SELECT, INSERT, UPDATE (full_at)", system="SELECT, DELETE")
    grant("user_sessions", lookup="SELECT (address, created_at)")
    lookup_function(*_SIGNED_IN_FROM)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop_lookup_function(_SIGNED_IN_FROM[0])
    op.execute(
        "REVOKE SELECT (address, created_at) ON user_sessions FROM cloudrota_lookup"
    )
    op.drop_table("throttles")
