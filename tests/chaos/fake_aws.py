"""The fake AWS (`cloud.py`) as its users have it: a process that no fault touches, its
address and its ledger."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.core.embedded.process import free_port, is_free, wait_until_ready
from tests.chaos.judge import read_ledger

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class FakeCloud:
    url: str
    ledger: Path

    @property
    def effects(self) -> list[str]:
        """All that was done, in the order in which it was."""
        return read_ledger(self.ledger)

    async def steer(self, **manners: Any) -> None:
        """How it behaves from now on (`cloud.Manners`)."""
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.post(f"{self.url}/control", content=json.dumps(manners))


@contextmanager
def fake_cloud(directory: Path, seed: float) -> Iterator[FakeCloud]:
    port, ledger, log = free_port(), directory / "ledger", directory / "cloud.log"
    arguments = [str(port), str(ledger), str(seed)]
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 — our own command
            [sys.executable, "-m", "tests.chaos.cloud", *arguments],
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until_ready(
            lambda: not is_free(port),
            lambda: process.poll() is None,
            name="the fake AWS",
            log=log,
        )
        yield FakeCloud(f"http://127.0.0.1:{port}", ledger)
    finally:
        process.kill()
        process.wait()
