"""What a worker answers to whoever asks over HTTP whether it is alive."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from app.core.clock import monotonic
from app.core.settings import Settings
from app.tasks import metrics
from app.tasks.metrics import MetricsListener
from tests.tasks.processes import BEAT, ROOT, environment, running
from tests.tasks.test_worker_ends import NOWHERE

PATIENCE_SECONDS = 60
Answer = tuple[int, str]


@pytest.fixture
def settings(configured: Settings) -> Settings:
    """Of a process that listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return configured.model_copy(update={"metrics_port": port})


def ask(settings: Settings, path: str = "/healthz") -> Answer:
    connection = HTTPConnection("127.0.0.1", settings.metrics_port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


@contextmanager
def listening(
    settings: Settings, alive_at: Callable[[], float | None]
) -> Iterator[None]:
    listener = MetricsListener(settings, lambda: b"", alive_at)
    listener.start()
    yield
    listener.stop()


@pytest.mark.parametrize(
    ("alive_at", "answer"),
    [
        (1000.0, (200, "alive\n")),
        (970.0, (200, "alive\n")),
        (969.0, (503, "PostgreSQL has not answered for 31 s.\n")),
    ],
)
def test_a_worker_is_alive_for_30_seconds_after_postgres_answered(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    alive_at: float,
    answer: Answer,
) -> None:
    monkeypatch.setattr(metrics, "monotonic", lambda: 1000.0)
    with listening(settings, lambda: alive_at):
        assert ask(settings) == answer


def test_whether_it_is_alive_is_told_without_a_token_and_nothing_else(
    settings: Settings,
) -> None:
    """In production, where a token for the numbers is missing."""
    production = settings.model_copy(update={"environment": "production"})
    with listening(production, monotonic):
        assert ask(production, "/healthz")[0] == 200
        assert ask(production, "/metrics")[0] == 404


def test_a_process_that_does_not_know_says_nothing(settings: Settings) -> None:
    with listening(settings, lambda: None):
        assert ask(settings)[0] == 404


@contextmanager
def worker(settings: Settings, state: str) -> Iterator[None]:
    """A worker process in this state (tests/tasks/watched.py), until the end."""
    with subprocess.Popen(  # noqa: S603 — our own command
        [sys.executable, "-m", "tests.tasks.watched", state],
        cwd=ROOT,
        env=environment(settings),
    ) as process:
        try:
            yield
            assert process.poll() is None, "it goes on"
        finally:
            process.kill()


async def until_answered(settings: Settings, status: int) -> Answer:
    """Its answer, once it has this status."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                answer = await asyncio.to_thread(ask, settings)
            except OSError:  # it does not listen yet
                answer = 0, ""
            if answer[0] == status:
                return answer
            await asyncio.sleep(0.05)


async def test_a_worker_process_that_polls_is_alive(settings: Settings) -> None:
    with worker(settings, "well"):
        assert await until_answered(settings, 200) == (200, "alive\n")


async def test_a_beat_that_ticks_is_alive(settings: Settings, tmp_path: Path) -> None:
    with running(BEAT, settings, tmp_path / "beat.log"):
        assert await until_answered(settings, 200) == (200, "alive\n")


async def test_a_worker_process_that_polls_in_vain_is_not(settings: Settings) -> None:
    unreachable = settings.model_copy(update={"database_system_url": NOWHERE})
    with worker(unreachable, "away"):
        _, said = await until_answered(settings, 503)
    assert said.startswith("PostgreSQL has not answered for 36")
