"""What was meant for deliveries that depend on an open problem goes: what ends within a
rule's delay was never entered."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_REASONS = ("muted", "channel_deleted", "channel_disabled", "not_confirmed")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("deliveries", "while_open")
    _allow(_REASONS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _allow(("closed_before_delay", *_REASONS))
    flag = sa.Column(
        "while_open", sa.Boolean, nullable=False, server_default=sa.false()
    )
    op.add_column("deliveries", flag)


def _allow(reasons: tuple[str, ...]) -> None:
    name = "ck_deliveries_dropreason"
    op.drop_constraint(name, "deliveries")
    op.create_check_constraint(
        op.f(name), "deliveries", sa.column("drop_reason", sa.String).in_(reasons)
    )
