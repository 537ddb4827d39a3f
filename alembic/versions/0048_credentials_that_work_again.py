"""Credentials that were refused and work again are a notice."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_EVENTS = (
    "execution.succeeded",
    "execution.failed",
    "execution.interrupted",
    "execution.cancelled",
    "execution.skipped",
    "execution.recovered",
    "health.degraded",
    "health.recovered",
    "resource.changed",
    "problem.opened",
    "problem.closed",
    "credentials.invalid",
    "subscription.changed",
    "channel.failing",
    "channel.recovered",
    "test",
    "usage.near",
    "usage.reached",
    "subscription.read_only",
)
_NEW = "credentials.recovered"
_TELLING = ("notices", "notice_wants")
_OF_CREDENTIALS = f"event IN ('credentials.invalid', '{_NEW}')"
_NOTE = f"""
CREATE FUNCTION note_recovered_credentials() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF 'credentials.invalid' = (
    SELECT n.event FROM notices n WHERE n.organization_id = NEW.organization_id
      AND n.facts ->> 'credentials_id' = NEW.id::text AND n.{_OF_CREDENTIALS}
    ORDER BY n.number DESC LIMIT 1)
  THEN
    INSERT INTO notices (organization_id, aws_account_id, event, facts)
    VALUES (NEW.organization_id, NEW.aws_account_id, '{_NEW}',
      jsonb_build_object('credentials_id', NEW.id, 'status', NEW.status,
        'purpose', NEW.purpose));
  END IF;
  RETURN NULL;
END $$"""  # noqa: S608 — our own columns


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _let_events_be(*_EVENTS, _NEW)
    op.create_index(
        "ix_notices_credentials",
        "notices",
        ["organization_id", sa.text("(facts ->> 'credentials_id')"), "number"],
        postgresql_where=sa.text(_OF_CREDENTIALS),
    )
    op.execute(_NOTE)
    op.execute(
        "CREATE TRIGGER note_recovered_credentials"
        " AFTER UPDATE OF status ON aws_credentials"
        " FOR EACH ROW WHEN (OLD.status <> 'verified' AND NEW.status = 'verified')"
        " EXECUTE FUNCTION note_recovered_credentials()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER note_recovered_credentials ON aws_credentials")
    op.execute("DROP FUNCTION note_recovered_credentials()")
    op.drop_index("ix_notices_credentials", "notices")
    for table in _TELLING:
        named = sa.table(table, sa.column("event", sa.String))
        op.execute(named.delete().where(named.c.event == _NEW))
    _let_events_be(*_EVENTS)


def _let_events_be(*events: str) -> None:
    for table in _TELLING:
        name = op.f(f"ck_{table}_noticeevent")
        op.drop_constraint(name, table)
        known = sa.column("event", sa.String()).in_(events)
        op.create_check_constraint(name, table, known)
