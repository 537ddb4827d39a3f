"""People and tenants, and what is asked before a tenant is known."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import (
    CURRENT_ORGANIZATION,
    CURRENT_USER,
    drop_lookup_function,
    lookup_function,
    protect,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ONESELF = f"user_id = {CURRENT_USER}"
_ONESELF_AND_COLLEAGUES = (
    f"id = {CURRENT_USER} OR EXISTS (SELECT FROM members"
    f" WHERE members.user_id = users.id AND organization_id = {CURRENT_ORGANIZATION})"
)
_OF_A_COLLEAGUE = (
    "EXISTS (SELECT FROM members WHERE members.user_id = email_tokens.user_id"
    f" AND members.organization_id = {CURRENT_ORGANIZATION})"
)
_LOOKUPS = {
    "user_by_email(wanted text)": (
        "TABLE (user_id uuid, password_hash text)",
        (
            "SELECT id, password_hash FROM users WHERE email = wanted"
            " AND disabled_at IS NULL"
        ),
    ),
    "organizations_of(wanted uuid)": (
        "TABLE (organization_id uuid, name text, role text)",
        (
            "SELECT o.id, o.name, m.role FROM members m"
            " JOIN organizations o ON o.id = m.organization_id"
            " WHERE m.user_id = wanted AND m.removed_at IS NULL"
            " AND (m.expires_at IS NULL OR m.expires_at > app_now())"
            " AND o.deleted_at IS NULL ORDER BY m.created_at"
        ),
    ),
    "email_token(wanted bytea)": (
        "TABLE (token_id uuid, user_id uuid)",
        "SELECT id, user_id FROM email_tokens WHERE token_hash = wanted",
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # STABLE, so that an index can be used for `column <= app_now()`; it is read once
    # per statement. Tests replace the function to move the clock.
    op.execute(
        "CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE"
        " AS 'SELECT clock_timestamp()'"
    )
    _create_organizations()
    _create_users()
    _create_user_identities()
    _create_user_sessions()
    _create_email_tokens()
    _create_members()
    _create_api_keys()
    # Its policy looks into members, which did not exist before.
    protect(
        "users",
        mine=_ONESELF_AND_COLLEAGUES,
        app=("SELECT, INSERT, UPDATE (name, email_verified_at, password_hash)"),
        worker="SELECT (id, email, name, email_verified_at, disabled_at)",
        lookup="SELECT (id, email, password_hash, disabled_at)",
    )
    # A worker mails a token knowing its organization, not its user.
    op.execute(
        "CREATE POLICY colleagues ON email_tokens FOR SELECT TO cloudrota_worker"
        f" USING ({_OF_A_COLLEAGUE})"
    )
    for signature, (returns, body) in _LOOKUPS.items():
        lookup_function(signature, returns, body)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for signature in _LOOKUPS:
        drop_lookup_function(signature)
    # These policies look into members, which cannot go before them.
    op.execute("DROP POLICY tenant ON users")
    op.execute("DROP POLICY colleagues ON email_tokens")
    op.drop_table("api_keys")
    op.drop_table("members")
    op.drop_table("email_tokens")
    op.drop_table("user_sessions")
    op.drop_table("user_identities")
    op.drop_table("users")
    op.drop_table("organizations")
    op.execute("DROP FUNCTION app_now()")


def _create_organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aws_external_id", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint(
            "aws_external_id", name=op.f("uq_organizations_aws_external_id")
        ),
    )
    protect(
        "organizations",
        mine=f"id = {CURRENT_ORGANIZATION}",
        app="SELECT, INSERT, UPDATE (name, deleted_at)",
        worker="SELECT",
        system="SELECT (id, deleted_at)",
        lookup="SELECT (id, name, deleted_at)",
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )


def _create_user_identities() -> None:
    op.create_table(
        "user_identities",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_identities_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_identities")),
        sa.UniqueConstraint(
            "provider", "subject", name=op.f("uq_user_identities_provider_subject")
        ),
    )
    op.create_index(
        op.f("ix_user_identities_user_id"), "user_identities", ["user_id"], unique=False
    )
    protect("user_identities", mine=_ONESELF, app="SELECT, INSERT")


def _create_user_sessions() -> None:
    op.create_table(
        "user_sessions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("previous_token_hash", sa.LargeBinary(), nullable=True),
        sa.Column(
            "rotated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("user_agent", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_user_sessions_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
    )
    op.create_index(
        "ix_user_sessions_previous_token_hash",
        "user_sessions",
        ["previous_token_hash"],
        unique=True,
        postgresql_where=sa.text("previous_token_hash IS NOT NULL"),
    )
    op.create_index(
        "ix_user_sessions_token_hash", "user_sessions", ["token_hash"], unique=True
    )
    op.create_index(
        op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"], unique=False
    )
    protect(
        "user_sessions",
        mine=_ONESELF,
        app=(
            "SELECT, INSERT, UPDATE (generation, token_hash, "
            "previous_token_hash, rotated_at, revoked_at, revoked_reason, "
            "organization_id, expires_at)"
        ),
    )


def _create_email_tokens() -> None:
    op.create_table(
        "email_tokens",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "verify_email",
                "reset_password",
                name="emailtokenpurpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_email_tokens_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_email_tokens_token_hash")),
    )
    op.create_index(
        op.f("ix_email_tokens_user_id"), "email_tokens", ["user_id"], unique=False
    )
    protect(
        "email_tokens",
        mine=_ONESELF,
        app="SELECT, INSERT, UPDATE (used_at)",
        lookup="SELECT (id, user_id, token_hash)",
        worker="SELECT (id, user_id, purpose, expires_at, used_at)",
    )


def _create_members() -> None:
    op.create_table(
        "members",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "admin",
                "member",
                "viewer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "label_scope", postgresql.JSONB(astext_type=sa.Text()), nullable=True
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_members_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_members_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_members_organization_id_id")
        ),
    )
    op.create_index(op.f("ix_members_user_id"), "members", ["user_id"], unique=False)
    op.create_index(
        "uq_members_organization_id_user_id",
        "members",
        ["organization_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    protect(
        "members",
        app=("SELECT, INSERT, UPDATE (role, label_scope, expires_at, removed_at)"),
        worker="SELECT",
        lookup="SELECT",
    )


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "label_scope", postgresql.JSONB(astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "allowed_addresses", postgresql.JSONB(astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "member_id"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_api_keys_organization_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_api_keys_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_api_keys_organization_id_id")
        ),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    protect("api_keys", app="SELECT, INSERT, UPDATE (last_used_at, revoked_at)")
