"""The embedded Valkey, and the settings of a checkout under development."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.embedded import PortTaken, Valkey, ValkeyServer
from app.core.embedded.development import Development
from app.core.embedded.environment import EnvironmentFile


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    valkey = Valkey(tmp_path / "valkey")
    yield valkey
    valkey.remove()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("embedded") / "local"
    yield directory
    Development(directory).remove()


@pytest.fixture
def development(local: Path) -> Iterator[Development]:
    servers = Development(local)
    yield servers
    servers.down()


def _client(server: ValkeyServer) -> redis.Redis:
    return redis.Redis.from_url(server.url)


def test_valkey_never_forgets_a_message_to_make_room(valkey: Valkey) -> None:
    with _client(valkey.start()) as client:
        policy = client.config_get("maxmemory-policy")
    assert policy == {"maxmemory-policy": "noeviction"}


def test_valkey_asks_for_its_password(valkey: Valkey) -> None:
    server = valkey.start()
    with (
        redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


@pytest.mark.parametrize("end", ["stopped", "killed"])
def test_valkey_keeps_what_it_was_given(valkey: Valkey, end: str) -> None:
    server = valkey.start()
    with _client(server) as client:
        client.set("kept", "yes")
        client.execute_command("WAITAOF", 1, 0, 5000)
    if end == "stopped":
        server.stop()
    else:
        os.kill(server.process.pid, SIGKILL)
        server.process.wait(10)
    assert valkey.running() is None
    again = valkey.start()
    assert again.password == server.password
    with _client(again) as client:
        assert client.get("kept") == b"yes"


def test_a_second_start_finds_valkey_and_does_not_own_it(valkey: Valkey) -> None:
    first = valkey.start()
    second = Valkey(valkey.directory).start()
    assert second.process.pid == first.process.pid
    second.stop()
    assert valkey.running() is not None
    assert Valkey(valkey.directory).stop()
    assert first.process.wait(10) == 0


def test_valkey_names_the_port_that_is_taken(valkey: Valkey) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} "):
            Valkey(valkey.directory, port=port).start()


def test_settings_lead_to_the_servers_and_keep_their_secrets(
    development: Development,
) -> None:
    development.up()
    first = development.environment.read()
    development.down()
    development.up()
    assert development.environment.read() == first
    assert "cloudrota_app:" in first["DATABASE_URL"]
    assert first["DATABASE_URL"].endswith("/cloudrota")
    assert first["DATABASE_URL"] != first["DATABASE_WORKER_URL"]
    assert len(first["SECRET_KEY"]) == 64
    with redis.Redis.from_url(first["REDIS_URL"]) as client:
        assert client.ping()


def test_only_their_owner_reads_the_settings(development: Development) -> None:
    development.up()
    for file in (development.environment, development.superuser):
        assert file.path.stat().st_mode & 0o777 == 0o600


def test_the_superuser_is_not_among_the_applications_settings(
    development: Development,
) -> None:
    development.up()
    (bootstrap,) = development.superuser.read().values()
    assert "://postgres:" in bootstrap
    assert "://postgres:" not in development.environment.path.read_text()


def test_says_which_port_it_left_to_another_program(development: Development) -> None:
    development.up()
    development.down()
    port = int(development.environment.read()["REDIS_URL"].split(":")[-1].split("/")[0])
    with socket.create_server(("127.0.0.1", port)):
        said, *_ = development.up()
    assert f"port {port} of 127.0.0.1 is taken by another program" in said
    assert f":{port}/" not in development.environment.read()["REDIS_URL"]


def test_status_and_down_tell_what_runs(development: Development) -> None:
    assert development.down() == [
        "PostgreSQL was not running",
        "Valkey was not running",
    ]
    development.up()
    assert all(" runs on port " in line for line in development.status())
    assert development.down() == ["PostgreSQL stopped", "Valkey stopped"]
    assert all(line.endswith("is not running") for line in development.status())


def test_an_environment_file_keeps_quotes_and_other_settings(tmp_path: Path) -> None:
    file = EnvironmentFile(tmp_path / "some.env")
    file.update({"KEYS": '{"a": "it\'s $HOME"}', "PLAIN": "1"})
    file.update({"PLAIN": "2"})
    assert file.read() == {"KEYS": '{"a": "it\'s $HOME"}', "PLAIN": "2"}
