"""What is deleted after its time, and the record of it."""

import sqlalchemy as sa
from alembic import op
from tenancy import CURRENT_ORGANIZATION, protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# The end of what the present tenant's plan keeps. Null, where it keeps all or there is
# no tenant: nothing is older than that.
_KEPT_SINCE = f"""
CREATE FUNCTION kept_since() RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT app_now() - make_interval(days => (p.limits ->> 'history_days')::int)
  FROM subscriptions s JOIN subscription_plans p ON p.code = s.plan_code
  WHERE s.organization_id = {CURRENT_ORGANIZATION}
$$
"""  # noqa: S608 — our own expression
_OLD = "< (SELECT kept_since())"
_OLD_EXECUTION = (
    "EXISTS (SELECT FROM task_executions e WHERE e.id = {table}.execution_id"
    f" AND e.finished_at {_OLD})"
)
# What an execution found is kept for longer than the execution, which may have begun
# long before it ended.
_OLD_FIND = "< (SELECT kept_since() - interval '2 days')"

# Which rows the worker may delete of its tenant's: what the rule in
# app/services/retention.py asks for is refused here where it is too young.
_DELETABLE = {
    "task_executions": f"finished_at {_OLD}",
    "execution_units": _OLD_EXECUTION.format(table="execution_units"),
    "task_results": _OLD_EXECUTION.format(table="task_results"),
    "execution_events": _OLD_EXECUTION.format(table="execution_events"),
    "artifacts": (
        "status IN ('failed', 'purged') AND " + _OLD_EXECUTION.format(table="artifacts")
    ),
    "task_runs": f"finished_at {_OLD}",
    "problems": f"closed_at {_OLD}",
    "deliveries": f"at {_OLD}",
    "resources": f"gone_at {_OLD_FIND}",
    "resource_versions": f"until_at {_OLD_FIND}",
    "findings": f"until_at {_OLD_FIND}",
    "scope_reads": f"read_at {_OLD_FIND}",
    "outbox": "status <> 'pending' AND created_at < app_now() - interval '30 days'",
    "idempotency_keys": "created_at < app_now() - interval '3 days'",
}
# Of people and of no tenant: a session or token that nobody can use any more.
_OF_PEOPLE = ("user_sessions", "email_tokens")
_EXPIRED = "SELECT (id, expires_at), DELETE"

# For the checks of foreign keys, when the row that is pointed at is deleted; and to
# find the old ones: ids rise with time.
_INDEXES: tuple[tuple[str, str, list[str], str | None], ...] = (
    (
        "ix_resource_versions_from_read",
        "resource_versions",
        ["organization_id", "from_read"],
        None,
    ),
    (
        "ix_resource_versions_until_read",
        "resource_versions",
        ["organization_id", "until_read"],
        "until_read IS NOT NULL",
    ),
    ("ix_findings_from_read", "findings", ["organization_id", "from_read"], None),
    (
        "ix_findings_until_read",
        "findings",
        ["organization_id", "until_read"],
        "until_read IS NOT NULL",
    ),
    (
        "ix_problems_last_execution",
        "problems",
        ["organization_id", "last_execution_id"],
        None,
    ),
    (
        "ix_resources_gone",
        "resources",
        ["organization_id", "gone_at"],
        "gone_at IS NOT NULL",
    ),
    (
        "ix_idempotency_keys_created_at",
        "idempotency_keys",
        ["organization_id", "created_at"],
        None,
    ),
    # Who did that to it? (Explanations ask.)
    (
        "ix_audit_events_subject",
        "audit_events",
        ["organization_id", "subject_id", "at"],
        None,
    ),
    ("ix_user_sessions_expires_at", "user_sessions", ["expires_at"], None),
    ("ix_email_tokens_expires_at", "email_tokens", ["expires_at"], None),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_purges()
    for name, table, columns, where in _INDEXES:
        condition = None if where is None else sa.text(where)
        op.create_index(name, table, columns, postgresql_where=condition)
    # A read may outlast the execution that made it: what it read still holds.
    op.alter_column("scope_reads", "execution_id", nullable=True)
    op.execute("GRANT UPDATE (execution_id) ON scope_reads TO cloudrota_worker")
    op.execute(_KEPT_SINCE)
    for table, is_old in _DELETABLE.items():
        op.execute(f"GRANT DELETE ON {table} TO cloudrota_worker")
        op.execute(
            f"CREATE POLICY retention ON {table} AS RESTRICTIVE FOR DELETE"
            f" TO cloudrota_worker USING ({is_old})"
        )
    # Found by all but the answer that they keep.
    op.execute(
        "GRANT SELECT (organization_id, actor, route, key, created_at)"
        " ON idempotency_keys TO cloudrota_worker"
    )
    for table in _OF_PEOPLE:
        op.execute(
            f"GRANT SELECT (id, expires_at), DELETE ON {table} TO cloudrota_system"
        )
        op.execute(
            f"CREATE POLICY system ON {table} TO cloudrota_system"
            " USING (expires_at < app_now() - interval '30 days') WITH CHECK (false)"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in _OF_PEOPLE:
        op.execute(f"DROP POLICY system ON {table}")
        op.execute(f"REVOKE {_EXPIRED} ON {table} FROM cloudrota_system")
    op.execute("REVOKE ALL ON idempotency_keys FROM cloudrota_worker")
    for table in _DELETABLE:
        op.execute(f"DROP POLICY retention ON {table}")
        op.execute(f"REVOKE DELETE ON {table} FROM cloudrota_worker")
    op.execute("DROP FUNCTION kept_since()")
    op.execute("REVOKE UPDATE (execution_id) ON scope_reads FROM cloudrota_worker")
    # Refused where executions were deleted that had read what still holds.
    op.alter_column("scope_reads", "execution_id", nullable=False)
    for name, table, *_ in reversed(_INDEXES):
        op.drop_index(name, table)
    op.drop_table("purges")


def _create_purges() -> None:
    op.create_table(
        "purges",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
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
                name="purgekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_purges_organization_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "kind", name=op.f("pk_purges")),
    )
    protect("purges", app="SELECT", worker="SELECT, INSERT, UPDATE (until, at, rows)")
