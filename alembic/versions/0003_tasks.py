"""Tasks, their versions and their targets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_tasks()
    _create_task_versions()
    _create_task_targets()


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("task_targets")
    op.drop_table("task_versions")
    op.drop_table("tasks")


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "read",
                "mutate",
                name="actionkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(), nullable=True),
        sa.Column("schedule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "priority",
            sa.Enum(
                "high",
                "normal",
                "low",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "overlap",
            sa.Enum(
                "skip",
                "queue",
                name="overlap",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("misfire_grace_seconds", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("selector", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "NOT (enabled AND deleted_at IS NOT NULL)",
            name=op.f("ck_tasks_deleted_is_disabled"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_tasks_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_tasks_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_tasks_organization_id_id")
        ),
    )
    op.create_index(
        "ix_tasks_next_run_at",
        "tasks",
        ["next_run_at"],
        unique=False,
        postgresql_where=sa.text("enabled"),
    )
    op.create_index(
        "uq_tasks_organization_id_name",
        "tasks",
        ["organization_id", "name"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    protect(
        "tasks",
        app="SELECT, INSERT, UPDATE",
        worker="SELECT",
        system=(
            "SELECT (id, organization_id, kind, enabled, schedule, "
            "timezone, next_run_at, priority, overlap, "
            "misfire_grace_seconds, timeout_seconds, selector, version, "
            "deleted_at), UPDATE (next_run_at, enabled, disabled_reason)"
        ),
    )


def _create_task_versions() -> None:
    op.create_table(
        "task_versions",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "health_check",
                "resource_list",
                name="tasktype",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("services", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("regions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("targets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False
        ),
        sa.Column("schedule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "on_error",
            sa.Enum(
                "stop",
                "isolate",
                name="onerror",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "retry_policy", postgresql.JSONB(astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "high",
                "normal",
                "low",
                name="priority",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "overlap",
            sa.Enum(
                "skip",
                "queue",
                name="overlap",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("misfire_grace_seconds", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column(
            "notifications", postgresql.JSONB(astext_type=sa.Text()), nullable=False
        ),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_task_versions_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["tasks.organization_id", "tasks.id"],
            name=op.f("fk_task_versions_organization_id_task_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_task_versions_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_versions")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_task_versions_organization_id_id")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "task_id",
            "version",
            name=op.f("uq_task_versions_organization_id_task_id_version"),
        ),
    )
    protect(
        "task_versions",
        app="SELECT, INSERT",
        worker="SELECT",
        system="SELECT (id, organization_id, task_id, version)",
    )


def _create_task_targets() -> None:
    op.create_table(
        "task_targets",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("aws_account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "aws_account_id"],
            ["aws_accounts.organization_id", "aws_accounts.id"],
            name=op.f("fk_task_targets_organization_id_aws_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["tasks.organization_id", "tasks.id"],
            name=op.f("fk_task_targets_organization_id_task_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_task_targets_organization_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "task_id", "aws_account_id", name=op.f("pk_task_targets")
        ),
    )
    op.create_index(
        op.f("ix_task_targets_aws_account_id"),
        "task_targets",
        ["aws_account_id"],
        unique=False,
    )
    protect(
        "task_targets", app="SELECT, INSERT, DELETE", worker="SELECT", system="SELECT"
    )
