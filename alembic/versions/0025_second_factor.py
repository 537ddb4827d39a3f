"""A second factor for people, proofs of identity that grow old, and organizations that
ask for the second factor."""

import sqlalchemy as sa
from alembic import op
from tenancy import CURRENT_USER, grant, protect

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ONESELF = f"user_id = {CURRENT_USER}"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _extend_users()
    _extend_user_sessions()
    op.add_column(
        "organizations",
        sa.Column("mfa_required", sa.Boolean, server_default="false", nullable=False),
    )
    grant("organizations", app="UPDATE (mfa_required)")
    _create_authenticators()
    _create_recovery_codes()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("recovery_codes")
    op.drop_table("authenticators")
    op.drop_column("organizations", "mfa_required")
    op.drop_column("user_sessions", "proved_at")
    op.drop_constraint("ck_users_short_password_needs_mfa", "users")
    op.drop_column("users", "password_needs_mfa")
    op.drop_column("users", "mfa_enabled_at")


def _extend_users() -> None:
    op.add_column(
        "users", sa.Column("mfa_enabled_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "users",
        sa.Column(
            "password_needs_mfa", sa.Boolean, server_default="false", nullable=False
        ),
    )
    op.create_check_constraint(
        op.f("ck_users_short_password_needs_mfa"),
        "users",
        "mfa_enabled_at IS NOT NULL OR NOT password_needs_mfa",
    )
    grant("users", app="UPDATE (mfa_enabled_at, password_needs_mfa)")


def _extend_user_sessions() -> None:
    op.add_column(
        "user_sessions",
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
    )
    # Who is signed in proved it then, and not now.
    op.execute("UPDATE user_sessions SET proved_at = created_at")
    op.alter_column(
        "user_sessions",
        "proved_at",
        nullable=False,
        server_default=sa.text("app_now()"),
    )
    grant("user_sessions", app="UPDATE (proved_at)")


def _create_authenticators() -> None:
    op.create_table(
        "authenticators",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("wrong_codes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_authenticators_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticators")),
        sa.UniqueConstraint("user_id", name=op.f("uq_authenticators_user_id")),
    )
    protect(
        "authenticators",
        mine=_ONESELF,
        app="SELECT, INSERT, DELETE, UPDATE (last_step, wrong_codes, wait_until)",
    )


def _create_recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint(
            "user_id", "code_hash", name=op.f("uq_recovery_codes_user_id_code_hash")
        ),
    )
    protect(
        "recovery_codes",
        mine=_ONESELF,
        app="SELECT, INSERT, DELETE, UPDATE (used_at)",
    )
