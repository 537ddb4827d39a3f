"""What the event stream sends and resumes from, written by whoever changes a row."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from tenancy import drop_lookup_function, grant, lookup_function, protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOST_IDS = 20


def _common(column: str) -> str:
    """What all rows of a group say, or null where they differ."""
    return (
        f"CASE WHEN count({column}) = count(*) AND min({column}) = max({column})"
        f" THEN min({column}) END"
    )


_COUNTED = {
    "count": "count(*)",
    "ids": (
        f"CASE WHEN count(*) <= {_MOST_IDS} THEN jsonb_agg(n.id) ELSE '[]'::jsonb END"
    ),
}


def _changes(
    kind: str, *by: str, account: str = "n.aws_account_id", **facts: str
) -> str:
    """A query that tells of the rows `n`, those that agree in `by` as one event."""
    members = ", ".join(f"'{name}', {value}" for name, value in facts.items())
    grouped = f" GROUP BY n.organization_id, {', '.join(by)}" if by else ""
    return (
        f"SELECT n.organization_id, {account}, '{kind}', jsonb_build_object({members})"  # noqa: S608 — our own names
        f" FROM {{rows}}{grouped}"
    )


_EXECUTIONS = _changes(
    "execution.changed",
    *("n.aws_account_id", "n.status", "n.reason", "n.cancel_requested_at IS NULL"),
    **_COUNTED,
    status="n.status",
    reason="n.reason",
    cancel_requested="NOT (n.cancel_requested_at IS NULL)",
    task_id=_common("n.task_id::text"),
    run_id=_common("n.run_id::text"),
)
_UNITS = _changes(
    "unit.changed",
    *("n.execution_id", "n.status", "n.reason"),
    # A query of its own and no join: a plan that was made for a statement of many units
    # is kept for those of one.
    account=(
        "(SELECT e.aws_account_id FROM task_executions e"
        " WHERE e.organization_id = n.organization_id AND e.id = n.execution_id)"
    ),
    **_COUNTED,
    execution_id="n.execution_id",
    status="n.status",
    reason="n.reason",
    verdict=_common("n.verdict"),
    of=_common("n.kind"),
    service=_common("n.service"),
    region=_common("n.region"),
    key=_common("n.key"),
)
_PROBLEMS = _changes(
    "problem.changed",
    *("n.aws_account_id", "n.status"),
    **_COUNTED,
    status="n.status",
    category=_common("n.category"),
    code=_common("n.code"),
    missing_action=_common("n.missing_action"),
    occurrences=_common("n.count"),
)
_CREDENTIALS = _changes(
    "credentials.changed",
    *("n.aws_account_id", "n.status", "n.reason"),
    **_COUNTED,
    status="n.status",
    reason="n.reason",
    of=_common("n.kind"),
    purpose=_common("n.purpose"),
)
_RESOURCES = _changes(
    "resources.changed",
    of="n.kind",
    service="n.service",
    region="n.region",
    key="n.key",
    verdict="n.verdict",
    counts="n.counts",
)
# A full join, which is never a nested loop: a plan that was made for a statement of one
# row is kept for those of thousands. IS DISTINCT FROM keeps it from becoming another.
_CHANGED = "new_rows n FULL JOIN old_rows o ON o.id = n.id WHERE {differ}"


def _differ(*columns: str) -> str:
    of_new, of_old = (", ".join(f"{t}.{one}" for one in columns) for t in "no")
    return _CHANGED.format(differ=f"({of_new}) IS DISTINCT FROM ({of_old})")


# A listing tells of what became of its resources; a read that says nothing new is no
# change. Of a check the findings may differ where the counts of verdicts do not.
_READ_ANEW = _CHANGED.format(
    differ="""n.as_of IS DISTINCT FROM o.as_of AND (
      n.verdict IS DISTINCT FROM o.verdict
      OR (n.kind = 'list' AND EXISTS (SELECT FROM jsonb_each_text(n.counts) c
        WHERE c.key IN ('new', 'returned', 'changed', 'gone') AND c.value <> '0'))
      OR (n.kind <> 'list' AND (n.counts IS DISTINCT FROM o.counts
        OR EXISTS (SELECT FROM findings f WHERE f.organization_id = n.organization_id
          AND f.scope_id = n.id AND f.from_at = n.as_of))))"""
)
# Table, command: what is told, and of which rows.
_TOLD = {
    ("task_executions", "INSERT"): (_EXECUTIONS, "new_rows n"),
    ("task_executions", "UPDATE"): (
        _EXECUTIONS,
        _differ("status", "reason", "retry_no", "cancel_requested_at"),
    ),
    ("execution_units", "UPDATE"): (_UNITS, _differ("status", "reason", "verdict")),
    ("problems", "INSERT"): (_PROBLEMS, "new_rows n"),
    ("problems", "UPDATE"): (
        _PROBLEMS,
        _differ("status", "count", "note", "acknowledged_by"),
    ),
    ("aws_credentials", "INSERT"): (_CREDENTIALS, "new_rows n"),
    ("aws_credentials", "UPDATE"): (
        _CREDENTIALS,
        _differ(
            *("status", "reason", "name", "aws_account_id", "current_version"),
            *("verified_at", "verify_requested_at", "preflight", "error"),
        ),
    ),
    ("scopes", "UPDATE"): (_RESOURCES, _READ_ANEW),
}
_NEWS = (
    "live_news(after bigint)",
    "TABLE (horizon bigint, at timestamptz, organizations uuid[])",
    (
        "WITH seen AS MATERIALIZED (SELECT"
        " pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon)"
        " SELECT horizon, app_now(), ARRAY(SELECT DISTINCT e.organization_id"
        " FROM live_events e WHERE e.xid >= after AND e.xid < seen.horizon) FROM seen"
    ),
)
_STANDING = (
    "standing(sessions uuid[], organizations uuid[])",
    (
        "TABLE (session_id uuid, organization_id uuid, user_id uuid, role text,"
        " label_scope jsonb)"
    ),
    (
        "SELECT s.id, m.organization_id, m.user_id, m.role, m.label_scope"
        " FROM unnest(sessions, organizations) AS asked (session_id, organization_id)"
        " JOIN user_sessions s ON s.id = asked.session_id"
        " JOIN users u ON u.id = s.user_id"
        " JOIN members m ON m.organization_id = asked.organization_id"
        " AND m.user_id = s.user_id"
        " JOIN organizations o ON o.id = m.organization_id"
        " WHERE s.revoked_at IS NULL AND s.expires_at > app_now()"
        " AND u.disabled_at IS NULL AND m.removed_at IS NULL"
        " AND (m.expires_at IS NULL OR m.expires_at > app_now())"
        " AND o.deleted_at IS NULL"
    ),
)
_OF_SESSIONS = "id, user_id, revoked_at, expires_at"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_live_events()
    for (table, command), (told, rows) in _TOLD.items():
        _tell(table, command, told.format(rows=rows))
    op.execute(
        "CREATE POLICY lookup ON user_sessions FOR SELECT TO cloudrota_lookup"
        " USING (true)"
    )
    grant("user_sessions", lookup=f"SELECT ({_OF_SESSIONS})")
    lookup_function(*_NEWS)
    lookup_function(*_STANDING)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for signature, *_ in (_NEWS, _STANDING):
        drop_lookup_function(signature)
    op.execute(
        f"REVOKE SELECT ({_OF_SESSIONS}) ON user_sessions FROM cloudrota_lookup"  # noqa: S608 — our own columns
    )
    op.execute("DROP POLICY lookup ON user_sessions")
    for table, command in _TOLD:
        op.execute(f"DROP TRIGGER {_named(table, command)} ON {table}")
        op.execute(f"DROP FUNCTION {_named(table, command)}()")
    op.drop_table("live_events")


def _named(table: str, command: str) -> str:
    return f"tell_{command.lower()}_of_{table}"


def _tell(table: str, command: str, told: str) -> None:
    """Once a statement and in its transaction, however many rows it changed."""
    name = _named(table, command)
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO live_events (organization_id, aws_account_id, kind, facts)"
        f" {told}; RETURN NULL; END $$"
    )
    old = " OLD TABLE AS old_rows" if command == "UPDATE" else ""
    op.execute(
        f"CREATE TRIGGER {name} AFTER {command} ON {table}"
        f" REFERENCING NEW TABLE AS new_rows{old}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def _create_live_events() -> None:
    op.create_table(
        "live_events",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("app_now()"),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "execution.changed",
                "unit.changed",
                "problem.changed",
                "credentials.changed",
                "resources.changed",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("aws_account_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_live_events_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "aws_account_id"],
            ["aws_accounts.organization_id", "aws_accounts.id"],
            name=op.f("fk_live_events_organization_id_aws_account_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "xid", "id", name=op.f("pk_live_events")
        ),
    )
    op.create_index("ix_live_events_order", "live_events", ["xid", "id"], unique=False)
    protect(
        "live_events",
        app="SELECT, INSERT",
        worker="INSERT",
        system="SELECT (organization_id, xid, id, at), INSERT, DELETE",
        lookup="SELECT (organization_id, xid)",
    )
