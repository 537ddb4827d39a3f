"""Who warns of limits sees when members end: those whose time is over take no place."""

from alembic import op
from tenancy import grant

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

SEEN = "SELECT (organization_id, removed_at, expires_at)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "CREATE POLICY system ON members FOR SELECT TO cloudrota_system USING (true)"
    )
    grant("members", system=SEEN)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"REVOKE {SEEN} ON members FROM cloudrota_system")
    op.execute("DROP POLICY system ON members")
