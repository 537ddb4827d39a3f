"""The database is made by RDS's master, who is no superuser, and no login is more than
one."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from pydantic import SecretStr

from app.core.bootstrap import UnsafeLogin, bootstrap
from app.core.db import Login
from app.core.embedded.postgres import Postgres, PostgresServer
from app.core.secret import Secret
from app.core.settings import Settings

ROOT = Path(__file__).parents[2]
PASSWORD = Secret("test")
NAME = "made"


@pytest.fixture(scope="module")
def server(server_directory: Path) -> Iterator[PostgresServer]:
    """One without the logins, which are the whole server's."""
    postgres = Postgres(server_directory / "bare", durable=False)
    made = postgres.start()
    asyncio.run(
        run(
            made.superuser_dsn,
            "CREATE ROLE master LOGIN CREATEROLE CREATEDB PASSWORD 'test'",
        )
    )
    yield made
    postgres.remove()


@pytest.fixture
def application(server: PostgresServer, template_settings: Settings) -> Settings:
    def url(login: Login) -> SecretStr:
        return SecretStr(server.url(f"cloudrota_{login}", PASSWORD, NAME))

    return template_settings.model_copy(
        update={
            "database_url": url(Login.APP),
            "database_worker_url": url(Login.WORKER),
            "database_system_url": url(Login.SYSTEM),
            "database_owner_url": url(Login.OWNER),
        }
    )


def as_master(server: PostgresServer) -> str:
    return server.url("master", PASSWORD, "postgres")


async def run(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


async def ask(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn.replace("+asyncpg", ""))
    answer = await connection.fetchval(question)
    await connection.close()
    return answer


def test_a_master_who_is_no_superuser_makes_it_and_migrations_fill_it(
    server: PostgresServer, application: Settings
) -> None:
    for _ in range(2):  # again, as after a change of passwords
        asyncio.run(bootstrap(as_master(server), application))
    config = Config(ROOT / "alembic.ini")
    assert application.database_owner_url is not None
    config.attributes["url"] = application.database_owner_url.get_secret_value()
    command.upgrade(config, "head")
    command.check(config)
    plans = "SELECT count(*) FROM subscription_plans"
    assert application.database_url is not None
    app = application.database_url.get_secret_value()
    assert asyncio.run(ask(app, plans))
    inherited = (
        "SELECT count(*) FROM pg_auth_members WHERE member = 'master'::regrole"
        " AND (inherit_option OR set_option)"
    )
    assert asyncio.run(ask(server.superuser_dsn, inherited)) == 0


def test_a_login_that_is_more_than_one_is_refused(
    server: PostgresServer, application: Settings
) -> None:
    asyncio.run(bootstrap(as_master(server), application))
    more = "ALTER ROLE cloudrota_app BYPASSRLS"
    asyncio.run(run(server.superuser_dsn, more))
    try:
        with pytest.raises(UnsafeLogin, match="cloudrota_app may bypass"):
            asyncio.run(bootstrap(as_master(server), application))
    finally:
        asyncio.run(run(server.superuser_dsn, more.replace("BYPASS", "NOBYPASS")))
