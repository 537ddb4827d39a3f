"""What of Stripe is not believed can be counted by the deployment's metrics."""

import sqlalchemy as sa
from alembic import op
from tenancy import grant

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        *("ix_subscriptions_doubted", "subscriptions", ["organization_id"]),
        postgresql_where=sa.text("sync_doubt IS NOT NULL"),
    )
    op.create_index(
        *("ix_stripe_events_quarantined", "stripe_events", ["received_at"]),
        postgresql_where=sa.text("outcome = 'quarantined'"),
    )
    grant("subscriptions", system="SELECT (sync_doubt)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE SELECT (sync_doubt) ON subscriptions FROM cloudrota_system")
    op.drop_index("ix_stripe_events_quarantined", "stripe_events")
    op.drop_index("ix_subscriptions_doubted", "subscriptions")
