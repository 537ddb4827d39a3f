"""A real API process for benchmarks, and what it costs."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.core.clock import monotonic
from app.core.embedded.process import LOOPBACK, free_port
from app.core.settings import Settings
from tests.bench.peer import SCRIPTS
from tests.tasks.processes import ROOT, environment

OURS = ("app.main:create_app", "--factory")
BARE = ("tests.bench.bare_streams:app",)
FLOOR = ("tests.bench.api_floor:app",)
PEER = ("template:app", "--app-dir", str(SCRIPTS))
_UNBOUND = {
    "LOG_LEVEL": "ERROR",
    "REQUESTS_PER_MINUTE": "60000",
    "REQUESTS_PER_MINUTE_OF_ADDRESS": "60000",
}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Of a span: the share of a core, and MiB held at its end."""

    cpu: float
    mib: float

    def __str__(self) -> str:
        return f"{self.cpu:6.3f} cores {self.mib:6.0f} MiB"


@dataclass(frozen=True)
class APIProcess:
    port: int
    pid: int

    async def use(self, seconds: float) -> Usage:
        began, before = monotonic(), self.cpu()
        await asyncio.sleep(seconds)
        return Usage((self.cpu() - before) / (monotonic() - began), self.mib())

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / _TICKS

    def mib(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@asynccontextmanager
async def api_process(
    settings: Settings,
    app: tuple[str, ...] = OURS,
    python: Path = Path(sys.executable),
    **more: str,
) -> AsyncIterator[APIProcess]:
    """Uvicorn as `make run-server` starts it, without a line a request; `more` are
    environment variables."""
    port = free_port()
    command = [
        *(str(python), "-m", "uvicorn", *app, "--host", LOOPBACK),
        *("--port", str(port), "--loop", "uvloop", "--http", "httptools"),
        *("--no-access-log", "--log-level", "warning"),
        *("--timeout-graceful-shutdown", "1"),
    ]
    process = subprocess.Popen(  # noqa: S603, ASYNC220 — our own command, at the start
        command,
        cwd=ROOT,
        env=environment(settings, **_UNBOUND, **more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await _until_it_answers(port, process)
        yield APIProcess(port, process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 30)


async def _until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        while process.poll() is None:
            try:
                await client.head(f"http://{LOOPBACK}:{port}/healthz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return
    raise RuntimeError(f"the process ended with {process.returncode}")
