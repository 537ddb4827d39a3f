"""One event loop and one set of engines per process, on a thread of its own; and the
edge of the worker process, where an unforeseen error ends."""

import gc
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import TypeVar
from uuid import UUID

import anyio.to_thread
import structlog
from anyio.from_thread import BlockingPortal, start_blocking_portal

from app.core.db import Database
from app.core.settings import Settings, settings
from app.integrations import telemetry
from app.integrations.telemetry import Telemetry
from app.services import credential_opening, exposition
from app.services.claims import Claim
from app.services.key_providers import key_provider
from app.tasks import executions, notifying, outbox
from app.tasks.metrics import MetricsListener
from app.tasks.pacing import Pacer
from app.tasks.publisher import RedisPublisher
from app.tasks.stopping import Stop
from app.tasks.worker import Worker

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

DIED_EXIT_CODE = 71
# For AWS calls that are under way when the worker is asked to stop. A container is
# given a little longer (stopTimeout); what is left then is found by the reaper.
SHUTDOWN_SECONDS = 25


class Runtime:
    """What a process of Celery (worker or beat) lives on between `start` and `stop`."""

    process = "beat"

    def __init__(self, configured: Settings) -> None:
        self.settings = configured
        self._traces: Telemetry | None = None
        self._portal: BlockingPortal | None = None
        self._context: AbstractContextManager[BlockingPortal] | None = None
        self._listener: MetricsListener | None = None
        self.ticked_at: float | None = None  # the beat's last tick that succeeded

    def start(self) -> None:
        self._context = start_blocking_portal("asyncio", {"use_uvloop": True})
        self._portal = self._context.__enter__()
        self._traces = telemetry.start(self.settings, self.process)
        self.call(self._open)
        if self.settings.metrics_port is not None:
            self._listener = MetricsListener(
                self.settings, self._metrics, self._alive_at
            )
            self._listener.start()

    async def _open(self) -> None:
        self.publisher = RedisPublisher(self.settings)
        self.database = Database(self.settings, self.publisher)

    def _metrics(self) -> bytes:
        return self.call(exposition.expose, self.database, self.settings)

    def _alive_at(self) -> float | None:
        """When Postgres answered last, if that is known here: see MetricsListener."""
        return self.ticked_at

    def call(self, act: Callable[..., Awaitable[Result]], *arguments: object) -> Result:
        """Run a coroutine function on the loop and wait for it, in any thread."""
        if self._portal is None:
            raise RuntimeError("the runtime is not started")
        result: Result = self._portal.call(act, *arguments)
        return result

    def spawn(self, act: Callable[..., Awaitable[object]], *arguments: object) -> None:
        """Run a coroutine function on the loop until the runtime stops. A process whose
        loop has died of an error would look alive and do nothing: it ends."""
        if self._portal is None:
            raise RuntimeError("the runtime is not started")
        self._portal.start_task_soon(act, *arguments).add_done_callback(_end_if_died)

    def stop(self) -> None:
        if self._portal is None or self._context is None:
            return
        if self._listener is not None:
            self._listener.stop()
        self.call(self._close)
        self._portal.start_task_soon(self._portal.stop, True)  # noqa: FBT003 — anyio's signature
        self._context.__exit__(None, None, None)
        self._portal = None
        telemetry.stop(self._traces)

    async def _close(self) -> None:
        await self.database.close()
        await self.publisher.close()


def _end_if_died(loop: Future[object]) -> None:
    if loop.cancelled() or loop.exception() is None:
        return
    log.critical("loop.died", exc_info=loop.exception())
    os._exit(DIED_EXIT_CODE)


class WorkerRuntime(Runtime):
    """The runtime of a worker process: it also holds leases and polls."""

    process = "worker"

    def start(self) -> None:
        super().start()
        self.spawn(self.worker.heartbeat)
        self.spawn(self.worker.poll, run_or_log)
        self.spawn(outbox.poll, self.worker, deliver_or_log)
        self.spawn(notifying.poll, self.worker, route_or_log)
        self.worker.watch()

    async def _open(self) -> None:
        await super()._open()
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = (
            self.settings.worker_concurrency * self.settings.units_at_once
        )
        one_connection = self.settings.model_copy(update={"database_pool_size": 1})
        self.leases = Database(one_connection, self.publisher)
        self.pacer = Pacer.from_settings(self.settings)
        self.worker = Worker(
            settings=self.settings,
            database=self.database,
            leases=self.leases,
            keys=key_provider(self.settings),
            platform=credential_opening.platform_session(self.settings),
            endpoint=credential_opening.endpoint(self.settings),
            pacer=self.pacer,
        )

    def _alive_at(self) -> float | None:
        return self.worker.alive_at

    async def _close(self) -> None:
        await self.worker.until_idle(within=SHUTDOWN_SECONDS)
        self.pacer.close()
        await self.leases.close()
        await super()._close()


_runtime: Runtime | None = None


def start_worker() -> None:
    _start(WorkerRuntime(settings()))


def start_beat() -> Runtime:
    return _start(Runtime(settings()))


def _start(made: Runtime) -> Runtime:
    global _runtime
    made.start()
    # A third of a large tick and a fourteenth of a worker's time would go into looking
    # through what was imported, and through rows again and again: they hold no cycles.
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    _runtime = made
    return made


def stop() -> None:
    global _runtime
    if _runtime is not None:
        _runtime.stop()
        _runtime = None


def release_all() -> None:
    """Asked by SIGTERM: claim nothing more, give back what is running."""
    if isinstance(_runtime, WorkerRuntime):
        _runtime.worker.release_all()


def look_for_work() -> None:
    runtime = _worker_runtime()
    runtime.call(runtime.worker.wake)


async def run_or_log(worker: Worker, claim: Claim, stop: Stop) -> None:
    try:
        await executions.run(worker, claim, stop)
    except Exception:
        # The edge: the lease runs out, the reaper counts the attempt.
        log.exception("execution.crashed")


def deliver_outbox(message_id: UUID) -> None:
    runtime = _worker_runtime()
    runtime.call(deliver_or_log, runtime.worker, message_id)


async def deliver_or_log(worker: Worker, message_id: UUID) -> None:
    try:
        await outbox.deliver(worker, message_id)
    except Exception:
        # The edge: the lease runs out, the sweep hints again.
        log.exception("outbox.crashed", message_id=str(message_id))


async def route_or_log(worker: Worker, organization_id: UUID) -> int:
    try:
        return await notifying.route(worker, organization_id)
    except Exception:
        # The edge: nothing of it was recorded, and it is tried again.
        log.exception("notices.crashed", organization_id=str(organization_id))
        return 0


def _worker_runtime() -> WorkerRuntime:
    if not isinstance(_runtime, WorkerRuntime):
        raise TypeError("this process is no worker")
    return _runtime
