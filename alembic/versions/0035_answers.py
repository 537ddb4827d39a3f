"""Which of AWS's requests were answered, of each unit; whether a session that stands
must enrol a second factor first; to whom a mail of several was sent already."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import drop_lookup_function, grant, lookup_function

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_SIGNATURE = "standing(sessions uuid[], organizations uuid[])"
_RETURNS = (
    "TABLE (session_id uuid, organization_id uuid, user_id uuid, role text,"
    " label_scope jsonb{more})"
)
_STANDING = (
    "SELECT s.id, m.organization_id, m.user_id, m.role, m.label_scope{more}"
    " FROM unnest(sessions, organizations) AS asked (session_id, organization_id)"
    " JOIN user_sessions s ON s.id = asked.session_id"
    " JOIN users u ON u.id = s.user_id"
    " JOIN members m ON m.organization_id = asked.organization_id"
    " AND m.user_id = s.user_id"
    " JOIN organizations o ON o.id = m.organization_id"
    " WHERE s.revoked_at IS NULL AND s.expires_at > app_now()"
    " AND u.disabled_at IS NULL AND m.removed_at IS NULL"
    " AND (m.expires_at IS NULL OR m.expires_at > app_now())"
    " AND o.deleted_at IS NULL"
)
_READ = {"users": "mfa_enabled_at", "organizations": "mfa_required"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "execution_units",
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    for table, column in _READ.items():
        grant(table, lookup=f"SELECT ({column})")
    _say_standing(
        ", must_enrol boolean", ", o.mfa_required AND u.mfa_enabled_at IS NULL"
    )
    op.add_column(
        "outbox",
        sa.Column(
            "told",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
    )
    grant("outbox", system="UPDATE (told)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("outbox", "told")
    _say_standing("", "")
    for table, column in _READ.items():
        op.execute(
            f"REVOKE SELECT ({column}) ON {table} FROM cloudrota_lookup"  # noqa: S608 — our own columns
        )
    op.drop_column("execution_units", "answers")


def _say_standing(returns: str, selects: str) -> None:
    drop_lookup_function(_SIGNATURE)
    lookup_function(
        _SIGNATURE, _RETURNS.format(more=returns), _STANDING.format(more=selects)
    )
