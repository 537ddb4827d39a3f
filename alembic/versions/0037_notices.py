"""What may be told, written by whoever changes a row, in the transaction of the
change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import protect

revision = "0037"
down_revision = "0036"
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
# A UUIDv7, as app/core/ids.py makes them; a trigger has no application to ask.
_NEW_ID = """
CREATE FUNCTION new_notice_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
    substring(int8send((extract(epoch FROM app_now()) * 1000)::bigint) FROM 3)
    FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$"""
_PURGED = (
    "deliveries",
    "problems",
    "executions",
    "runs",
    "resources",
    "resource_versions",
    "findings",
    "scope_reads",
    "outbox",
    "idempotency_keys",
)

# Most are a row's trigger that asks WHEN before anything is queued: most changes are no
# news, and cost nothing. What is frequent is written only where the organization wants
# it, which is one look at a primary key.
_INTO = (
    "INSERT INTO notices (organization_id, aws_account_id, event, task_id, run_id,"
    " execution_id, problem_id, facts)"
)
_WANTED = (
    "wanted := ARRAY(SELECT w.event FROM notice_wants w"
    " WHERE w.organization_id = NEW.organization_id);"
)
_PROBLEM = (
    f"{_INTO} VALUES (NEW.organization_id, NEW.aws_account_id, '{{event}}',"  # noqa: S608 — our own columns
    " (SELECT e.task_id FROM task_executions e"
    " WHERE e.organization_id = NEW.organization_id AND e.id = NEW.last_execution_id),"
    " NULL, NEW.last_execution_id, NEW.id, {facts});"
)
_OPENED = _PROBLEM.format(
    event="problem.opened", facts="jsonb_build_object('error', NEW.error)"
)
_CLOSED = _PROBLEM.format(
    event="problem.closed",
    facts=(
        "jsonb_build_object('error', NEW.error, 'count', NEW.count,"
        " 'first_at', NEW.first_at, 'last_at', NEW.last_at)"
    ),
)
# What ended before it is whatever has ended by now, in the order of making.
_BEFORE = (
    "e.organization_id = NEW.organization_id AND e.task_id = {of}.task_id"
    " AND e.aws_account_id = {of}.aws_account_id AND e.id <> {of}.id"
)
_ENDED = f"""
  {_WANTED}
  IF 'execution.' || NEW.status = ANY (wanted) THEN
    {_INTO} VALUES (NEW.organization_id, NEW.aws_account_id,
      'execution.' || NEW.status, NEW.task_id, NEW.run_id, NEW.id, NULL, '{{}}');
  END IF;
  IF NEW.status = 'succeeded' AND 'execution.recovered' = ANY (wanted) THEN
    SELECT e.id, e.status, e.finished_at INTO before FROM task_executions e
    WHERE {_BEFORE.format(of="NEW")}
      AND e.status IN ('succeeded', 'failed', 'interrupted')
    ORDER BY e.id DESC LIMIT 1;
    IF before.status <> 'succeeded' THEN
      {_INTO} VALUES (NEW.organization_id, NEW.aws_account_id,
        'execution.recovered', NEW.task_id, NEW.run_id, NEW.id, NULL,
        jsonb_build_object('before', before.status, 'before_id', before.id,
          'before_at', before.finished_at));
    END IF;
  END IF;"""  # noqa: S608 — our own columns
# What says nothing of health (unknown, a change under way) is neither worse nor better,
# and the verdict before it is compared.
_VERDICTS = "'unhealthy', 'degraded', 'healthy', 'inactive', 'no_resources'"
_ILL = "coalesce(array_position(ARRAY['unhealthy', 'degraded'], {}), 3)"
_JUDGED = f"""
  {_WANTED}
  IF wanted && ARRAY['health.degraded', 'health.recovered'] THEN
    SELECT e.id, e.run_id, e.task_id, e.aws_account_id INTO own FROM task_executions e
    WHERE e.organization_id = NEW.organization_id AND e.id = NEW.execution_id;
    SELECT r.verdict INTO before FROM task_executions e
    JOIN task_results r
      ON r.organization_id = e.organization_id AND r.execution_id = e.id
    WHERE {_BEFORE.format(of="own")} AND r.verdict IN ({_VERDICTS})
    ORDER BY e.id DESC LIMIT 1;
    told := CASE
      WHEN {_ILL.format("NEW.verdict")} < {_ILL.format("before.verdict")}
        THEN 'health.degraded'
      WHEN {_ILL.format("NEW.verdict")} > {_ILL.format("before.verdict")}
        THEN 'health.recovered' END;
    IF told = ANY (wanted) THEN
      {_INTO} VALUES (NEW.organization_id, own.aws_account_id, told, own.task_id,
        own.run_id, own.id, NULL,
        jsonb_build_object('verdict', NEW.verdict, 'before', before.verdict));
    END IF;
  END IF;"""  # noqa: S608 — our own columns
# A tick records slots by the thousand: all at once, and each by its own id.
_SKIPPED = f"""
  {_INTO} SELECT n.organization_id, NULL, 'execution.skipped', n.task_id, n.id,
    NULL, NULL, '{{}}' FROM new_rows n
  WHERE n.status = 'skipped' AND n.organization_id IN (
    SELECT w.organization_id FROM notice_wants w
    WHERE w.event = 'execution.skipped');"""  # noqa: S608 — our own columns
# The first complete read is what later ones are compared with, and no change.
_FATES = " OR ".join(
    f"NEW.counts ->> '{fate}' <> '0'" for fate in ("new", "returned", "changed", "gone")
)
_READ = f"""
  {_WANTED}
  IF 'resource.changed' = ANY (wanted) AND EXISTS (
    SELECT FROM scope_reads r WHERE r.organization_id = NEW.organization_id
      AND r.scope_id = NEW.id AND r.read_at < NEW.as_of)
  THEN
    {_INTO} VALUES (NEW.organization_id, NEW.aws_account_id, 'resource.changed',
      NEW.task_id, NULL, NEW.execution_id, NULL,
      jsonb_build_object('service', NEW.service, 'region', NEW.region, 'key', NEW.key,
        'counts', NEW.counts));
  END IF;"""
_INVALID = f"""
  {_INTO} VALUES (NEW.organization_id, NEW.aws_account_id, 'credentials.invalid',
    NULL, NULL, NULL, NULL,
    jsonb_build_object('credentials_id', NEW.id, 'status', NEW.status,
      'reason', NEW.reason, 'error', NEW.error, 'purpose', NEW.purpose));"""
_SUBSCRIBED = f"""
  {_INTO} VALUES (NEW.organization_id, NULL, 'subscription.changed',
    NULL, NULL, NULL, NULL,
    jsonb_build_object('plan', NEW.plan_code, 'plan_before', OLD.plan_code,
      'status', NEW.status, 'status_before', OLD.status));"""
_AT_WORK = "('queued', 'running')"
# Trigger: what fires it, when it is news, and what it does.
_TOLD: dict[str, tuple[str, str, str]] = {
    "note_opened_problem": ("INSERT ON problems", "true", _OPENED),
    "note_closed_problem": (
        "UPDATE OF closed_at ON problems",
        "OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL",
        _CLOSED,
    ),
    "note_ended_execution": (
        "UPDATE OF status ON task_executions",
        f"OLD.status IN {_AT_WORK} AND NEW.status NOT IN {_AT_WORK}",
        _ENDED,
    ),
    "note_judged_execution": (
        "INSERT ON task_results",
        f"NEW.verdict IN ({_VERDICTS})",
        _JUDGED,
    ),
    "note_changed_resources": (
        "UPDATE OF counts ON scopes",
        f"NEW.kind = 'list' AND NEW.as_of IS DISTINCT FROM OLD.as_of AND ({_FATES})",
        _READ,
    ),
    "note_invalid_credentials": (
        "UPDATE OF status ON aws_credentials",
        "OLD.status = 'verified' AND NEW.status IN ('failed', 'refused')",
        _INVALID,
    ),
    "note_changed_subscription": (
        "UPDATE OF plan_code, status ON subscriptions",
        "(OLD.plan_code, OLD.status) IS DISTINCT FROM (NEW.plan_code, NEW.status)",
        _SUBSCRIBED,
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_NEW_ID)
    _create_notices()
    _create_notice_wants()
    _check_purges(*_PURGED, "notices")
    for name, (on, when, does) in _TOLD.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
            " DECLARE wanted text[]; before record; own record; told text;"
            f" BEGIN {does} RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {on} FOR EACH ROW WHEN ({when})"
            f" EXECUTE FUNCTION {name}()"
        )
    op.execute(
        "CREATE FUNCTION note_skipped_runs() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN {_SKIPPED} RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER note_skipped_runs AFTER INSERT ON task_runs"
        " REFERENCING NEW TABLE AS new_rows"
        " FOR EACH STATEMENT EXECUTE FUNCTION note_skipped_runs()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER note_skipped_runs ON task_runs")
    op.execute("DROP FUNCTION note_skipped_runs()")
    for name, (on, *_) in _TOLD.items():
        table = on.rpartition(" ")[2]
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")
    op.execute("DELETE FROM purges WHERE kind = 'notices'")
    _check_purges(*_PURGED)
    op.drop_table("notice_wants")
    op.drop_table("notices")
    op.execute("DROP FUNCTION new_notice_id()")


def _check_purges(*kinds: str) -> None:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint("ck_purges_purgekind", "purges")
    op.create_check_constraint("purgekind", "purges", f"kind IN ({named})")


def _event() -> sa.Enum:
    return sa.Enum(
        *_EVENTS,
        name="noticeevent",
        native_enum=False,
        create_constraint=True,
        length=32,
    )


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("new_notice_id()"),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column("event", _event(), nullable=False),
        sa.Column("aws_account_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("execution_id", sa.Uuid(), nullable=True),
        sa.Column("problem_id", sa.Uuid(), nullable=True),
        sa.Column(
            "facts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("routed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_notices_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "aws_account_id"],
            ["aws_accounts.organization_id", "aws_accounts.id"],
            name=op.f("fk_notices_organization_id_aws_account_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_notices")),
    )
    op.create_index(
        "ix_notices_unrouted",
        "notices",
        ["organization_id", "number"],
        postgresql_where=sa.text("routed_at IS NULL"),
    )
    protect(
        "notices",
        app="SELECT, INSERT",
        worker="SELECT, INSERT, UPDATE (routed_at), DELETE",
        system="SELECT (organization_id, number, at, routed_at), INSERT",
    )
    op.execute(
        "CREATE POLICY retention ON notices AS RESTRICTIVE FOR DELETE"
        " TO cloudrota_worker USING (routed_at IS NOT NULL"
        " AND at < (SELECT kept_since()))"
    )


def _create_notice_wants() -> None:
    op.create_table(
        "notice_wants",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("event", _event(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_notice_wants_organization_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "event", name=op.f("pk_notice_wants")
        ),
    )
    protect(
        "notice_wants",
        app="SELECT, INSERT, DELETE",
        worker="SELECT",
        system="SELECT",
    )
