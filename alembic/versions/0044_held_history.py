"""What a larger plan kept of the history is held for thirty days after it."""

import sqlalchemy as sa
from alembic import op
from tenancy import CURRENT_ORGANIZATION

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_BEGIN = "CREATE OR REPLACE FUNCTION kept_since() RETURNS timestamptz LANGUAGE sql"
_MINE = (
    "FROM subscriptions s JOIN subscription_plans p ON p.code = s.plan_code"
    f" WHERE s.organization_id = {CURRENT_ORGANIZATION}"
)
_OF_PLAN = "(p.limits ->> 'history_days')::int"
_IS_HELD = "s.history_held_until > app_now()"
_KEPT = f"""{_BEGIN} STABLE AS $$
  SELECT CASE WHEN {_IS_HELD} AND s.history_held_days IS NULL THEN NULL
    ELSE app_now() - make_interval(days => {_OF_PLAN} + greatest(0,
      CASE WHEN {_IS_HELD} THEN s.history_held_days - {_OF_PLAN} END)) END
  {_MINE}
$$"""
_KEPT_BEFORE = f"""{_BEGIN} STABLE AS $$
  SELECT app_now() - make_interval(days => {_OF_PLAN}) {_MINE}
$$"""
# Of a plan that kept `had` days and one that keeps `has`; no days are for ever. A
# smaller one begins the thirty days, a larger one leaves what is held until its day.
_HOLD = """
CREATE FUNCTION holding_history(one subscriptions, had int, has int)
RETURNS subscriptions LANGUAGE plpgsql AS $$
DECLARE
  ever CONSTANT float8 := 'infinity';
  before float8 := coalesce(had, ever);
  after float8 := coalesce(has, ever);
  held float8 := CASE WHEN one.history_held_until > app_now()
    THEN coalesce(one.history_held_days, ever) ELSE 0 END;
BEGIN
  IF before > after THEN
    held := greatest(held, before);
    one.history_held_until := app_now() + interval '30 days';
  END IF;
  IF held > after THEN
    one.history_held_days := nullif(held, ever);
  ELSE
    one.history_held_days := NULL;
    one.history_held_until := NULL;
  END IF;
  RETURN one;
END $$"""
_OF_SUBSCRIPTION = """
CREATE FUNCTION hold_history_of_subscription() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN holding_history(NEW,
    (SELECT (limits ->> 'history_days')::int FROM subscription_plans
     WHERE code = OLD.plan_code),
    (SELECT (limits ->> 'history_days')::int FROM subscription_plans
     WHERE code = NEW.plan_code));
END $$"""
_OF_PLANS = """
CREATE FUNCTION hold_history_of_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE subscriptions s
  SET history_held_days = h.history_held_days, history_held_until = h.history_held_until
  FROM subscriptions o CROSS JOIN LATERAL holding_history(o,
    (OLD.limits ->> 'history_days')::int, (NEW.limits ->> 'history_days')::int) AS h
  WHERE s.plan_code = NEW.code AND o.id = s.id;
  RETURN NULL;
END $$"""
_COLUMNS = (
    ("history_held_days", sa.Integer()),
    ("history_held_until", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, kind in _COLUMNS:
        op.add_column("subscriptions", sa.Column(name, kind, nullable=True))
    op.execute(_KEPT)
    for function in (_HOLD, _OF_SUBSCRIPTION, _OF_PLANS):
        op.execute(function)
    op.execute(
        "CREATE TRIGGER hold_history BEFORE UPDATE OF plan_code ON subscriptions"
        " FOR EACH ROW WHEN (OLD.plan_code <> NEW.plan_code)"
        " EXECUTE FUNCTION hold_history_of_subscription()"
    )
    op.execute(
        "CREATE TRIGGER hold_history AFTER UPDATE OF limits ON subscription_plans"
        " FOR EACH ROW WHEN (OLD.limits -> 'history_days'"
        " IS DISTINCT FROM NEW.limits -> 'history_days')"
        " EXECUTE FUNCTION hold_history_of_plan()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("subscriptions", "subscription_plans"):
        op.execute(f"DROP TRIGGER hold_history ON {table}")
    for name in ("hold_history_of_plan", "hold_history_of_subscription"):
        op.execute(f"DROP FUNCTION {name}()")
    op.execute("DROP FUNCTION holding_history(subscriptions, int, int)")
    op.execute(_KEPT_BEFORE)
    for name, _ in _COLUMNS:
        op.drop_column("subscriptions", name)
