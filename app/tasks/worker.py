"""One worker process: what it holds, the heartbeat that keeps it, the poll that finds
work without a hint, and the watchdog that ends a wedged process."""

import asyncio
import os
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from app.aws.call import Pace
from app.aws.session import Endpoint, PlatformSession
from app.core.clock import monotonic
from app.core.crypto import KeyProvider
from app.core.db import Database
from app.core.settings import Settings
from app.models.task import ActionKind
from app.services import claims
from app.services.claims import Claim
from app.tasks.stopping import Stop, StopReason

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 15
LOOK_FOR_CANCELS_SECONDS = 2
POLL_SECONDS = 5
UNREACHABLE_SECONDS = 55  # a lease of 60 s that was not extended for so long is lost
OVERRUN_SECONDS = 120  # beyond every timeout of a call
WEDGED_EXIT_CODE = 70


@dataclass(slots=True)
class _Held:
    claim: Claim
    stop: Stop
    extended_at: float
    hard_deadline: float


Run = Callable[["Worker", Claim, Stop], Awaitable[None]]


class Worker:
    """`leases` is a Database of its own with one connection, so that heartbeats never
    wait behind the work they keep alive."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        leases: Database,
        keys: KeyProvider,
        platform: PlatformSession,
        endpoint: Endpoint,
        pacer: Pace | None = None,
        kinds: tuple[ActionKind, ...] = (ActionKind.READ,),
    ) -> None:
        self.settings = settings
        self.database = database
        self.leases = leases
        self.keys = keys
        self.platform = platform
        self.endpoint = endpoint
        self.pacer = pacer
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.stopping = False
        self.alive_at = monotonic()
        self._kinds = kinds
        self._held: dict[UUID, _Held] = {}
        self._room = asyncio.Semaphore(settings.worker_concurrency)
        self._found: set[asyncio.Task[None]] = set()

    async def take(self, execution_id: UUID, run: Run) -> bool:
        """Claim an execution and run it to its end; False if there was nothing to
        claim."""
        async with self._room:
            if self.stopping:
                return False
            async with self.database.system_session("claim") as session:
                claim = await claims.claim(
                    session,
                    execution_id,
                    worker=self.name,
                    running_cap=self.settings.organization_running_cap,
                )
            self.alive_at = monotonic()
            if claim is None:
                return False
            with self._holding(claim) as stop:
                await run(self, claim, stop)
            return True

    @contextmanager
    def _holding(self, claim: Claim) -> Iterator[Stop]:
        started = monotonic()
        deadline = started + claim.timeout.total_seconds()
        stop = Stop(deadline)
        self._held[claim.execution_id] = _Held(
            claim, stop, started, deadline + OVERRUN_SECONDS
        )
        ids = {
            "organization_id": str(claim.organization_id),
            "execution_id": str(claim.execution_id),
        }
        try:
            with structlog.contextvars.bound_contextvars(**ids):
                yield stop
        finally:
            del self._held[claim.execution_id]

    def release_all(self) -> None:
        """Claim nothing more; ask everything held to stop at its next AWS call."""
        self.stopping = True
        for held in list(self._held.values()):
            held.stop.ask(StopReason.RELEASED)

    @property
    def is_idle(self) -> bool:
        return not self._held

    # ── the loops ────────────────────────────────────────────────────────────────

    async def heartbeat(self) -> None:
        """Extend all leases every 15 s, and look for cancels every 2 s."""
        beats = 0
        while True:
            await asyncio.sleep(LOOK_FOR_CANCELS_SECONDS)
            beats += LOOK_FOR_CANCELS_SECONDS
            try:
                if beats >= HEARTBEAT_SECONDS:
                    beats = 0
                    await self._extend()
                else:
                    await self._look_for_cancels()
                self.alive_at = monotonic()
            except (DBAPIError, OSError) as error:
                log.warning("worker.database_away", error=type(error).__name__)
            self._give_up_what_was_not_extended()

    async def _extend(self) -> None:
        held = {id: one.claim.fence for id, one in self._held.items()}
        if not held:
            return
        asked_at = monotonic()
        async with self.leases.system_session("heartbeat") as session:
            extended = await claims.extend(session, held)
        for id, fence in held.items():
            one = self._held.get(id)
            if one is None or one.claim.fence != fence:
                continue  # it ended meanwhile
            if id not in extended:
                one.stop.ask(StopReason.LEASE_LOST)
            else:
                one.extended_at = asked_at

    async def _look_for_cancels(self) -> None:
        if not self._held:
            return
        async with self.leases.system_session("cancels") as session:
            asked = await claims.cancels_asked(session, list(self._held))
        for id, held in self._held.items():
            if id in asked:
                held.stop.ask(StopReason.CANCELLED)

    def _give_up_what_was_not_extended(self) -> None:
        for held in self._held.values():
            if monotonic() - held.extended_at > UNREACHABLE_SECONDS:
                held.stop.ask(StopReason.LEASE_LOST)

    async def poll(self, run: Run) -> None:
        """Find queued work without a hint, while there is room."""
        while not self.stopping:
            await self._room.acquire()
            claim = await self._claim_next()
            if claim is None:
                self._room.release()
                await asyncio.sleep(POLL_SECONDS)
                continue
            task = asyncio.create_task(self._run_found(claim, run))
            self._found.add(task)
            task.add_done_callback(self._found.discard)

    async def _claim_next(self) -> Claim | None:
        try:
            async with self.database.system_session("poll") as session:
                claim = await claims.claim_next(
                    session,
                    kinds=self._kinds,
                    worker=self.name,
                    running_cap=self.settings.organization_running_cap,
                )
        except (DBAPIError, OSError) as error:
            log.warning("worker.database_away", error=type(error).__name__)
            return None
        self.alive_at = monotonic()
        return claim

    async def _run_found(self, claim: Claim, run: Run) -> None:
        try:
            with self._holding(claim) as stop:
                await run(self, claim, stop)
        finally:
            self._room.release()

    def watch(self) -> None:
        """Start the watchdog: a process with a thread far beyond its deadline, or with
        an event loop that stands still, ends; its leases are then re-queued."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(HEARTBEAT_SECONDS):
            now = monotonic()
            overrun = [h for h in list(self._held.values()) if now > h.hard_deadline]
            stands_still = now - self.alive_at > OVERRUN_SECONDS
            if overrun or (stands_still and not self.stopping):
                log.critical(
                    "worker.wedged",
                    executions=[str(held.claim.execution_id) for held in overrun],
                )
                os._exit(WEDGED_EXIT_CODE)
