"""The embedded PostgreSQL: found again, recovered, refused with a plain sentence."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import asyncpg
import psutil
import pytest

from app.core.embedded import (
    DataOfAnotherVersion,
    DidNotStart,
    NotReachable,
    PortTaken,
    Postgres,
    PostgresServer,
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("embedded") / "postgres"
    yield directory
    Postgres(directory).remove()


@pytest.fixture
def postgres(directory: Path) -> Iterator[Postgres]:
    """One cluster for all tests, started by none of them yet."""
    postgres = Postgres(directory, durable=False)
    yield postgres
    postgres.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Postgres]:
    """A cluster of the test's own, not made yet."""
    postgres = Postgres(tmp_path / "postgres", durable=False)
    yield postgres
    postgres.remove()


async def _value(server: PostgresServer, query: str) -> object:
    connection = await asyncpg.connect(server.superuser_dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def _kill(server: PostgresServer) -> None:
    os.kill(server.process.pid, SIGKILL)
    server.process.wait(10)


async def test_speaks_utf_8_and_listens_on_loopback_only(postgres: Postgres) -> None:
    server = postgres.start()
    assert await _value(server, "SHOW server_encoding") == "UTF8"
    assert await _value(server, "SELECT lower('ÄÖ')") == "äö"
    assert await _value(server, "SHOW listen_addresses") == "127.0.0.1"
    assert await _value(server, "SHOW unix_socket_directories") == ""
    assert str(await _value(server, "SHOW server_version")).startswith("18.")


async def test_refuses_a_wrong_password(postgres: Postgres) -> None:
    server = postgres.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host="127.0.0.1", port=server.port, user="postgres", password="guessed"
        )


async def test_keeps_its_data_over_a_restart(postgres: Postgres) -> None:
    server = postgres.start()
    await _value(server, "CREATE OR REPLACE VIEW kept AS SELECT 42 AS answer")
    server.stop()
    assert postgres.running() is None
    assert await _value(postgres.start(), "SELECT answer FROM kept") == 42


def test_a_second_start_finds_the_server_and_does_not_own_it(
    postgres: Postgres,
) -> None:
    first = postgres.start()
    second = Postgres(postgres.directory).start()
    assert (second.port, second.process.pid) == (first.port, first.process.pid)
    second.stop()
    assert postgres.running() is not None
    first.stop()
    assert postgres.running() is None


def test_stopping_ends_a_server_that_somebody_else_started(postgres: Postgres) -> None:
    server = postgres.start()
    assert Postgres(postgres.directory).stop()
    assert server.process.wait(10) == 0
    assert not Postgres(postgres.directory).stop()


async def test_recovers_from_a_kill(postgres: Postgres) -> None:
    server = postgres.start()
    await _value(server, "CREATE OR REPLACE VIEW kept AS SELECT 42 AS answer")
    _kill(server)
    assert await _value(postgres.start(), "SELECT answer FROM kept") == 42


def test_recovers_when_another_process_wears_the_killed_ones_number(
    postgres: Postgres,
) -> None:
    server = postgres.start()
    owner = postgres.directory.stat()
    _kill(server)
    lock = postgres.directory / "data/postmaster.pid"
    root = os.geteuid() == 0
    with subprocess.Popen(
        ["sleep", "60"],  # noqa: S607 # whichever sleep there is
        user=owner.st_uid if root else None,
        group=owner.st_gid if root else None,
        extra_groups=[] if root else None,
    ) as stranger:
        try:
            rest = lock.read_text().split("\n", 1)[1]
            lock.write_text(f"{stranger.pid}\n{rest}")
            assert postgres.running() is None
            assert postgres.start().process.pid != stranger.pid
            assert postgres.stop()
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_throws_a_half_made_cluster_away(postgres: Postgres) -> None:
    postgres.start().stop()
    data = postgres.directory / "data"
    data.rename(data.with_name("data.new"))
    (data.with_name("data.new") / "PG_VERSION").unlink()
    assert postgres.start().started_here


def test_names_the_port_that_is_taken(tmp_path: Path, postgres: Postgres) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} of 127\.0\.0\.1 is taken"):
            Postgres(postgres.directory, port=port, durable=False).start()


def test_refuses_data_of_another_major_version(postgres: Postgres) -> None:
    postgres.start().stop()
    (postgres.directory / "data/PG_VERSION").write_text("17\n")
    with pytest.raises(DataOfAnotherVersion, match="written by PostgreSQL 17") as said:
        postgres.start()
    (postgres.directory / "data/PG_VERSION").write_text("18\n")
    assert str(postgres.directory.resolve()) in str(said.value)
    assert postgres.start().started_here


def test_tells_the_last_words_of_a_server_that_does_not_start(
    postgres: Postgres,
) -> None:
    postgres.start().stop()
    added = postgres.directory / "data/postgresql.auto.conf"
    added.write_text("nonsense = 1\n")
    with pytest.raises(DidNotStart, match='configuration parameter "nonsense"'):
        postgres.start()
    added.write_text("")


def test_never_runs_as_root(postgres: Postgres) -> None:
    server = postgres.start()
    assert psutil.Process(server.process.pid).uids().real != 0
    assert postgres.directory.stat().st_mode & 0o777 == 0o700


def test_opens_no_directory_for_its_account_but_lies_outside(fresh: Postgres) -> None:
    # pytest's temporary directories are closed to everyone but their owner.
    parents = list(fresh.directory.parents)
    before = [path.stat().st_mode for path in parents]
    fresh.start()
    assert [path.stat().st_mode for path in parents] == before
    assert fresh.directory.is_symlink() == (os.geteuid() == 0)


def test_says_so_when_the_directory_outside_is_gone(tmp_path: Path) -> None:
    link = tmp_path / "postgres"
    link.symlink_to(tmp_path / "cleared away")
    with pytest.raises(NotReachable, match=r"cleared away, which is gone.*remove"):
        Postgres(link).start()


def test_removing_leaves_nothing(fresh: Postgres) -> None:
    fresh.start()
    data = fresh.directory.resolve()
    fresh.remove()
    assert not data.exists()
    assert not fresh.directory.is_symlink()
