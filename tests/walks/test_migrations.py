"""Migrations: one head; up, down and up again to the same schema, the models' own."""

import ast
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.core.bootstrap import bootstrap
from app.core.embedded import PostgresServer
from app.core.settings import Settings
from tests.tenancy.worlds import at
from tests.walks.python import ROOT, modules

NAME = "walk_migrations"
VERSIONS = [path for path in modules() if path.parts[:2] == ("alembic", "versions")]

# Everything that a migration makes, one text a thing.
_SCHEMA = """
SELECT 'table ' || c.relname || ' ' || c.relkind::text || ' ' || c.relrowsecurity || ' '
  || c.relforcerowsecurity || ' ' || c.relowner::regrole || ' '
  || COALESCE((SELECT string_agg(acl::text, ' ' ORDER BY acl::text)
    FROM unnest(c.relacl) acl), '')
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'column ' || a.attrelid::regclass || '.' || a.attname || ' '
  || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' '
  || COALESCE(pg_get_expr(d.adbin, d.adrelid), '') || ' '
  || COALESCE(a.attacl::text, '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
  AND NOT a.attisdropped
UNION ALL
SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' '
  || pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'policy ' || tablename || ' ' || policyname || ' ' || cmd || ' ' || roles::text
  || ' ' || COALESCE(qual, '') || ' ' || COALESCE(with_check, '') FROM pg_policies
UNION ALL
SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function ' || p.oid::regprocedure::text || ' ' || p.proowner::regrole || ' '
  || COALESCE(p.proacl::text, '') || ' ' || pg_get_functiondef(p.oid)
FROM pg_proc p WHERE p.pronamespace::regnamespace::text IN ('public', 'lookup')
UNION ALL
SELECT 'type ' || typname FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
"""
# What Alembic itself leaves behind.
_LEFT = {"alembic_version", "alembic_version_pkc"}


@pytest.fixture
def fresh(
    template_settings: Settings, postgres_server: PostgresServer
) -> Iterator[tuple[Config, str]]:
    """Alembic's configuration for an empty database, and the superuser's DSN."""
    settings = at(template_settings, NAME)
    asyncio.run(_drop(postgres_server.superuser_dsn))
    asyncio.run(bootstrap(postgres_server.superuser_url, settings))
    config = Config(ROOT / "alembic.ini")
    assert settings.database_owner_url is not None
    config.attributes["url"] = settings.database_owner_url.get_secret_value()
    yield config, postgres_server.superuser_dsn
    asyncio.run(_drop(postgres_server.superuser_dsn))


async def _drop(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    await connection.close()


async def _schema(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn, database=NAME)
    rows = await connection.fetch(_SCHEMA)
    await connection.close()
    return {row[0] for row in rows}


def test_up_down_and_up_again_make_the_schema_of_the_models(
    fresh: tuple[Config, str],
) -> None:
    config, dsn = fresh
    command.upgrade(config, "head")
    made = asyncio.run(_schema(dsn))
    command.check(config)
    command.downgrade(config, "base")
    left = asyncio.run(_schema(dsn))
    assert {
        thing for thing in left if not any(name in thing for name in _LEFT)
    } == set()
    command.upgrade(config, "head")
    assert asyncio.run(_schema(dsn)) == made


# A task of the time when its row held the parameters of its one run, too.
_OF_THEN = """
WITH o AS (
  INSERT INTO organizations (id, name, aws_external_id)
  VALUES (gen_random_uuid(), 'Acme', repeat('x', 32)) RETURNING id
), u AS (
  INSERT INTO users (id, email, name)
  VALUES (gen_random_uuid(), 'a@example.com', 'A') RETURNING id
)
INSERT INTO tasks (id, organization_id, name, kind, enabled, schedule, timezone,
  priority, overlap, misfire_grace_seconds, timeout_seconds, version, created_by)
SELECT gen_random_uuid(), o.id, 'once', 'read', true, '{"kind": "once",
  "at": "2030-01-01T00:00:00Z", "parameters": {"operations": ["ec2:DescribeVpcs"]}}',
  'UTC', 'normal', 'skip', 0, 60, 1, u.id FROM o, u
"""


def test_parameters_leave_the_rows_that_are_read_at_each_tick(
    fresh: tuple[Config, str],
) -> None:
    config, dsn = fresh

    async def ask(sql: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(dsn, database=NAME)
        rows: list[asyncpg.Record] = await connection.fetch(sql)
        await connection.close()
        return rows

    command.upgrade(config, "0013")
    asyncio.run(ask(_OF_THEN))
    command.upgrade(config, "0014")
    [row] = asyncio.run(ask("SELECT schedule::text FROM tasks"))
    assert json.loads(row[0]) == {"kind": "once", "at": "2030-01-01T00:00:00Z"}


def test_there_is_one_head_and_one_line_to_it() -> None:
    script = ScriptDirectory.from_config(Config(ROOT / "alembic.ini"))
    assert len(script.get_heads()) == 1
    revisions = [revision.revision for revision in script.walk_revisions()]
    numbers = [f"{number:04}" for number in range(len(revisions), 0, -1)]
    assert revisions == numbers


@pytest.mark.parametrize("migration", VERSIONS, ids=str)
def test_a_migration_waits_for_no_lock_for_long(migration: Path) -> None:
    """Upwards and downwards, before anything else."""
    functions = {
        node.name: ast.unparse(node.body[0])
        for node in modules()[migration].body
        if isinstance(node, ast.FunctionDef)
    }
    for name in ("upgrade", "downgrade"):
        assert functions[name].startswith("op.execute(\"SET LOCAL lock_timeout = '")
