"""A problem is noticed by each task that meets it, once; and only who is well again has
recovered."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_INTO = (
    "INSERT INTO notices (organization_id, aws_account_id, event, task_id, run_id,"
    " execution_id, problem_id, facts)"
)
# The problem's row is locked by now, so that two executions of one task do not both
# find nothing.
_MET = f"""
  SELECT e.task_id INTO met FROM task_executions e
  WHERE e.organization_id = NEW.organization_id AND e.id = NEW.last_execution_id;
  IF met IS NOT NULL AND NOT EXISTS (
    SELECT FROM notices n WHERE n.organization_id = NEW.organization_id
      AND n.problem_id = NEW.id AND n.task_id = met)
  THEN
    {_INTO} VALUES (NEW.organization_id, NEW.aws_account_id, 'problem.opened', met,
      NULL, NEW.last_execution_id, NEW.id, jsonb_build_object('error', NEW.error));
  END IF;"""  # noqa: S608 — our own columns
# Worse is told at each step, better at the last one alone.
_VERDICTS = "'unhealthy', 'degraded', 'healthy', 'inactive', 'no_resources'"
_ILL = "coalesce(array_position(ARRAY['unhealthy', 'degraded'], {}), 3)"
_WELL = f"{_ILL.format('NEW.verdict')} = 3 AND {_ILL.format('before.verdict')} < 3"
_BETTER = f"{_ILL.format('NEW.verdict')} > {_ILL.format('before.verdict')}"
_JUDGED = f"""
  wanted := ARRAY(SELECT w.event FROM notice_wants w
    WHERE w.organization_id = NEW.organization_id);
  IF wanted && ARRAY['health.degraded', 'health.recovered'] THEN
    SELECT e.id, e.run_id, e.task_id, e.aws_account_id INTO own FROM task_executions e
    WHERE e.organization_id = NEW.organization_id AND e.id = NEW.execution_id;
    SELECT r.verdict INTO before FROM task_executions e
    JOIN task_results r
      ON r.organization_id = e.organization_id AND r.execution_id = e.id
    WHERE e.organization_id = NEW.organization_id AND e.task_id = own.task_id
      AND e.aws_account_id = own.aws_account_id AND e.id <> own.id
      AND r.verdict IN ({_VERDICTS})
    ORDER BY e.id DESC LIMIT 1;
    told := CASE
      WHEN {_ILL.format("NEW.verdict")} < {_ILL.format("before.verdict")}
        THEN 'health.degraded'
      WHEN {{recovered}} THEN 'health.recovered' END;
    IF told = ANY (wanted) THEN
      {_INTO} VALUES (NEW.organization_id, own.aws_account_id, told, own.task_id,
        own.run_id, own.id, NULL,
        jsonb_build_object('verdict', NEW.verdict, 'before', before.verdict));
    END IF;
  END IF;"""  # noqa: S608 — our own columns


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _judge(_WELL)
    op.create_index(
        "ix_notices_problem",
        "notices",
        ["organization_id", "problem_id", "task_id"],
        postgresql_where=sa.text("problem_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_problem",
        "deliveries",
        ["organization_id", "problem_id"],
        postgresql_where=sa.text("problem_id IS NOT NULL"),
    )
    op.execute(
        "CREATE FUNCTION note_met_problem() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" DECLARE met uuid; BEGIN {_MET} RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER note_met_problem AFTER UPDATE OF last_execution_id ON problems"
        " FOR EACH ROW WHEN (NEW.closed_at IS NULL"
        " AND OLD.last_execution_id IS DISTINCT FROM NEW.last_execution_id)"
        " EXECUTE FUNCTION note_met_problem()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER note_met_problem ON problems")
    op.execute("DROP FUNCTION note_met_problem()")
    op.drop_index("ix_deliveries_problem", "deliveries")
    op.drop_index("ix_notices_problem", "notices")
    _judge(_BETTER)


def _judge(recovered: str) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION note_judged_execution() RETURNS trigger"
        " LANGUAGE plpgsql AS $$"
        " DECLARE wanted text[]; before record; own record; told text;"
        f" BEGIN {_JUDGED.format(recovered=recovered)} RETURN NULL; END $$"
    )
