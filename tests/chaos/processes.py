"""The real processes under test, each behind fault proxies of its own to PostgreSQL and
Valkey, and brought up again whenever it has ended, as a container's supervisor does."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.core.embedded.process import free_port
from app.core.settings import Settings
from tests.chaos.ground import ROOT, Ground
from tests.chaos.proxy import FaultProxy
from tests.tasks.processes import environment

Role = Literal["reader", "changer", "beat", "api"]
_WORKER = ("worker", "--without-gossip", "--without-mingle", "--loglevel", "WARNING")
_COMMANDS: dict[Role, tuple[str, ...]] = {
    "reader": _WORKER,
    "changer": _WORKER,
    "beat": ("beat", "--loglevel", "WARNING"),
    "api": ("api",),
}


@dataclass(frozen=True, slots=True)
class Outage:
    """From when to when (seconds since 1970) the process `pid` could do nothing."""

    pid: int
    role: Role
    began: float
    ended: float | None


@dataclass
class Process:
    """One of ours. `launch` are options of tests.chaos.launch: a sabotage, a wrong
    clock."""

    name: str
    role: Role
    ground: Ground
    settings: Settings
    log: Path
    launch: tuple[str, ...] = ()
    port: int = 0  # of an API
    outages: list[Outage] = field(default_factory=list)
    is_wanted: bool = False
    is_stopped: bool = False
    died: int = 0  # ended by itself, and was started again
    _process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        postgres, valkey = self.ground.postgres_server, self.ground.valkey_server
        self.to_postgres = FaultProxy(free_port(), postgres.port)
        self.to_valkey = FaultProxy(free_port(), valkey.port)
        if self.role == "api":
            self.port = free_port()

    async def open(self) -> None:
        await self.to_postgres.start()
        await self.to_valkey.start()

    async def close(self) -> None:
        self.is_wanted = False
        self.kill()
        await self.to_postgres.stop()
        await self.to_valkey.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self.is_wanted = True
        if self.is_running:
            return
        variables = environment(self.settings, WORKER_KIND=self._kind())
        for name, value in variables.items():
            variables[name] = self._through_proxies(value)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 — our own command
                self._command(),
                cwd=ROOT,
                env=variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to the whole group; it comes back when it is started."""
        if self._process is None:
            return
        if self.is_running:
            self._out(ended=None)
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)
        self.is_stopped = False

    def terminate(self) -> None:
        """SIGTERM: it gives back what it holds, and ends by itself."""
        if self.is_running and self._process is not None:
            self.is_wanted = False
            self._process.send_signal(signal.SIGTERM)

    def stop(self, *, within: float) -> None:
        """The same, and SIGKILL for what has not ended in so many seconds."""
        self.terminate()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(within)
        self.kill()

    def pause(self) -> None:
        """SIGSTOP."""
        if self.is_running:
            os.killpg(self.pid, signal.SIGSTOP)
            self.is_stopped = True
            self._out(ended=None)

    def go_on(self) -> None:
        """SIGCONT."""
        if self.is_stopped and self.is_running:
            last = self.outages.pop()
            self.outages.append(Outage(last.pid, last.role, last.began, time.time()))
            self.is_stopped = False
            os.killpg(self.pid, signal.SIGCONT)

    def supervise(self) -> bool:
        """Start it again if it has ended by itself; whether it had."""
        if not self.is_wanted or self.is_running:
            return False
        self.died += self._process is not None
        self.start()
        return True

    def _out(self, *, ended: float | None) -> None:
        self.outages.append(Outage(self.pid, self.role, time.time(), ended))

    def _kind(self) -> str:
        return "mutate" if self.role == "changer" else "read"

    def _command(self) -> list[str]:
        command = list(_COMMANDS[self.role])
        if self.role == "api":
            command.append(str(self.port))
        return [sys.executable, "-m", "tests.chaos.launch", *self.launch, *command]

    def _through_proxies(self, value: str) -> str:
        for proxy in (self.to_postgres, self.to_valkey):
            value = value.replace(
                f"@127.0.0.1:{proxy.upstream}/", f"@127.0.0.1:{proxy.port}/"
            )
        return value
