"""What keeps a slot from being recorded twice is gone: with SQL that drops the
constraint, an INSERT that does not ask for it by name."""

from sqlalchemy import text

from app.services import due_records
from tests.chaos.plants import replace

SQL = """
ALTER TABLE task_runs
  DROP CONSTRAINT uq_task_runs_organization_id_task_id_scheduled_for;
"""
_NAMED = "ON CONFLICT (organization_id, task_id, scheduled_for) DO NOTHING"


def plant() -> None:
    statement = due_records._INSERT_RUNS.text  # noqa: SLF001 — what is sabotaged
    if _NAMED not in statement:
        raise AttributeError("the INSERT of runs names no constraint to sabotage")
    unnamed = statement.replace(_NAMED, "ON CONFLICT DO NOTHING")
    replace(due_records, "_INSERT_RUNS", text(unnamed))
