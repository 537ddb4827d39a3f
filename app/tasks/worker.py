"""One worker process: what it holds, the heartbeat that keeps it, the poll that finds
work without a hint, and the watchdog that ends a wedged process."""

import asyncio
import os
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    contextmanager,
)
from dataclasses import dataclass

import structlog
from opentelemetry.trace import Span
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.call import Pace
from app.aws.session import Endpoint, PlatformSession
from app.core import tracing
from app.core.clock import monotonic, unix_milliseconds
from app.core.crypto import KeyProvider
from app.core.db import AWAY, Database, Login
from app.core.settings import Settings
from app.integrations.channels.registry import Senders
from app.models.task import ActionKind
from app.services import claims, sending
from app.services.claims import Claim
from app.tasks import pulse
from app.tasks.stopping import Stop, StopReason

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 15
LOOK_FOR_CANCELS_SECONDS = 2
POLL_SECONDS = 5
GATHER_SECONDS = 0.05
CLAIMS_AT_ONCE = 16
UNREACHABLE_SECONDS = 55  # a lease of 60 s that was not extended for so long is lost
OVERRUN_SECONDS = 120  # beyond every timeout of a call
WEDGED_EXIT_CODE = 70


@dataclass(slots=True)
class _Held:
    stop: Stop
    extended_at: float
    hard_deadline: float


Run = Callable[["Worker", Claim, Stop], Awaitable[None]]


def _ids(claim: Claim) -> dict[str, str]:
    """What lines of the log and spans name."""
    return {
        "organization_id": str(claim.organization_id),
        "task_id": str(claim.task_id),
        "run_id": str(claim.run_id),
        "execution_id": str(claim.execution_id),
    }


def _traced(claim: Claim) -> AbstractContextManager[Span]:
    facts = {f"cloudrota.{name}": id for name, id in _ids(claim).items()}
    return tracing.span(
        "execution.run",
        {
            **facts,
            "cloudrota.kind": claim.kind.value,
            "cloudrota.attempt": claim.attempt,
        },
        kind=tracing.SpanKind.CONSUMER,
        of=claim.execution_id,
    )


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
        senders: Senders | None = None,
    ) -> None:
        self.settings = settings
        self.database = database
        self.leases = leases
        self.keys = keys
        self.platform = platform
        self.endpoint = endpoint
        self.pacer = pacer
        senders = senders or Senders(settings)
        self.post = sending.post_of(database, settings, keys, senders)
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.stopping = False
        self.alive_at = monotonic()  # when Postgres answered last
        self.looped_at = monotonic()  # when a loop went on last
        self.kind = ActionKind(settings.worker_kind)
        self._judged = False
        self._held: dict[Claim, _Held] = {}
        self._room = asyncio.Semaphore(settings.worker_concurrency)
        self._look = asyncio.Event()
        self._at_work: set[asyncio.Task[None]] = set()

    async def wake(self) -> None:
        """Something may be waiting. A process without room answers when it has some;
        the hints that its threads do not hold meanwhile go to others."""
        async with self._room:
            self._look.set()

    async def work(self, claim: Claim, run: Run) -> None:
        """Run a claimed execution to its end. Another one may start then, of the same
        task or of a tenant that had its share: this process looks at once."""
        try:
            with _traced(claim), self._holding(claim) as stop:
                await run(self, claim, stop)
        finally:
            self._look.set()

    def transaction(self, claim: Claim) -> AbstractAsyncContextManager[AsyncSession]:
        """One step of the claim's work, for its tenant."""
        return self.database.unit_of_work(
            Login.WORKER,
            organization_id=claim.organization_id,
            actor=f"worker:{self.name}",
        )

    @contextmanager
    def _holding(self, claim: Claim) -> Iterator[Stop]:
        started = monotonic()
        deadline = started + claim.timeout.total_seconds()
        stop = Stop(deadline)
        self._held[claim] = _Held(stop, started, deadline + OVERRUN_SECONDS)
        try:
            with structlog.contextvars.bound_contextvars(**_ids(claim)):
                yield stop
        finally:
            del self._held[claim]

    def release_all(self) -> None:
        """Claim nothing more; ask everything held to stop at its next AWS call."""
        self.stopping = True
        for held in list(self._held.values()):
            held.stop.ask(StopReason.RELEASED)

    async def until_idle(self, *, within: float) -> None:
        """Wait, so many seconds at most, until what is at work has ended or was given
        back; its leases are kept meanwhile."""
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=within)

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
            except AWAY as error:
                log.warning("worker.database_away", error=type(error).__name__)
            if self._held:
                self.looped_at = monotonic()  # else the poll says so
            self._give_up_what_was_not_extended()

    async def _extend(self) -> None:
        held = dict(self._held)
        if not held:
            return
        # What was reaped may have been claimed again, here too: the last fence counts.
        fences = {claim.execution_id: claim.fence for claim in held}
        asked_at = monotonic()
        async with self.leases.system_session("heartbeat") as session:
            extended = await claims.extend(session, fences)
        self.alive_at = monotonic()
        for claim, one in held.items():
            id = claim.execution_id
            if id in extended and fences[id] == claim.fence:
                one.extended_at = asked_at
            else:
                one.stop.ask(StopReason.LEASE_LOST)

    async def _look_for_cancels(self) -> None:
        if not self._held:
            return
        held = [claim.execution_id for claim in self._held]
        async with self.leases.system_session("cancels") as session:
            asked = await claims.cancels_asked(session, held)
        self.alive_at = monotonic()
        for claim, one in self._held.items():
            if claim.execution_id in asked:
                one.stop.ask(StopReason.CANCELLED)

    def _give_up_what_was_not_extended(self) -> None:
        for held in self._held.values():
            if monotonic() - held.extended_at > UNREACHABLE_SECONDS:
                held.stop.ask(StopReason.LEASE_LOST)

    async def poll(self, run: Run) -> None:
        """Claim what waits while there is room: when a hint says so, when an execution
        ends, and now and then without either."""
        while not self.stopping:
            room = await self._reserve()
            self._look.clear()
            claims = [] if self.stopping else await self._claim(room)
            for claim in claims:
                task = asyncio.create_task(self._work_and_release(claim, run))
                self._at_work.add(task)
                task.add_done_callback(self._at_work.discard)
            for _ in range(room - len(claims)):
                self._room.release()
            if not claims:
                await self._until_hinted()

    async def _reserve(self) -> int:
        """Wait for room, then take all there is. A process at work waits a moment for
        more room: executions end one by one, and are best claimed several at once."""
        await self._room.acquire()
        if self._at_work:
            await asyncio.sleep(GATHER_SECONDS)
        room = 1
        while room < CLAIMS_AT_ONCE and not self._room.locked():
            await self._room.acquire()
            room += 1
        return room

    async def _until_hinted(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._look.wait()
        except TimeoutError:
            return  # a hint may have been lost: look without one

    async def _claim(self, most: int) -> list[Claim]:
        began = unix_milliseconds()
        try:
            await self._look_for_a_restore()
            async with self.database.system_session("claim") as session:
                found = await claims.claim(
                    session,
                    kind=self.kind,
                    worker=self.name,
                    running_cap=self.settings.organization_running_cap,
                    most=most,
                )
        except IntegrityError:
            # Another worker began the same task on the same account just now. What else
            # was picked still waits: look again.
            self._look.set()
            found = []
        except AWAY as error:
            log.warning("worker.database_away", error=type(error).__name__)
            return []
        finally:
            self.looped_at = monotonic()
        self.alive_at = monotonic()
        claimed = [claim.execution_id for claim in found]
        tracing.past("execution.claim", claimed, since=began)
        return found

    async def _look_for_a_restore(self) -> None:
        """Before the first claim: the beat may not have noticed it yet."""
        if not self._judged:
            await pulse.judge(self.database, self.settings, as_beat=False)
            self._judged = True

    async def _work_and_release(self, claim: Claim, run: Run) -> None:
        try:
            await self.work(claim, run)
        finally:
            self._room.release()

    def watch(self) -> None:
        """Start the watchdog: a process with a thread far beyond its deadline, or with
        an event loop that stands still, ends; its leases are then re-queued. One that
        only waits for Postgres goes on."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(HEARTBEAT_SECONDS):
            now = monotonic()
            held = list(self._held.items())
            overrun = [claim for claim, one in held if now > one.hard_deadline]
            stands_still = now - self.looped_at > OVERRUN_SECONDS
            if overrun or (stands_still and not self.stopping):
                log.critical(
                    "worker.wedged",
                    executions=[str(claim.execution_id) for claim in overrun],
                )
                os._exit(WEDGED_EXIT_CODE)
