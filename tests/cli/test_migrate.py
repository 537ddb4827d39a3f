"""`cloudrota bootstrap` and `cloudrota migrate`, as processes: on an empty database, on
one that is there, and on one that is not."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


def give(
    name: str, variables: dict[str, str], folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 — our own command
        [sys.executable, "-m", "app.cli", name],
        env=variables | {"PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def migrate(settings: Settings) -> subprocess.CompletedProcess[str]:
    return give("migrate", environment(settings))


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


def test_bootstrap_makes_the_database_and_says_what_keeps_it_from_that(
    template_settings: Settings, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """Away from the checkout, whose own files would help out."""
    dsn = postgres_server.superuser_dsn
    variables = environment(at(template_settings, NAME))
    asyncio.run(drop(dsn))
    try:
        url = postgres_server.superuser_url
        made = give("bootstrap", variables | {"DATABASE_BOOTSTRAP_URL": url}, tmp_path)
        assert (made.returncode, made.stdout) == (
            0,
            "The database and its logins are ready.\n",
        ), made.stderr
        assert asyncio.run(ask(dsn, "SELECT 1")) == [1]
    finally:
        asyncio.run(drop(dsn))
    unknown = url.replace("postgres:", "nobody:", 1)
    given = variables | {"DATABASE_BOOTSTRAP_URL": url}
    refusals = (
        (1, "The logins cannot be made: ", {"DATABASE_BOOTSTRAP_URL": unknown}),
        (2, "DATABASE_BOOTSTRAP_URL: ", "DATABASE_BOOTSTRAP_URL"),
        (2, "DATABASE_SYSTEM_URL is not set", "DATABASE_SYSTEM_URL"),
    )
    for code, said, change in refusals:
        if isinstance(change, str):
            changed = {name: value for name, value in given.items() if name != change}
        else:
            changed = given | change
        refused = give("bootstrap", changed, tmp_path)
        assert refused.stderr.startswith(said), refused.stderr
        assert refused.returncode == code
        assert "Traceback" not in refused.stderr
