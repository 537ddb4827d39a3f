"""Units, results, and the events that every change of status writes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_RECORD_TRANSITION = """
CREATE FUNCTION record_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO execution_events (organization_id, id, execution_id, kind,
    from_status, to_status, fence, actor, detail)
  VALUES (NEW.organization_id, gen_random_uuid(), NEW.id, 'status', OLD.status,
    NEW.status, NEW.fence, COALESCE(current_setting('app.actor', true), ''),
    jsonb_strip_nulls(jsonb_build_object('reason', NEW.reason)));
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_execution_units()
    _create_task_results()
    _create_execution_events()
    op.execute(
        "CREATE TRIGGER guard_status BEFORE UPDATE ON execution_units"
        " FOR EACH ROW EXECUTE FUNCTION guard_status('unit')"
    )
    # Months are added by `cloudrota partitions`; nothing is lost without.
    op.execute(
        "CREATE TABLE execution_events_p_default PARTITION OF execution_events DEFAULT"
    )
    op.execute(_RECORD_TRANSITION)
    op.execute(
        "CREATE TRIGGER record_transition AFTER UPDATE OF status ON task_executions"
        " FOR EACH ROW WHEN (OLD.status <> NEW.status)"
        " EXECUTE FUNCTION record_transition()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER record_transition ON task_executions")
    op.execute("DROP FUNCTION record_transition()")
    op.drop_table("execution_events")
    op.drop_table("task_results")
    op.drop_table("execution_units")


def _create_execution_units() -> None:
    op.create_table(
        "execution_units",
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "running",
                "succeeded",
                "failed",
                "cancelled",
                "not_attempted",
                "not_applicable",
                name="unitstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column(
            "counts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "execution_id"],
            ["task_executions.organization_id", "task_executions.id"],
            name=op.f("fk_execution_units_organization_id_execution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_execution_units_organization_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_execution_units")),
        sa.UniqueConstraint(
            "organization_id",
            "execution_id",
            "kind",
            "key",
            "region",
            name=op.f(
                "uq_execution_units_organization_id_execution_id_kind_key_region"
            ),
        ),
        sa.UniqueConstraint(
            "organization_id", "id", name=op.f("uq_execution_units_organization_id_id")
        ),
    )
    protect("execution_units", app="SELECT", worker="SELECT, INSERT, UPDATE")


def _create_task_results() -> None:
    op.create_table(
        "task_results",
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("coverage", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "execution_id"],
            ["task_executions.organization_id", "task_executions.id"],
            name=op.f("fk_task_results_organization_id_execution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_task_results_organization_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_task_results")),
        sa.UniqueConstraint(
            "organization_id",
            "execution_id",
            name=op.f("uq_task_results_organization_id_execution_id"),
        ),
    )
    protect("task_results", app="SELECT", worker="SELECT, INSERT")


def _create_execution_events() -> None:
    op.create_table(
        "execution_events",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_status", sa.String(), nullable=True),
        sa.Column("to_status", sa.String(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "execution_id"],
            ["task_executions.organization_id", "task_executions.id"],
            name=op.f("fk_execution_events_organization_id_execution_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_execution_events_organization_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "at", "id", name=op.f("pk_execution_events")
        ),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index(
        "ix_execution_events_execution",
        "execution_events",
        ["organization_id", "execution_id", "at"],
        unique=False,
    )
    protect(
        "execution_events",
        app="SELECT, INSERT",
        worker="SELECT, INSERT",
        system="SELECT, INSERT",
    )
