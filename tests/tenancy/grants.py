"""What each login was granted, by PostgreSQL's own catalogue."""

import asyncpg

from tests.tenancy import exceptions
from tests.tenancy.pinned_grants import SYSTEM_GRANTS, UNPROTECTED_GRANTS, Grants

APPLICATION = ("cloudrota_app", "cloudrota_worker", "cloudrota_system")

_GRANTS = """
SELECT c.relname AS "table", c.relispartition AS is_partition, r.login, p.privilege,
  bool_and(has_column_privilege(r.login, c.oid, a.attnum, p.privilege)) AS whole,
  ARRAY_AGG(a.attname::text) FILTER (
    WHERE has_column_privilege(r.login, c.oid, a.attnum, p.privilege)) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  AND NOT a.attisdropped
  CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p(privilege)
  CROSS JOIN unnest($1::text[]) r(login)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
GROUP BY 1, 2, 3, 4
UNION ALL
SELECT c.relname, c.relispartition, r.login, p.privilege, true, NULL
FROM pg_class c
  CROSS JOIN unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) p(privilege)
  CROSS JOIN unnest($1::text[]) r(login)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND has_table_privilege(r.login, c.oid, p.privilege)
"""
_ROLES_WITH_POLICIES = """
SELECT c.relname, r::regrole::text FROM pg_policy p
  JOIN pg_class c ON c.oid = p.polrelid, unnest(p.polroles) r WHERE r <> 0
"""


async def logins_may_only_what_is_granted(connection: asyncpg.Connection) -> list[str]:
    """The few grants that must never be there, for any application login."""
    wrong = []
    for grant in await connection.fetch(_GRANTS, list(APPLICATION)):
        table, login, privilege = grant["table"], grant["login"], grant["privilege"]
        if privilege not in {"DELETE", "TRUNCATE", "TRIGGER"} and not grant["columns"]:
            continue
        if _is_forbidden(table, login, privilege, is_partition=grant["is_partition"]):
            wrong.append(f"{login} may {privilege} {table}")
    return wrong


def _is_forbidden(
    table: str, login: str, privilege: str, *, is_partition: bool
) -> bool:
    if is_partition or privilege in {"TRUNCATE", "TRIGGER", "REFERENCES"}:
        return True
    if table in {"audit_events", "audit_links", "audit_heads"}:
        return privilege in {"UPDATE", "DELETE"}
    if table in {"aws_credential_versions", "channel_secrets"}:
        return (login, privilege) not in exceptions.CIPHERTEXT_GRANTS
    return table == "alembic_version" and privilege != "SELECT"


async def grants_beyond_tenants_are_pinned(connection: asyncpg.Connection) -> list[str]:
    """What `system` may do, to which every tenant is visible, and what the others may
    do with tables that no policy protects."""
    wrong = []
    for login in APPLICATION:
        found = await _grants_of(connection, login)
        if login == "cloudrota_system":
            wrong += _grant_differences(login, found, SYSTEM_GRANTS)
        else:
            unprotected = {
                key: columns
                for key, columns in found.items()
                if key[0] in exceptions.WITHOUT_POLICIES
            }
            pinned = UNPROTECTED_GRANTS[login]
            wrong += _grant_differences(login, unprotected, pinned)
    return wrong


async def grants_show_rows(connection: asyncpg.Connection) -> list[str]:
    """Whoever may do something with a table has a policy there: without one it sees
    no rows, and nothing tells it so."""
    roles = ["cloudrota_system", "cloudrota_lookup"]
    policies = {tuple(row) for row in await connection.fetch(_ROLES_WITH_POLICIES)}
    return [
        f"{role} has grants on {table} and no policy"
        for role in roles
        for table in sorted({name for name, _ in await _grants_of(connection, role)})
        if table not in exceptions.WITHOUT_POLICIES and (table, role) not in policies
    ]


async def _grants_of(connection: asyncpg.Connection, login: str) -> Grants:
    found: Grants = {}
    for grant in await connection.fetch(_GRANTS, [login]):
        columns = {"*"} if grant["whole"] else set(grant["columns"] or ())
        if columns:
            found[grant["table"], grant["privilege"]] = columns
    return found


def _grant_differences(login: str, found: Grants, pinned: Grants) -> list[str]:
    return [
        f"{login} {' '.join(reversed(key))}: {sorted(found.get(key, ()))}"
        f" instead of {sorted(pinned.get(key, ()))}"
        for key in sorted(found.keys() | pinned.keys())
        if found.get(key) != pinned.get(key)
    ]
