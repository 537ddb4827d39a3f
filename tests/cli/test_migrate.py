"""`cloudrota migrate`, as a process: on an empty database, and on one that is there."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.core.bootstrap import bootstrap
from app.core.clock import now
from app.core.embedded import PostgresServer
from app.core.settings import Settings
from tests.tasks.processes import ROOT, environment
from tests.tenancy.worlds import at

NAME = "cli_migrate"
ORGANIZATION = (
    "INSERT INTO organizations (id, name, aws_external_id)"
    " VALUES (gen_random_uuid(), 'Acme', repeat('x', 32))"
)


async def ask(dsn: str, question: str, database: str = NAME) -> list[object]:
    """The first column of the answer."""
    connection = await asyncpg.connect(dsn, database=database)
    rows = await connection.fetch(question)
    await connection.close()
    return [row[0] for row in rows]


async def drop(dsn: str) -> None:
    await ask(dsn, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", "postgres")


@pytest.fixture
def empty(
    template_settings: Settings, postgres_server: PostgresServer
) -> Iterator[Settings]:
    """Settings of a database that `bootstrap` has just made."""
    settings = at(template_settings, NAME)
    asyncio.run(drop(postgres_server.superuser_dsn))
    asyncio.run(bootstrap(postgres_server.superuser_url, settings))
    yield settings
    asyncio.run(drop(postgres_server.superuser_dsn))


def migrate(settings: Settings) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "migrate"],
        env=environment(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_an_empty_database_is_filled_and_one_that_is_there_is_kept(
    empty: Settings, postgres_server: PostgresServer
) -> None:
    dsn = postgres_server.superuser_dsn
    head = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_current_head()
    this_month = f"execution_events_p_{now():%Y_%m}"

    first = migrate(empty)
    assert first.returncode == 0, first.stderr
    assert this_month in first.stdout
    version = "SELECT version_num FROM alembic_version"
    assert asyncio.run(ask(dsn, version)) == [head]
    there = f"SELECT to_regclass('{this_month}') IS NOT NULL"
    assert asyncio.run(ask(dsn, there)) == [True]

    asyncio.run(ask(dsn, ORGANIZATION))
    again = migrate(empty)
    assert (again.returncode, again.stdout) == (
        0,
        "Partitions made: none were missing.\n",
    ), again.stderr
    assert asyncio.run(ask(dsn, version)) == [head]
    assert asyncio.run(ask(dsn, "SELECT name FROM organizations")) == ["Acme"]


def test_a_database_that_nobody_made_ends_it_and_is_named(
    template_settings: Settings, postgres_server: PostgresServer
) -> None:
    asyncio.run(drop(postgres_server.superuser_dsn))
    ended = migrate(at(template_settings, NAME))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "The database cannot be used" in ended.stderr
    assert NAME in ended.stderr
    assert "Traceback" not in ended.stderr
