"""Scopes, reads, resources with versions, findings and problems."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_scopes()
    _create_scope_reads()
    _create_resources()
    _create_resource_versions()
    _create_findings()
    _create_problems()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("problems")
    op.drop_table("findings")
    op.drop_table("resource_versions")
    op.drop_table("resources")
    op.drop_table("scope_reads")
    op.drop_table("scopes")


def _create_scopes() -> None:
    op.create_table(
        "scopes",
        sa.Column("aws_account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("execution_id", sa.Uuid(), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stale_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column(
            "counts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "aws_account_id"],
            ["aws_accounts.organization_id", "aws_accounts.id"],
            name=op.f("fk_scopes_organization_id_aws_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_scopes_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scopes")),
        sa.UniqueConstraint(
            "organization_id",
            "aws_account_id",
            "kind",
            "key",
            "region",
            name=op.f("uq_scopes_organization_id_aws_account_id_kind_key_region"),
        ),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_scopes_organization_id_id")
        ),
    )
    protect("scopes", app="SELECT", worker="SELECT, INSERT, UPDATE")


def _create_scope_reads() -> None:
    op.create_table(
        "scope_reads",
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column(
            "read_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("catalog_version", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "execution_id"],
            ["task_executions.organization_id", "task_executions.id"],
            name=op.f("fk_scope_reads_organization_id_execution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "scope_id"],
            ["scopes.organization_id", "scopes.id"],
            name=op.f("fk_scope_reads_organization_id_scope_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_scope_reads_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope_reads")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_scope_reads_organization_id_id")
        ),
    )
    op.create_index(
        "ix_scope_reads_execution",
        "scope_reads",
        ["organization_id", "execution_id"],
        unique=False,
    )
    op.create_index(
        "ix_scope_reads_scope",
        "scope_reads",
        ["organization_id", "scope_id", "read_at"],
        unique=False,
    )
    protect("scope_reads", app="SELECT", worker="SELECT, INSERT")


def _create_resources() -> None:
    op.create_table(
        "resources",
        sa.Column("aws_account_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("arn", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "aws_account_id"],
            ["aws_accounts.organization_id", "aws_accounts.id"],
            name=op.f("fk_resources_organization_id_aws_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "scope_id"],
            ["scopes.organization_id", "scopes.id"],
            name=op.f("fk_resources_organization_id_scope_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_resources_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_resources_organization_id_id")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "scope_id",
            "type",
            "identity",
            name=op.f("uq_resources_organization_id_scope_id_type_identity"),
        ),
    )
    op.create_index(
        "ix_resources_account",
        "resources",
        ["organization_id", "aws_account_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_resources_type",
        "resources",
        ["organization_id", "type", "id"],
        unique=False,
    )
    protect(
        "resources",
        app="SELECT",
        worker=(
            "SELECT, INSERT, UPDATE (arn, name, region, state, changed_at, gone_at)"
        ),
    )


def _create_resource_versions() -> None:
    op.create_table(
        "resource_versions",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("from_read", sa.Uuid(), nullable=False),
        sa.Column("until_read", sa.Uuid(), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "from_read"],
            ["scope_reads.organization_id", "scope_reads.id"],
            name=op.f("fk_resource_versions_organization_id_from_read"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "resource_id"],
            ["resources.organization_id", "resources.id"],
            name=op.f("fk_resource_versions_organization_id_resource_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "until_read"],
            ["scope_reads.organization_id", "scope_reads.id"],
            name=op.f("fk_resource_versions_organization_id_until_read"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_resource_versions_organization_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "id", name=op.f("pk_resource_versions")
        ),
    )
    op.create_index(
        "ix_resource_versions_history",
        "resource_versions",
        ["organization_id", "resource_id", "from_at"],
        unique=False,
    )
    op.create_index(
        "uq_resource_versions_current",
        "resource_versions",
        ["organization_id", "resource_id"],
        unique=True,
        postgresql_where=sa.text("until_read IS NULL"),
    )
    protect(
        "resource_versions",
        app="SELECT",
        worker="SELECT, INSERT, UPDATE (until_read, until_at)",
    )


def _create_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("arn", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("from_read", sa.Uuid(), nullable=False),
        sa.Column("until_read", sa.Uuid(), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "from_read"],
            ["scope_reads.organization_id", "scope_reads.id"],
            name=op.f("fk_findings_organization_id_from_read"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "scope_id"],
            ["scopes.organization_id", "scopes.id"],
            name=op.f("fk_findings_organization_id_scope_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "until_read"],
            ["scope_reads.organization_id", "scope_reads.id"],
            name=op.f("fk_findings_organization_id_until_read"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_findings_organization_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_findings")),
    )
    op.create_index(
        "ix_findings_history",
        "findings",
        ["organization_id", "scope_id", "from_at"],
        unique=False,
    )
    op.create_index(
        "uq_findings_current",
        "findings",
        ["organization_id", "scope_id", "type", "identity"],
        unique=True,
        postgresql_where=sa.text("until_read IS NULL"),
    )
    protect(
        "findings", app="SELECT", worker="SELECT, INSERT, UPDATE (until_read, until_at)"
    )


def _create_problems() -> None:
    op.create_table(
        "problems",
        sa.Column("aws_account_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("missing_action", sa.String(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "acknowledged",
                "closed",
                name="problemstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_execution_id", sa.Uuid(), nullable=False),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["users.id"], name=op.f("fk_problems_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "aws_account_id"],
            ["aws_accounts.organization_id", "aws_accounts.id"],
            name=op.f("fk_problems_organization_id_aws_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "last_execution_id"],
            ["task_executions.organization_id", "task_executions.id"],
            name=op.f("fk_problems_organization_id_last_execution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_problems_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_problems_organization_id_id")
        ),
    )
    op.create_index(
        "uq_problems_unclosed",
        "problems",
        ["organization_id", "fingerprint"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    protect(
        "problems",
        app="SELECT, UPDATE (status, note, acknowledged_by)",
        worker="SELECT, INSERT, UPDATE",
    )
