"""A worker process to be watched: `python -m tests.tasks.watched STATE`. Its loops are
real and fast; it ends with 0 once its watchdog has looked often and let it go on."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.core.clock import monotonic
from app.core.ids import new_id
from app.core.settings import settings
from app.models.task import ActionKind
from app.services.claims import Claim
from app.tasks import worker as worker_module
from app.tasks.runtime import WorkerRuntime
from app.tasks.stopping import Stop
from app.tasks.worker import OVERRUN_SECONDS, Worker

LOOKS = 50
_looks = threading.Semaphore(0)


def _clock() -> float:
    """The worker's, which counts how often the watchdog looks at it."""
    if threading.current_thread().name == "watchdog":
        _looks.release()
    return monotonic()


def _hold(runtime: WorkerRuntime, *, over: float) -> None:
    """An execution that does not end, so many seconds beyond its deadline."""
    claim = Claim(
        execution_id=new_id(),
        organization_id=new_id(),
        task_id=new_id(),
        run_id=new_id(),
        aws_account_id=new_id(),
        kind=ActionKind.READ,
        fence=1,
        attempt=1,
        timeout=timedelta(seconds=-over),
    )

    async def never_end(_worker: Worker, _claim: Claim, _stop: Stop) -> None:
        await asyncio.Event().wait()

    runtime.spawn(runtime.worker.work, claim, never_end)


def well(runtime: WorkerRuntime) -> None:
    """One execution is late, as it may be for a while."""
    _hold(runtime, over=OVERRUN_SECONDS / 2)


def overrun(runtime: WorkerRuntime) -> None:
    """One execution is later than any call can take."""
    _hold(runtime, over=OVERRUN_SECONDS + 1)


def still(runtime: WorkerRuntime) -> None:
    """The event loop has stood still for longer than any call can take."""
    stands = threading.Event()

    async def stand_still() -> None:
        stands.set()
        threading.Event().wait()

    runtime.spawn(stand_still)
    stands.wait()
    runtime.worker.looped_at = monotonic() - OVERRUN_SECONDS - 1


def stopping(runtime: WorkerRuntime) -> None:
    """It is still, too, but it was asked to stop: what ends it then waits elsewhere."""
    runtime.worker.release_all()
    still(runtime)


def away(runtime: WorkerRuntime) -> None:
    """Postgres has not answered for an hour."""
    runtime.worker.alive_at = monotonic() - 3600


def broken(runtime: WorkerRuntime) -> None:
    """Its poll meets an error that nobody foresaw."""
    del runtime.worker.kind


def stopped(runtime: WorkerRuntime) -> None:
    """It ends in order: its loops are cancelled."""
    runtime.stop()
    sys.exit()


STATES: dict[str, Callable[[WorkerRuntime], None]] = {
    state.__name__: state
    for state in (well, overrun, still, stopping, away, broken, stopped)
}


def main(state: str) -> None:
    patch = pytest.MonkeyPatch()
    patch.setattr(worker_module, "monotonic", _clock)
    for loop in ("HEARTBEAT_SECONDS", "LOOK_FOR_CANCELS_SECONDS", "POLL_SECONDS"):
        patch.setattr(worker_module, loop, 0.02)
    runtime = WorkerRuntime(settings())
    runtime.start()
    STATES[state](runtime)
    if settings().metrics_port is not None:
        threading.Event().wait()  # for who asks it, until it is killed
    for _ in range(LOOKS):
        _looks.acquire()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
