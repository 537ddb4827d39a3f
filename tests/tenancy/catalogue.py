"""The rules of tenancy over PostgreSQL's own catalogue. Each answers the violations it
found, as sentences; none is the only right answer."""

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable

import asyncpg

from tests.tenancy import exceptions
from tests.tenancy.grants import (
    APPLICATION,
    grants_beyond_tenants_are_pinned,
    grants_show_rows,
    logins_may_only_what_is_granted,
)

LOGINS = (*APPLICATION, "cloudrota_owner")
Rule = Callable[[asyncpg.Connection], Awaitable[list[str]]]

_TABLES = """
SELECT c.oid, c.relname AS name, c.relispartition AS is_partition,
  c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
    AND a.attname = 'organization_id') AS is_tenants
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
  AND c.relkind IN ('r', 'p') ORDER BY 2
"""
_POLICIES = """
SELECT c.relname AS "table", p.polname AS name, p.polcmd::text AS command,
  p.polpermissive AS permissive,
  ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END
    FROM unnest(p.polroles) r ORDER BY 1) AS roles,
  pg_get_expr(p.polqual, p.polrelid) AS using,
  pg_get_expr(p.polwithcheck, p.polrelid) AS checking
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid ORDER BY 1, 2
"""
_UNIQUE_KEYS = """
SELECT c.relname AS "table", k.relname AS name, i.indisprimary AS is_primary,
  i.indpred IS NULL AS is_total,
  ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY n(number, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = n.number
    ORDER BY n.place) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  JOIN pg_class k ON k.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique
  AND NOT c.relispartition
"""
_FOREIGN_KEYS = """
SELECT f.conname AS name, c.relname AS child, p.relname AS parent,
  ARRAY(SELECT a.attname || '=' || b.attname
    FROM unnest(f.conkey, f.confkey) n(own, theirs)
    JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = n.own
    JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = n.theirs) AS pairs
FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
  JOIN pg_class p ON p.oid = f.confrelid
WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace
  AND NOT c.relispartition
"""
_LOOSE_IDS = """
SELECT c.relname AS "table", c.relname || '.' || a.attname AS name
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
  AND a.atttypid = 'uuid'::regtype AND a.attname <> 'id'
  AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f'
    AND f.conrelid = c.oid AND a.attnum = ANY (f.conkey))
"""
_FUNCTIONS = """
SELECT p.pronamespace::regnamespace::text AS schema, p.proname AS name,
  p.prosecdef AS as_definer, p.proowner::regrole::text AS owner,
  COALESCE(p.proconfig, '{}') AS settings,
  ARRAY(SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
    FROM aclexplode(COALESCE(p.proacl, acldefault('f', p.proowner)))) AS callers
FROM pg_proc p
WHERE p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
"""
_PINNED_PATH = re.compile(r"search_path=pg_catalog, public, pg_temp")


async def tenant_tables(connection: asyncpg.Connection) -> list[str]:
    """Tables that hold rows of tenants, partitions left out."""
    return [
        table["name"]
        for table in await connection.fetch(_TABLES)
        if table["is_tenants"] and not table["is_partition"]
    ]


async def every_table_is_a_tenants_or_says_why(
    connection: asyncpg.Connection,
) -> list[str]:
    tables = await connection.fetch(_TABLES)
    shared = {table["name"] for table in tables if not table["is_tenants"]}
    return _differences("table without organization_id", shared, exceptions.NOT_TENANTS)


async def row_level_security_is_forced(connection: asyncpg.Connection) -> list[str]:
    """Also on what belongs to a person. A partition, whose parent's policies do not
    hold for who names the partition itself, is granted to nobody."""
    return [
        f"{table['name']}: row-level security is not enabled and forced"
        for table in await connection.fetch(_TABLES)
        if not table["is_partition"]
        and table["name"] not in exceptions.WITHOUT_POLICIES
        and not (table["enabled"] and table["forced"])
    ]


async def policies_are_the_tenants(connection: asyncpg.Connection) -> list[str]:
    """Each table with row-level security has exactly one policy for the API and the
    worker, for all four commands; others are for one role that is not a tenant's."""
    found: dict[str, dict[str, asyncpg.Record]] = defaultdict(dict)
    for policy in await connection.fetch(_POLICIES):
        found[policy["table"]][policy["name"]] = policy
    wrong = []
    for table in await connection.fetch(_TABLES):
        name = table["name"]
        if table["is_partition"] or name in exceptions.WITHOUT_POLICIES:
            continue
        policies = found.pop(name, {})
        wrong += _wrong_tenant_policy(name, policies.pop("tenant", None))
        wrong += [_wrong_policy(name, policy) for policy in policies.values()]
    wrong += [f"{table}: policies on what should have none" for table in found]
    return [sentence for sentence in wrong if sentence]


def _wrong_tenant_policy(table: str, policy: asyncpg.Record | None) -> list[str]:
    if policy is None:
        return [f"{table}: no policy called tenant"]
    mine = exceptions.POLICIES.get(table, exceptions.MINE)
    right = (
        policy["command"] == "*"
        and policy["permissive"]
        and policy["roles"] == ["cloudrota_app", "cloudrota_worker"]
        and _one_line(policy["using"]) == mine
        and _one_line(policy["checking"]) == mine
    )
    return [] if right else [f"{table}: its policy tenant is {dict(policy)}"]


def _wrong_policy(table: str, policy: asyncpg.Record) -> str:
    """What every policy but `tenant` may be: for the one role it is named after, or
    listed."""
    roles, name = policy["roles"], policy["name"]
    if roles == [f"cloudrota_{name}"] and name in {"owner", "system", "lookup"}:
        return ""
    listed = exceptions.FURTHER_POLICIES.get((table, name))
    if listed == (roles[0], policy["command"], _one_line(policy["using"])):
        return ""
    return f"{table}: the policy {name} is not listed: {dict(policy)}"


def _one_line(expression: str | None) -> str:
    return " ".join((expression or "").split())


async def rows_are_pointed_at_with_their_tenant(
    connection: asyncpg.Connection,
) -> list[str]:
    """A foreign key between tenants' tables carries the tenant: a plain one accepts
    another tenant's row, through row-level security."""
    tenants = set(await tenant_tables(connection))
    wrong = []
    for key in await connection.fetch(_FOREIGN_KEYS):
        arrow = f"{key['child']} → {key['parent']} ({key['name']})"
        if key["child"] not in tenants:
            continue
        if key["parent"] not in tenants:
            if key["parent"] not in exceptions.SHARED_PARENTS:
                wrong.append(f"{arrow}: points out of the tenant")
        elif "organization_id=organization_id" not in key["pairs"]:
            wrong.append(f"{arrow}: does not carry the tenant")
    return wrong


async def ids_of_others_are_foreign_keys(connection: asyncpg.Connection) -> list[str]:
    """A column that holds the id of a row is a foreign key, or nothing keeps another
    tenant's id out of it."""
    rows = await connection.fetch(_LOOSE_IDS)
    tenants = set(await tenant_tables(connection))
    loose = {row["name"] for row in rows if row["table"] in tenants}
    return _differences("id that is no foreign key", loose, exceptions.LOOSE_IDS)


async def tables_can_be_pointed_at_with_their_tenant(
    connection: asyncpg.Connection,
) -> list[str]:
    keys = await connection.fetch(_UNIQUE_KEYS)
    have = {
        key["table"]
        for key in keys
        if sorted(key["columns"]) == ["id", "organization_id"] and key["is_total"]
    }
    lacking = {name for name in await tenant_tables(connection) if name not in have}
    return _differences(
        "no unique (organization_id, id)", lacking, exceptions.WITHOUT_COMPOSITE_KEY
    )


async def unique_keys_begin_with_the_tenant(
    connection: asyncpg.Connection,
) -> list[str]:
    """One that does not tells a tenant what another has, and lets it take names."""
    tenants = set(await tenant_tables(connection))
    wider = {
        key["name"]
        for key in await connection.fetch(_UNIQUE_KEYS)
        if key["table"] in tenants
        and key["columns"][0] != "organization_id"
        and not (key["is_primary"] and key["columns"] == ["id"])
    }
    return _differences(
        "unique key across tenants", wider, exceptions.WIDER_UNIQUE_KEYS
    )


async def logins_are_nobody_special(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,"
        " rolreplication, rolcanlogin FROM pg_roles WHERE rolname LIKE 'cloudrota%'"
    )
    wrong = [
        f"{row['rolname']}: {attribute}"
        for row in rows
        for attribute in (
            *("rolsuper", "rolbypassrls", "rolcreaterole"),
            *("rolcreatedb", "rolreplication"),
        )
        if row[attribute]
    ]
    logins = {row["rolname"] for row in rows if row["rolcanlogin"]}
    wrong += [
        f"{name}: not a known login" for name in logins.symmetric_difference(LOGINS)
    ]
    memberships = await connection.fetch(
        "SELECT member::regrole::text AS member, roleid::regrole::text AS role"
        " FROM pg_auth_members WHERE member::regrole::text LIKE 'cloudrota%'"
    )
    known = {("cloudrota_owner", "cloudrota_lookup")}
    found = {(row["member"], row["role"]) for row in memberships}
    return wrong + [f"{member} is in {role}" for member, role in found - known]


async def functions_run_as_their_caller(connection: asyncpg.Connection) -> list[str]:
    """But for the look-ups, which run as a role of their own with a pinned path, and
    which the API alone may call."""
    wrong = []
    for function in await connection.fetch(_FUNCTIONS):
        name = f"{function['schema']}.{function['name']}"
        is_lookup = function["schema"] == "lookup"
        if function["as_definer"] != is_lookup:
            wrong.append(f"{name}: runs as its owner {function['owner']}")
        if not is_lookup:
            continue
        if function["owner"] != "cloudrota_lookup":
            wrong.append(f"{name}: belongs to {function['owner']}")
        if not any(map(_PINNED_PATH.fullmatch, function["settings"])):
            wrong.append(f"{name}: its search_path is not pinned")
        callers = set(function["callers"]) - {"cloudrota_lookup"}
        if callers != {"cloudrota_app"}:
            wrong.append(f"{name}: may be called by {sorted(callers)}")
    return wrong


async def no_view_hides_whose_rows_it_shows(
    connection: asyncpg.Connection,
) -> list[str]:
    """A view reads as its owner, whatever the caller's tenant."""
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')"
        " AND relnamespace = ANY (ARRAY['public', 'lookup']::regnamespace[])"
    )
    return [f"{row['relname']}: a view" for row in rows]


async def schemas_are_the_owners(connection: asyncpg.Connection) -> list[str]:
    """Nobody else can put a function or table in another's way."""
    rows = await connection.fetch(
        "SELECT n.nspname, r.login FROM pg_namespace n,"
        " unnest($1::text[] || ARRAY['public']) r(login)"
        " WHERE n.nspname IN ('public', 'lookup')"
        " AND has_schema_privilege(r.login, n.oid, 'CREATE')",
        list(APPLICATION),
    )
    return [f"{row['login']} may create in {row['nspname']}" for row in rows]


def _differences(what: str, found: set[str], listed: dict[str, str]) -> list[str]:
    """What is found and not listed, and what is listed for nothing."""
    return [
        *(
            f"{name}: {what}, and no reason is given"
            for name in sorted(found - set(listed))
        ),
        *(f"{name}: is excused ({what}) for nothing" for name in set(listed) - found),
    ]


RULES: tuple[Rule, ...] = (
    every_table_is_a_tenants_or_says_why,
    row_level_security_is_forced,
    policies_are_the_tenants,
    rows_are_pointed_at_with_their_tenant,
    ids_of_others_are_foreign_keys,
    tables_can_be_pointed_at_with_their_tenant,
    unique_keys_begin_with_the_tenant,
    logins_are_nobody_special,
    logins_may_only_what_is_granted,
    grants_beyond_tenants_are_pinned,
    grants_show_rows,
    functions_run_as_their_caller,
    no_view_hides_whose_rows_it_shows,
    schemas_are_the_owners,
)
