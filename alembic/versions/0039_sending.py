"""What sending needs of deliveries and of those who are told: when, how often it was
tried, who is at it, and how it went."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine
from tenancy import grant

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_STATUSES = ("pending", "delivered", "failed", "dead")
_REASONS = (
    *("muted", "closed_before_delay", "channel_deleted"),
    *("channel_disabled", "not_confirmed"),
)
_AT = sa.DateTime(timezone=True)
_RECIPIENTS = ("notification_channels", "webhook_endpoints")
_OF_RECIPIENTS: tuple[tuple[str, type[TypeEngine[Any]] | TypeEngine[Any]], ...] = (
    ("due_at", _AT),
    ("lease_until", _AT),
    ("failing_since", _AT),
    ("paused_until", _AT),
    ("window_from", _AT),
    ("last_delivered_at", _AT),
    ("last_error", sa.String),
)
_COUNTERS = ("fence", "failures", "window_sent")
_SENT_TO = ", ".join((*(name for name, _ in _OF_RECIPIENTS), *_COUNTERS))
_SWEPT = "id, organization_id, due_at, lease_until, failing_since"
_OF_DELIVERIES: tuple[tuple[str, type[TypeEngine[Any]] | TypeEngine[Any]], ...] = (
    ("rule_id", sa.Uuid),
    ("notice_id", sa.Uuid),
    ("problem_id", sa.Uuid),
    ("why", sa.String),
    ("bundle_id", sa.Uuid),
    ("replay_of", sa.Uuid),
    ("drop_reason", sa.String(32)),
)
_FLAGS = ("while_open", "in_digest")
_LISTS = ("tries", "told")
_INDEXES = ("channel", "endpoint")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in _RECIPIENTS:
        _send_to(table)
    _widen_deliveries()
    for name in _INDEXES:
        columns = ["organization_id", f"{name}_id", "at", "id"]
        op.create_index(f"ix_deliveries_{name}", "deliveries", columns)
    op.create_index("ix_deliveries_id", "deliveries", ["organization_id", "id"])
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["organization_id", "channel_id", "endpoint_id", "id"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    grant(
        "deliveries",
        app="INSERT",
        worker="UPDATE (available_at, bundle_id, tries, told, drop_reason)",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE INSERT ON deliveries FROM cloudrota_app")
    for name in (*_INDEXES, "id", "waiting"):
        op.drop_index(f"ix_deliveries_{name}", "deliveries")
    op.drop_constraint("ck_deliveries_dropped_for", "deliveries")
    # What was not sent on purpose is, without that word, given up.
    op.execute("UPDATE deliveries SET status = 'dead' WHERE status = 'dropped'")
    names = ("available_at", *_LISTS, *_FLAGS, *(one for one, _ in _OF_DELIVERIES))
    for name in names:
        op.drop_column("deliveries", name)
    _allow(_STATUSES)
    for table in _RECIPIENTS:
        op.drop_index(f"ix_{table}_due_at", table)
        op.execute(f"DROP POLICY system ON {table}")
        op.execute(
            f"REVOKE SELECT (id, organization_id) ON {table} FROM cloudrota_system"  # noqa: S608 — our own tables
        )
        for name in (*_COUNTERS, *(one for one, _ in _OF_RECIPIENTS)):
            op.drop_column(table, name)


def _send_to(table: str) -> None:
    for name, kind in _OF_RECIPIENTS:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    for name in _COUNTERS:
        counter = sa.Column(name, sa.Integer, nullable=False, server_default="0")
        op.add_column(table, counter)
    op.create_index(f"ix_{table}_due_at", table, ["due_at"])
    op.execute(
        f"CREATE POLICY system ON {table} TO cloudrota_system"
        " USING (true) WITH CHECK (true)"
    )
    grant(table, worker=f"UPDATE ({_SENT_TO})", system=f"SELECT ({_SWEPT})")


def _widen_deliveries() -> None:
    for name, kind in _OF_DELIVERIES:
        op.add_column("deliveries", sa.Column(name, kind, nullable=True))
    for name in _FLAGS:
        flag = sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())
        op.add_column("deliveries", flag)
    now = sa.text("app_now()")
    op.add_column(
        "deliveries",
        sa.Column("available_at", _AT, nullable=False, server_default=now),
    )
    for name in _LISTS:
        column = sa.Column(
            name,
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            server_default="[]",
        )
        op.add_column("deliveries", column)
    _allow((*_STATUSES, "dropped"))
    op.create_check_constraint(
        op.f("ck_deliveries_dropreason"),
        "deliveries",
        sa.column("drop_reason", sa.String).in_(_REASONS),
    )
    op.create_check_constraint(
        op.f("ck_deliveries_dropped_for"),
        "deliveries",
        "(status = 'dropped') = (drop_reason IS NOT NULL)",
    )


def _allow(statuses: tuple[str, ...]) -> None:
    name = "ck_deliveries_deliverystatus"
    op.drop_constraint(name, "deliveries")
    op.create_check_constraint(
        op.f(name), "deliveries", sa.column("status", sa.String).in_(statuses)
    )
