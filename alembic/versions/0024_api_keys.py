"""API keys are asked with: what is looked up before a tenant is known, whether those
that hold event streams still stand, and rows that a service key made."""

import sqlalchemy as sa
from alembic import op
from tenancy import drop_lookup_function, grant, lookup_function

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ROLE = "ck_api_keys_role"
_KIND = "ck_api_keys_has_member_or_role"
_SEEN = (
    "id, organization_id, prefix, secret_hash, member_id, role, label_scope,"
    " expires_at, revoked_at"
)
_API_KEY = (
    "api_key(wanted text)",
    "TABLE (key_id uuid, organization_id uuid, user_id uuid, secret_hash bytea)",
    (
        "SELECT k.id, k.organization_id, m.user_id, k.secret_hash FROM api_keys k"
        " LEFT JOIN members m ON m.organization_id = k.organization_id"
        " AND m.id = k.member_id WHERE k.prefix = wanted"
    ),
)
_STANDING = (
    "keys_standing(keys uuid[])",
    (
        "TABLE (key_id uuid, organization_id uuid, user_id uuid, role text,"
        " member_scope jsonb, key_scope jsonb)"
    ),
    (
        "SELECT k.id, k.organization_id, m.user_id, coalesce(m.role, k.role),"
        " m.label_scope, k.label_scope FROM api_keys k"
        " JOIN organizations o ON o.id = k.organization_id"
        " LEFT JOIN members m ON m.organization_id = k.organization_id"
        " AND m.id = k.member_id AND m.removed_at IS NULL"
        " AND (m.expires_at IS NULL OR m.expires_at > app_now())"
        " LEFT JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL"
        " WHERE k.id = ANY (keys) AND k.revoked_at IS NULL"
        " AND (k.expires_at IS NULL OR k.expires_at > app_now())"
        " AND (k.member_id IS NULL OR u.id IS NOT NULL) AND o.deleted_at IS NULL"
    ),
)
# Who made or asked for it; null is a service key, which the audit log names.
_AUTHORS = (
    ("tasks", "created_by"),
    ("task_versions", "author_id"),
    ("artifacts", "requested_by"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("api_keys", sa.Column("role", sa.String(32), nullable=True))
    roles = "role IN ('owner', 'admin', 'member', 'viewer')"
    op.create_check_constraint(op.f(_ROLE), "api_keys", roles)
    op.create_check_constraint(
        op.f(_KIND), "api_keys", "(member_id IS NULL) = (role IS NOT NULL)"
    )
    op.execute(
        "CREATE POLICY lookup ON api_keys FOR SELECT TO cloudrota_lookup USING (true)"
    )
    grant("api_keys", lookup=f"SELECT ({_SEEN})")
    lookup_function(*_API_KEY)
    lookup_function(*_STANDING)
    for table, column in _AUTHORS:
        op.alter_column(table, column, nullable=True)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column in _AUTHORS:
        op.alter_column(table, column, nullable=False)
    for signature, *_ in (_API_KEY, _STANDING):
        drop_lookup_function(signature)
    op.execute("DROP POLICY lookup ON api_keys")
    op.execute(f"REVOKE SELECT ({_SEEN}) ON api_keys FROM cloudrota_lookup")  # noqa: S608 — our own columns
    op.drop_constraint(_KIND, "api_keys")
    op.drop_constraint(_ROLE, "api_keys")
    op.drop_column("api_keys", "role")
