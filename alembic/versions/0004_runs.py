"""Runs and executions, with the status machine in the database."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The same moves as app/services/decisions/status.py; a test compares the two.
_GUARD_STATUS = """
CREATE FUNCTION guard_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text := TG_ARGV[0];
  legal boolean;
BEGIN
  IF OLD.status NOT IN ('queued', 'running', 'pending') THEN
    RAISE EXCEPTION '% % is finished (%)', kind, OLD.id, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'finished_is_final';
  END IF;
  IF OLD.status = NEW.status THEN
    RETURN NEW;
  END IF;
  legal := CASE kind || ':' || OLD.status
    WHEN 'run:queued' THEN true
    WHEN 'run:running' THEN true
    WHEN 'execution:queued' THEN NEW.status NOT IN ('succeeded', 'interrupted')
    WHEN 'execution:running' THEN true
    WHEN 'unit:pending' THEN NEW.status <> 'succeeded'
    WHEN 'unit:running' THEN NEW.status <> 'not_attempted'
  END;
  IF legal IS NOT TRUE THEN
    RAISE EXCEPTION '% % cannot go from % to %', kind, OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'legal_transition';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_task_runs()
    _create_task_executions()
    op.execute(_GUARD_STATUS)
    for table, kind in (("task_runs", "run"), ("task_executions", "execution")):
        op.execute(
            f"CREATE TRIGGER guard_status BEFORE UPDATE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION guard_status('{kind}')"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("task_executions")
    op.drop_table("task_runs")
    op.execute("DROP FUNCTION guard_status()")


def _create_task_runs() -> None:
    op.create_table(
        "task_runs",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("task_version_id", sa.Uuid(), nullable=False),
        sa.Column(
            "trigger",
            sa.Enum(
                "schedule",
                "manual",
                "chained",
                name="trigger",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scheduled_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scheduled_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "failed",
                "interrupted",
                "cancelled",
                "skipped",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(trigger = 'schedule') = (scheduled_for IS NOT NULL)",
            name=op.f("ck_task_runs_slot_is_named"),
        ),
        sa.CheckConstraint("slots >= 1", name=op.f("ck_task_runs_slots_are_counted")),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["tasks.organization_id", "tasks.id"],
            name=op.f("fk_task_runs_organization_id_task_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_version_id"],
            ["task_versions.organization_id", "task_versions.id"],
            name=op.f("fk_task_runs_organization_id_task_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_task_runs_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["users.id"], name=op.f("fk_task_runs_started_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_runs")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_task_runs_organization_id_id")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "task_id",
            "scheduled_for",
            name=op.f("uq_task_runs_organization_id_task_id_scheduled_for"),
        ),
    )
    op.create_index(
        "ix_task_runs_task",
        "task_runs",
        ["organization_id", "task_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_task_runs_unfinished",
        "task_runs",
        ["organization_id", "task_id"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )
    protect(
        "task_runs",
        app="SELECT, INSERT, UPDATE (status, reason, finished_at)",
        worker="SELECT, UPDATE (status, reason, finished_at)",
        system="SELECT, INSERT, UPDATE (status, reason, finished_at)",
    )


def _create_task_executions() -> None:
    op.create_table(
        "task_executions",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("aws_account_id", sa.Uuid(), nullable=False),
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
            "status",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "failed",
                "interrupted",
                "cancelled",
                "skipped",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("retry_no", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hinted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effect_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("catalog_version", sa.String(), nullable=True),
        sa.Column("application_version", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "aws_account_id"],
            ["aws_accounts.organization_id", "aws_accounts.id"],
            name=op.f("fk_task_executions_organization_id_aws_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "run_id"],
            ["task_runs.organization_id", "task_runs.id"],
            name=op.f("fk_task_executions_organization_id_run_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["tasks.organization_id", "tasks.id"],
            name=op.f("fk_task_executions_organization_id_task_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_task_executions_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_executions")),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_task_executions_organization_id_id")
        ),
        sa.UniqueConstraint(
            "organization_id",
            "run_id",
            "aws_account_id",
            name=op.f("uq_task_executions_organization_id_run_id_aws_account_id"),
        ),
    )
    op.create_index(
        "ix_task_executions_lease_until",
        "task_executions",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(
        "ix_task_executions_queued",
        "task_executions",
        ["kind", "priority", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "ix_task_executions_running",
        "task_executions",
        ["organization_id"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(
        "ix_task_executions_task",
        "task_executions",
        ["organization_id", "task_id", "id"],
        unique=False,
    )
    protect(
        "task_executions",
        app=(
            "SELECT, INSERT, UPDATE (status, reason, cancel_requested_at, finished_at)"
        ),
        worker=(
            "SELECT, UPDATE (status, reason, fence, attempt, lease_owner, "
            "lease_until, effect_started_at, deadline, error, "
            "catalog_version, application_version, finished_at)"
        ),
        system=(
            "SELECT (id, organization_id, task_id, run_id, aws_account_id, kind, "
            "priority, status, reason, fence, attempt, retry_no, lease_owner, "
            "lease_until, not_before, hinted_at, effect_started_at, "
            "cancel_requested_at, timeout_seconds, deadline, created_at, "
            "started_at, finished_at), INSERT, UPDATE (status, reason, fence, attempt, "
            "lease_owner, lease_until, hinted_at, deadline, started_at, finished_at)"
        ),
    )
