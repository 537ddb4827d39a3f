"""Makes the database, its logins and what they may connect to: run once, and again
after a password change, by somebody who may create roles and databases, as RDS's master
may: `cloudrota bootstrap`. Tables come from Alembic.
"""

import asyncio
import sys

import asyncpg
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url

from app.core.db import Login, database_url
from app.core.server_urls import refuse_unverified
from app.core.settings import Settings, settings
from app.core.tls import database_options

TIMEOUTS = {
    Login.APP: "5s",
    Login.WORKER: "60s",
    Login.SYSTEM: "30s",
    Login.OWNER: "0",
}
_OWNERS = "cloudrota_owner, cloudrota_lookup"


class BootstrapSettings(BaseSettings):
    """The URL of a superuser, or of RDS's master, is read here and nowhere else: it is
    no part of the application's settings."""

    model_config = SettingsConfigDict(env_file=".local/superuser.env", extra="ignore")

    database_bootstrap_url: SecretStr


class UnsafeLogin(RuntimeError):
    """A login has an attribute that no login of the product may have."""


async def bootstrap(superuser_url: str, application: Settings) -> None:
    """Create or update the four logins, the look-up role and the database. Whoever may
    create roles and databases can. Raises UnsafeLogin."""
    logins = {login: make_url(database_url(application, login)) for login in Login}
    database = logins[Login.OWNER].database
    if database is None:
        raise ValueError("DATABASE_OWNER_URL names no database")
    server = make_url(superuser_url).set(drivername="postgresql")
    verified = database_options(application, superuser_url)
    connection = await asyncpg.connect(_dsn(server), **verified)
    try:
        for login, url in logins.items():
            await _ensure_login(connection, login, url)
        await _ensure_lookup_role(connection, logins[Login.OWNER])
        # Who is no superuser must be a member of the roles that own what is made.
        await connection.execute(
            f"GRANT {_OWNERS} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE"
        )
        await _ensure_database(connection, database, logins)
    finally:
        await connection.close()
    inside = await asyncpg.connect(_dsn(server.set(database=database)), **verified)
    try:
        await _ensure_schemas(inside, logins)
        await inside.execute(f"REVOKE {_OWNERS} FROM CURRENT_USER")
    finally:
        await inside.close()


def _dsn(url: URL) -> str:
    """What asyncpg itself reads, for which `ssl` is an argument."""
    plain = url.difference_update_query(["ssl"])
    return plain.render_as_string(hide_password=False)


async def _ensure_login(connection: asyncpg.Connection, login: Login, url: URL) -> None:
    name, password = url.username, url.password
    if name != f"cloudrota_{login}" or not password:
        raise ValueError(f"the {login} URL needs user cloudrota_{login} and a password")
    role = await _quoted(connection, name)
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname=$1", name):
        await connection.execute(f"CREATE ROLE {role}")
    literal = await connection.fetchval("SELECT quote_literal($1)", password)
    await _refuse_powers(connection, name)
    await connection.execute(f"ALTER ROLE {role} LOGIN PASSWORD {literal}")
    timeout = TIMEOUTS[login]
    await connection.execute(f"ALTER ROLE {role} SET statement_timeout = '{timeout}'")
    await connection.execute(
        f"ALTER ROLE {role} SET idle_in_transaction_session_timeout = '60s'"
    )
    await connection.execute(f"ALTER ROLE {role} SET timezone = 'UTC'")


async def _refuse_powers(connection: asyncpg.Connection, name: str) -> None:
    """New roles have none of these, and only a superuser could take them away."""
    row = await connection.fetchrow(
        'SELECT rolsuper AS "is a superuser", rolcreatedb AS "may create databases",'
        ' rolcreaterole AS "may create roles", rolreplication AS "may replicate",'
        ' rolbypassrls AS "may bypass row security"'
        " FROM pg_roles WHERE rolname = $1",
        name,
    )
    powers = [power for power, has in row.items() if has]
    if powers:
        raise UnsafeLogin(f"{name} {', '.join(powers)}: no login of the product may.")


async def _ensure_lookup_role(connection: asyncpg.Connection, owner: URL) -> None:
    """The role that owns the few functions asked before a tenant is known."""
    known = "SELECT 1 FROM pg_roles WHERE rolname = 'cloudrota_lookup'"
    if not await connection.fetchval(known):
        await connection.execute("CREATE ROLE cloudrota_lookup NOLOGIN")
    await _refuse_powers(connection, "cloudrota_lookup")
    role = await _quoted(connection, owner.username or "")
    await connection.execute(f"GRANT cloudrota_lookup TO {role}")


async def _ensure_database(
    connection: asyncpg.Connection, database: str, logins: dict[Login, URL]
) -> None:
    name = await _quoted(connection, database)
    owner = await _quoted(connection, logins[Login.OWNER].username or "")
    known = "SELECT 1 FROM pg_database WHERE datname = $1"
    if not await connection.fetchval(known, database):
        await connection.execute(
            f"CREATE DATABASE {name} OWNER {owner} ENCODING 'UTF8' TEMPLATE template0"
        )
    await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    for login, url in logins.items():
        role = await _quoted(connection, url.username or "")
        rights = "CONNECT, TEMPORARY" if login is Login.WORKER else "CONNECT"
        await connection.execute(f"GRANT {rights} ON DATABASE {name} TO {role}")


async def _ensure_schemas(
    connection: asyncpg.Connection, logins: dict[Login, URL]
) -> None:
    owner = await _quoted(connection, logins[Login.OWNER].username or "")
    await connection.execute(f"ALTER SCHEMA public OWNER TO {owner}")
    await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    await connection.execute(
        "CREATE SCHEMA IF NOT EXISTS lookup AUTHORIZATION cloudrota_lookup"
    )
    for login, url in logins.items():
        if login is not Login.OWNER:
            role = await _quoted(connection, url.username or "")
            await connection.execute(f"GRANT USAGE ON SCHEMA public, lookup TO {role}")
    await connection.execute("GRANT USAGE ON SCHEMA public TO cloudrota_lookup")


async def _quoted(connection: asyncpg.Connection, name: str) -> str:
    return str(await connection.fetchval("SELECT quote_ident($1)", name))


def main() -> None:
    superuser = BootstrapSettings()
    url = superuser.database_bootstrap_url.get_secret_value()
    if not settings().is_local:
        refuse_unverified("DATABASE_BOOTSTRAP_URL", url)
    asyncio.run(bootstrap(url, settings()))
    sys.stdout.write("The database and its logins are ready.\n")
