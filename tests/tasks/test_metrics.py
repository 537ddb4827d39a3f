"""The listener of worker and beat: the same numbers, for the same people."""

import socket
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from pydantic import SecretStr

from app.core.settings import Settings
from app.tasks.metrics import MetricsListener
from app.tasks.runtime import Runtime

TOKEN = "a-token-of-the-operator-that-is-long-enough"


@pytest.fixture
def listening(configured: Settings) -> Iterator[Settings]:
    """The settings of a process that is running and listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = configured.model_copy(
        update={
            "metrics_port": port,
            "environment": "production",
            "metrics_token": SecretStr(TOKEN),
        }
    )
    runtime = Runtime(settings)
    runtime.start()
    yield settings
    runtime.stop()


def ask(settings: Settings, path: str, token: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", settings.metrics_port, timeout=20)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_a_process_tells_its_numbers_and_the_deployments(listening: Settings) -> None:
    status, body = ask(listening, "/metrics", TOKEN)
    assert status == 200
    assert "\ncloudrota_database_up 1.0\n" in body
    assert "\ncloudrota_aws_calls_total " in body


def test_only_who_bears_the_token_is_told(listening: Settings) -> None:
    assert ask(listening, "/metrics", "x")[0] == 401
    assert ask(listening, "/", TOKEN)[0] == 404


def test_it_listens_on_loopback_unless_told_otherwise(listening: Settings) -> None:
    assert listening.metrics_host == "127.0.0.1"
    with pytest.raises(OSError, match="in use"):
        MetricsListener(listening, lambda: b"")
