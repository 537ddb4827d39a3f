"""AWS accounts, the ways into them, and the table of ciphertext."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_aws_accounts()
    _create_aws_credentials()
    _create_aws_credential_versions()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("aws_credential_versions")
    op.drop_table("aws_credentials")
    op.drop_table("aws_accounts")


def _create_aws_accounts() -> None:
    op.create_table(
        "aws_accounts",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("partition", sa.String(), server_default="aws", nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "labels",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column(
            "exclusions",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.Column(
            "connected", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "account_id ~ '^[0-9]{12}$'",
            name=op.f("ck_aws_accounts_account_id_has_12_digits"),
        ),
        sa.CheckConstraint(
            "partition = 'aws'", name=op.f("ck_aws_accounts_partition_is_aws")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_aws_accounts_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aws_accounts")),
        sa.UniqueConstraint(
            "organization_id",
            "account_id",
            name=op.f("uq_aws_accounts_organization_id_account_id"),
        ),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_aws_accounts_organization_id_id")
        ),
    )
    op.create_index(
        "ix_aws_accounts_labels",
        "aws_accounts",
        ["labels"],
        unique=False,
        postgresql_using="gin",
    )
    protect(
        "aws_accounts",
        app="SELECT, INSERT, UPDATE (name, labels, exclusions, connected)",
        worker="SELECT, INSERT, UPDATE (connected)",
        system="SELECT (id, organization_id, labels, connected)",
    )


def _create_aws_credentials() -> None:
    op.create_table(
        "aws_credentials",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "role",
                "access_key",
                name="credentialskind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "purpose",
            sa.Enum(
                "read",
                "write",
                name="credentialspurpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "verified",
                "failed",
                "refused",
                "deleted",
                name="credentialsstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("aws_account_id", sa.Uuid(), nullable=True),
        sa.Column("role_arn", sa.String(), nullable=True),
        sa.Column("access_key_last4", sa.String(), nullable=True),
        sa.Column("access_key_fingerprint", sa.String(), nullable=True),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column(
            "checks",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verify_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'role') = (role_arn IS NOT NULL)",
            name=op.f("ck_aws_credentials_role_has_arn"),
        ),
        sa.CheckConstraint(
            "(status = 'deleted') = (deleted_at IS NOT NULL)",
            name=op.f("ck_aws_credentials_deleted_at_is_set"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_aws_credentials_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "aws_account_id"],
            ["aws_accounts.organization_id", "aws_accounts.id"],
            name=op.f("fk_aws_credentials_organization_id_aws_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_aws_credentials_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aws_credentials")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_aws_credentials_organization_id_id")
        ),
    )
    op.create_index(
        op.f("ix_aws_credentials_aws_account_id"),
        "aws_credentials",
        ["aws_account_id"],
        unique=False,
    )
    op.create_index(
        "uq_aws_credentials_organization_id_name",
        "aws_credentials",
        ["organization_id", "name"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    protect(
        "aws_credentials",
        app="SELECT, INSERT, UPDATE",
        worker=(
            "SELECT, UPDATE (status, reason, aws_account_id, checks, error, "
            "verified_at)"
        ),
    )


def _create_aws_credential_versions() -> None:
    op.create_table(
        "aws_credential_versions",
        sa.Column("credentials_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "credentials_id"],
            ["aws_credentials.organization_id", "aws_credentials.id"],
            name=op.f("fk_aws_credential_versions_organization_id_credentials_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_aws_credential_versions_organization_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "id", name=op.f("pk_aws_credential_versions")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "credentials_id",
            "version",
            name=op.f(
                "uq_aws_credential_versions_organization_id_credentials_id_version"
            ),
        ),
    )
    protect("aws_credential_versions", app="INSERT", worker="SELECT, DELETE")
