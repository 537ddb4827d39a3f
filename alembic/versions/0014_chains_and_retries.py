"""Tasks that run after tasks, and failures that are tried again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# The same moves as app/services/decisions/status.py; a test compares the two. A unit
# that was not read goes back only as long as its execution goes on.
_TRIED_AGAIN = """
  IF kind = 'unit' AND OLD.status IN ('failed', 'cancelled', 'not_attempted')
    AND NEW.status = 'pending'
  THEN
    IF EXISTS (
      SELECT FROM task_executions e
      WHERE e.organization_id = NEW.organization_id AND e.id = NEW.execution_id
        AND e.status IN ('queued', 'running'))
    THEN
      RETURN NEW;
    END IF;
  END IF;"""
_GUARD_STATUS = f"""
CREATE OR REPLACE FUNCTION guard_status() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text := TG_ARGV[0];
  legal boolean;
BEGIN{_TRIED_AGAIN}
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
_CHAIN_HAS_A_ROOT = "(trigger = 'chained') = (root_run_id IS NOT NULL)"
_OF_EVENTS = (
    "organization_id, at, id, execution_id, kind, from_status, to_status, fence, actor"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_task_dependencies()
    _add_chains_to_runs()
    op.add_column(
        "task_versions",
        sa.Column(
            "after",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
    )
    op.execute(_GUARD_STATUS)
    op.execute(
        "GRANT UPDATE (retry_no, not_before) ON task_executions TO cloudrota_worker"
    )
    # An event of a retry holds the error, which is the tenant's.
    op.execute("REVOKE SELECT ON execution_events FROM cloudrota_system")
    op.execute(f"GRANT SELECT ({_OF_EVENTS}) ON execution_events TO cloudrota_system")
    # A run's parameters stand in the task's versions, where those who tick cannot look.
    op.execute(
        "UPDATE tasks SET schedule = schedule - 'parameters'"
        " WHERE schedule ? 'parameters'"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE SELECT ON execution_events FROM cloudrota_system")
    op.execute("GRANT SELECT ON execution_events TO cloudrota_system")
    op.execute(
        "REVOKE UPDATE (retry_no, not_before) ON task_executions FROM cloudrota_worker"
    )
    op.execute(_GUARD_STATUS.replace(_TRIED_AGAIN, ""))
    op.drop_column("task_versions", "after")
    op.drop_column("task_runs", "root_run_id")
    op.drop_table("task_dependencies")


def _create_task_dependencies() -> None:
    op.create_table(
        "task_dependencies",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("after_task_id", sa.Uuid(), nullable=False),
        sa.Column(
            "run_end",
            sa.Enum(
                "succeeded",
                "failed",
                "finished",
                name="runend",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_task_dependencies_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["tasks.organization_id", "tasks.id"],
            name=op.f("fk_task_dependencies_organization_id_task_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "after_task_id"],
            ["tasks.organization_id", "tasks.id"],
            name=op.f("fk_task_dependencies_organization_id_after_task_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id",
            "task_id",
            "after_task_id",
            name=op.f("pk_task_dependencies"),
        ),
    )
    op.create_index(
        "ix_task_dependencies_after",
        "task_dependencies",
        ["organization_id", "after_task_id"],
    )
    protect(
        "task_dependencies",
        app="SELECT, INSERT, UPDATE (run_end), DELETE",
        worker="SELECT",
        system="SELECT",
    )


def _add_chains_to_runs() -> None:
    op.add_column("task_runs", sa.Column("root_run_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_task_runs_organization_id_root_run_id"),
        "task_runs",
        "task_runs",
        ["organization_id", "root_run_id"],
        ["organization_id", "id"],
    )
    op.create_unique_constraint(
        op.f("uq_task_runs_organization_id_root_run_id_task_id"),
        "task_runs",
        ["organization_id", "root_run_id", "task_id"],
    )
    op.create_check_constraint(
        op.f("ck_task_runs_chain_has_a_root"), "task_runs", _CHAIN_HAS_A_ROOT
    )
