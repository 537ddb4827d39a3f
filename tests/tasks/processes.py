"""Real worker and beat processes for tests that kill them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from app.core.settings import Settings

ROOT = Path(__file__).parents[2]
WORKER = ("worker", "--without-gossip", "--without-mingle")
BEAT = ("beat",)


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The settings as a process reads them; nothing of ours is inherited but PATH."""
    variables = {
        name.upper(): _text(value)
        for name, value in settings
        if value is not None and value != {}
    }
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **variables, **more}


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return json.dumps({key: _text(item) for key, item in value.items()})
    return str(value)


class Process:
    """One Celery process; `kill` is SIGKILL, `start` may follow."""

    def __init__(
        self,
        command: tuple[str, ...],
        variables: dict[str, str],
        log: Path,
        *,
        application: str = "app.tasks.celery_app",
    ) -> None:
        self._command = [sys.executable, "-m", "celery", "-A", application, *command]
        self._variables = variables
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ProcessLookupError("it does not run")
        return self._process.pid

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 — our own command
                self._command,
                cwd=ROOT,
                env=self._variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self, *, within: float = 30) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM, within=within)

    def _end(self, with_signal: int, *, within: float = 30) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(with_signal)
        code = self._process.wait(within)
        self._process = None
        return code


@contextmanager
def running(
    command: tuple[str, ...],
    settings: Settings,
    log: Path,
    *,
    application: str = "app.tasks.celery_app",
    **more: str,
) -> Iterator[Process]:
    """The process of this command until the end; `more` are environment variables."""
    variables = environment(settings, **more)
    process = Process(command, variables, log, application=application)
    process.start()
    try:
        yield process
    finally:
        process.kill()
