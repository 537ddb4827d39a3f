"""Limits that are near, and being read-only, are notices; whose trial is spent is known
after an erasure; resources of accounts that are not connected are not counted."""

import sqlalchemy as sa
from alembic import op
from tenancy import grant

revision = "0045"
down_revision = "0044"
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
)
_NEW_EVENTS = ("usage.near", "usage.reached", "subscription.read_only")
_TELLING = ("notices", "notice_wants")

# Who disconnects an account holds its row, which a read that counts shares: neither
# misses what the other wrote. Triggers fire in the order of their names, and this one
# after `count_update`: who connects many has the accounts' counter before this one.
_COUNT = """
CREATE FUNCTION count_resources_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  many bigint;
BEGIN
  SELECT count(*) INTO many FROM resources
  WHERE organization_id = NEW.organization_id AND aws_account_id = NEW.id
    AND gone_at IS NULL;
  IF NOT NEW.connected THEN many := -many; END IF;
  INSERT INTO usage_counts AS counted (organization_id, metric, value)
  VALUES (NEW.organization_id, 'stored_resources', greatest(many, 0))
  ON CONFLICT (organization_id, metric)
    DO UPDATE SET value = greatest(counted.value + many, 0);
  RETURN NULL;
END $$"""
_COUNT_AFRESH = """
UPDATE usage_counts c SET value = (
  SELECT count(*) FROM resources r
  JOIN aws_accounts a
    ON a.organization_id = r.organization_id AND a.id = r.aws_account_id
  WHERE r.organization_id = c.organization_id AND r.gone_at IS NULL AND {which})
WHERE metric = 'stored_resources'"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _let_events_be(*_EVENTS, *_NEW_EVENTS)
    op.create_table(
        "spent_trials",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_spent_trials")),
    )
    grant("spent_trials", app="SELECT, INSERT")
    op.execute(_COUNT)
    op.execute(
        "CREATE TRIGGER count_update_resources"
        " AFTER UPDATE OF connected ON aws_accounts"
        " FOR EACH ROW WHEN (OLD.connected <> NEW.connected)"
        " EXECUTE FUNCTION count_resources_of_account()"
    )
    op.execute(_COUNT_AFRESH.format(which="a.connected"))
    op.create_index(
        *("ix_aws_accounts_paused", "aws_accounts", ["organization_id"]),
        postgresql_where=sa.text("paused_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_aws_accounts_paused", "aws_accounts")
    op.execute("DROP TRIGGER count_update_resources ON aws_accounts")
    op.execute("DROP FUNCTION count_resources_of_account()")
    op.execute(_COUNT_AFRESH.format(which="true"))
    op.drop_table("spent_trials")
    for table in _TELLING:
        named = sa.table(table, sa.column("event", sa.String))
        op.execute(named.delete().where(named.c.event.in_(_NEW_EVENTS)))
    _let_events_be(*_EVENTS)


def _let_events_be(*events: str) -> None:
    for table in _TELLING:
        name = op.f(f"ck_{table}_noticeevent")
        op.drop_constraint(name, table)
        known = sa.column("event", sa.String()).in_(events)
        op.create_check_constraint(name, table, known)
