"""Files made of what executions found."""

import sqlalchemy as sa
from alembic import op
from tenancy import protect

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "artifacts",
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "ready",
                "failed",
                "purged",
                name="artifactstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "part IN ('resources', 'findings')", name=op.f("ck_artifacts_part_is_known")
        ),
        sa.CheckConstraint(
            "format IN ('csv', 'json')", name=op.f("ck_artifacts_format_is_known")
        ),
        sa.CheckConstraint(
            "(status IN ('ready', 'purged')) = (sha256 IS NOT NULL)",
            name=op.f("ck_artifacts_ready_is_sealed"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "execution_id"],
            ["task_executions.organization_id", "task_executions.id"],
            name=op.f("fk_artifacts_organization_id_execution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_artifacts_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["users.id"], name=op.f("fk_artifacts_requested_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_artifacts_organization_id_id")
        ),
    )
    op.create_index(
        "ix_artifacts_execution",
        "artifacts",
        ["organization_id", "execution_id", "id"],
        unique=False,
    )
    protect(
        "artifacts",
        app="SELECT, INSERT",
        worker=(
            "SELECT, UPDATE (status, error, bytes, sha256, ready_at, expires_at, "
            "purged_at)"
        ),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("artifacts")
