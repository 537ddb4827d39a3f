"""Invitations to become a member, found by a mailed link before anybody is known."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import drop_lookup_function, lookup_function, protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_LOOKUP = "invitation(wanted bytea)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "invitations",
        sa.Column("email", sa.String(), nullable=False),
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
        sa.Column("member_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "invited_by"],
            ["members.organization_id", "members.id"],
            name=op.f("fk_invitations_organization_id_invited_by"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_invitations_organization_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["organization_id", "email"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
    )
    protect(
        "invitations",
        app="SELECT, INSERT, UPDATE (accepted_at, withdrawn_at)",
        worker=(
            "SELECT (organization_id, id, email, invited_by, expires_at, accepted_at,"
            " withdrawn_at)"
        ),
        lookup="SELECT (organization_id, id, email, token_hash)",
    )
    op.create_index("ix_invitations_expires_at", "invitations", ["expires_at"])
    # As with sessions and mailed tokens: nobody can use it any more.
    op.execute(
        "GRANT SELECT (id, expires_at), DELETE ON invitations TO cloudrota_system"
    )
    op.execute(
        "CREATE POLICY system ON invitations TO cloudrota_system"
        " USING (expires_at < app_now() - interval '30 days') WITH CHECK (false)"
    )
    lookup_function(
        _LOOKUP,
        "TABLE (organization_id uuid, invitation_id uuid, email text)",
        "SELECT organization_id, id, email FROM invitations WHERE token_hash = wanted",
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop_lookup_function(_LOOKUP)
    op.drop_table("invitations")
