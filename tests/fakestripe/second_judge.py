"""localstripe, another's fake of Stripe, as a process of its own: the second judge."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from signal import Signals

from app.core.embedded.process import (
    ENVIRONMENT,
    LOOPBACK,
    Account,
    EmbeddedError,
    end,
    free_port,
    spawn,
    wait_until_ready,
)
from tests.emulator import PYTHON

NAME = "localstripe"
SCRIPT = Path(__file__).with_name("second_judge_process.py")


@contextmanager
def localstripe(directory: Path) -> Iterator[str]:
    """Its address; its log is kept in `directory`."""
    if not PYTHON.exists():
        raise EmbeddedError(f"{NAME} is not installed: run ./setup.sh")
    port, log = free_port(), directory / "localstripe.log"
    process = spawn(
        [PYTHON, "-P", SCRIPT, str(port)],
        log=log,
        account=Account.ours(),
        environment=ENVIRONMENT,
        directory=directory,
    )
    try:
        wait_until_ready(
            lambda: _is_ready(port), lambda: process.poll() is None, name=NAME, log=log
        )
        yield f"http://{LOOPBACK}:{port}"
    finally:
        end(process, Signals.SIGTERM, name=NAME)


def _is_ready(port: int) -> bool:
    connection = HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/js.stripe.com/v3/")
        return connection.getresponse().status == 200
    except ConnectionRefusedError:
        return False
    finally:
        connection.close()
