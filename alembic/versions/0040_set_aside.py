"""A notice that cannot be routed is set aside with its error; and what was meant for
deliveries that depend on an open problem goes: what ends within a rule's delay was
never entered."""

import sqlalchemy as sa
from alembic import op
from tenancy import grant

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_REASONS = ("muted", "channel_deleted", "channel_disabled", "not_confirmed")
_AT = sa.DateTime(timezone=True)
_TIMES = ("route_after", "set_aside_at")
_NAMES = "routing_tries, routing_error, route_after, set_aside_at"
_KEPT = "at < (SELECT kept_since())"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("deliveries", "while_open")
    _allow(_REASONS)
    tries = sa.Column("routing_tries", sa.Integer, nullable=False, server_default="0")
    op.add_column("notices", tries)
    op.add_column("notices", sa.Column("routing_error", sa.String, nullable=True))
    for name in _TIMES:
        op.add_column("notices", sa.Column(name, _AT, nullable=True))
    _index_unrouted("routed_at IS NULL AND set_aside_at IS NULL")
    op.create_index(
        "ix_notices_set_aside",
        "notices",
        ["organization_id", "number"],
        postgresql_where=sa.text("set_aside_at IS NOT NULL"),
    )
    grant("notices", worker=f"UPDATE ({_NAMES})", system="SELECT (set_aside_at)")
    op.execute(
        "ALTER POLICY retention ON notices USING"
        f" (routed_at IS NOT NULL AND set_aside_at IS NULL AND {_KEPT})"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        f"ALTER POLICY retention ON notices USING (routed_at IS NOT NULL AND {_KEPT})"
    )
    op.drop_index("ix_notices_set_aside", "notices")
    _index_unrouted("routed_at IS NULL")
    for name in ("routing_tries", "routing_error", *_TIMES):
        op.drop_column("notices", name)
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


def _index_unrouted(where: str) -> None:
    name = "ix_notices_unrouted"
    op.drop_index(name, "notices")
    op.create_index(
        *(name, "notices", ["organization_id", "number"]),
        postgresql_where=sa.text(where),
    )
