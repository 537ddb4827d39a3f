"""Accounts, enabled tasks and members, counted and kept within the plan."""

import sqlalchemy as sa
from alembic import op
from tenancy import grant, protect

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# What is counted: of which table, by which rows of it, and the columns that decide it.
_COUNTED = {
    "aws_accounts": (
        "aws_accounts",
        "({row}.connected AND {row}.paused_at IS NULL)",
        "connected, paused_at",
    ),
    "enabled_tasks": ("tasks", "{row}.enabled", "enabled"),
    "members": ("members", "({row}.removed_at IS NULL)", "removed_at"),
}
# Who grows shares the subscription until the commit, and who changes the plan has it
# alone, so that no growth goes by the plan of before. That the organization is just
# being made, and has no subscription yet, allows it its first member.
_COUNT = """
CREATE FUNCTION count_usage(whose uuid, what text, by bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  plan text;
  allowed bigint;
  used bigint;
BEGIN
  IF by < 0 THEN
    UPDATE usage_counts SET value = value + by
    WHERE organization_id = whose AND metric = what;
  ELSIF by > 0 THEN
    SELECT plan_code INTO plan FROM subscriptions
    WHERE organization_id = whose FOR SHARE;
    INSERT INTO usage_counts AS counted (organization_id, metric, value)
    VALUES (whose, what, by)
    ON CONFLICT (organization_id, metric)
      DO UPDATE SET value = counted.value + excluded.value
    RETURNING value INTO used;
    SELECT (limits ->> what)::bigint INTO allowed FROM subscription_plans
    WHERE code = plan;
    IF used > allowed THEN
      RAISE EXCEPTION 'the plan % allows % of %', plan, allowed, what USING
        ERRCODE = 'check_violation', CONSTRAINT = 'plan_limit',
        DETAIL = jsonb_build_object(
          'metric', what, 'limit', allowed, 'used', used - by);
    END IF;
  END IF;
END $$"""
# A statement's many rows are counted at once. Tenants in one order, so that no two
# statements wait for each other.
_OF_MANY = """
CREATE FUNCTION count_{command}_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_usage(organization_id, '{metric}', {sign} many) FROM (
    SELECT organization_id, count(*) AS many FROM changed
    WHERE {counts} GROUP BY organization_id ORDER BY organization_id) AS by_tenant;
  RETURN NULL;
END $$"""
_ON_MANY = """
CREATE TRIGGER count_{command} AFTER {command} ON {table}
REFERENCING {version} TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION count_{command}_of_{table}()"""
_OF_ONE = """
CREATE FUNCTION count_update_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM count_usage(
    NEW.organization_id, '{metric}', CASE WHEN {counts} THEN 1 ELSE -1 END);
  RETURN NULL;
END $$"""
# Most updates are of other columns, as those of the beat, and cost nothing.
_ON_ONE = """
CREATE TRIGGER count_update AFTER UPDATE OF {columns} ON {table}
FOR EACH ROW WHEN ({before} IS DISTINCT FROM {after})
EXECUTE FUNCTION count_update_of_{table}()"""
_BACKFILL = """
INSERT INTO usage_counts (organization_id, metric, value)
SELECT organization_id, '{metric}', count(*) FROM {table} WHERE {counts}
GROUP BY organization_id"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _let_accounts_be_paused()
    _create_usage_counts()
    op.execute(_COUNT)
    for metric, (table, counts, columns) in _COUNTED.items():
        named = {"metric": metric, "table": table}
        for command, sign, version in (("insert", "+", "NEW"), ("delete", "-", "OLD")):
            facts = named | {"command": command, "sign": sign, "version": version}
            op.execute(_OF_MANY.format(counts=counts.format(row="changed"), **facts))
            op.execute(_ON_MANY.format(**facts))
        before, after = counts.format(row="OLD"), counts.format(row="NEW")
        op.execute(_OF_ONE.format(counts=after, **named))
        op.execute(_ON_ONE.format(before=before, after=after, columns=columns, **named))
        # The triggers hold the table: nothing changes until it is counted.
        op.execute(_BACKFILL.format(counts=counts.format(row=table), **named))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, *_ in _COUNTED.values():
        for command in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER count_{command} ON {table}")
            op.execute(f"DROP FUNCTION count_{command}_of_{table}()")
    op.execute("DROP FUNCTION count_usage(uuid, text, bigint)")
    op.drop_table("usage_counts")
    op.execute("REVOKE UPDATE (plan_code) ON subscriptions FROM cloudrota_worker")
    op.execute("REVOKE INSERT ON task_runs FROM cloudrota_worker")
    op.execute(
        "REVOKE UPDATE (enabled, disabled_reason, next_run_at, updated_at) ON tasks"
        " FROM cloudrota_worker"
    )
    op.drop_constraint(op.f("ck_aws_accounts_paused_is_connected"), "aws_accounts")
    op.drop_column("aws_accounts", "paused_at")


def _let_accounts_be_paused() -> None:
    op.add_column(
        "aws_accounts",
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_check_constraint(
        op.f("ck_aws_accounts_paused_is_connected"),
        "aws_accounts",
        "connected OR paused_at IS NULL",
    )
    grant(
        "aws_accounts",
        app="UPDATE (paused_at)",
        worker="UPDATE (paused_at)",
        system="SELECT (paused_at)",
    )
    # A worker pauses what a smaller plan leaves no room for, says which slots that
    # cost, and shares the subscription when it finds an account.
    grant("subscriptions", worker="UPDATE (plan_code)")
    grant(
        "tasks",
        worker="UPDATE (enabled, disabled_reason, next_run_at, updated_at)",
    )
    grant("task_runs", worker="INSERT")


def _create_usage_counts() -> None:
    op.create_table(
        "usage_counts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "metric",
            sa.Enum(
                *_COUNTED,
                name="countedmetric",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "value >= 0", name=op.f("ck_usage_counts_value_is_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_usage_counts_organization_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "metric", name=op.f("pk_usage_counts")
        ),
    )
    counts = "SELECT, INSERT, UPDATE (value)"
    protect("usage_counts", app=counts, worker=counts, system="SELECT, UPDATE (value)")
