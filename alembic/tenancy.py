"""Makes a tenant's table what it must be: forced row-level security, its policies,
and the least that each login needs. Every migration that adds a table uses it."""

from alembic import op

CURRENT_ORGANIZATION = (
    # '' is what the setting becomes after a pooled connection's first transaction.
    "NULLIF(current_setting('app.organization_id', true), '')::uuid"
)
CURRENT_USER = "NULLIF(current_setting('app.user_id', true), '')::uuid"
TENANT_LOGINS = "cloudrota_app, cloudrota_worker"


def protect(
    table: str,
    *,
    mine: str = f"organization_id = {CURRENT_ORGANIZATION}",
    app: str = "",
    worker: str = "",
    system: str = "",
    lookup: str = "",
) -> None:
    """Force row-level security on `table` and grant each login its privileges.

    `mine` says which rows belong to the present tenant (or user). `app`, `worker`,
    `system` and `lookup` are lists of privileges as GRANT takes them, with columns
    where only some are meant; the system and look-up roles see across tenants.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table} TO {TENANT_LOGINS}"
        f" USING ({mine}) WITH CHECK ({mine})"
    )
    op.execute(
        f"CREATE POLICY owner ON {table} TO cloudrota_owner"
        " USING (true) WITH CHECK (true)"
    )
    if system:
        op.execute(
            f"CREATE POLICY system ON {table} TO cloudrota_system"
            " USING (true) WITH CHECK (true)"
        )
    if lookup:
        op.execute(
            f"CREATE POLICY lookup ON {table} FOR SELECT TO cloudrota_lookup"
            " USING (true)"
        )
    grant(table, app=app, worker=worker, system=system, lookup=lookup)


def grant(table: str, **privileges: str) -> None:
    """Grant privileges by login: `app`, `worker`, `system`, `lookup`."""
    for login, listed in privileges.items():
        if listed:
            op.execute(f"GRANT {listed} ON {table} TO cloudrota_{login}")


def lookup_function(signature: str, returns: str, body: str) -> None:
    """A function asked before a tenant is known. It runs as `cloudrota_lookup`, sees
    what that role's policies and column grants show, and answers the minimum."""
    op.execute("SET LOCAL ROLE cloudrota_lookup")
    op.execute(
        f"CREATE FUNCTION lookup.{signature} RETURNS {returns}"
        " LANGUAGE sql STABLE SECURITY DEFINER"
        f" SET search_path = pg_catalog, public, pg_temp AS $$ {body} $$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION lookup.{signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION lookup.{signature} TO cloudrota_app")
    op.execute("RESET ROLE")


def drop_lookup_function(signature: str) -> None:
    op.execute("SET LOCAL ROLE cloudrota_lookup")
    op.execute(f"DROP FUNCTION lookup.{signature}")
    op.execute("RESET ROLE")
