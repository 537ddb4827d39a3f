"""The due-task scheduler of `celery beat`: each tick claims what is due in Postgres,
reaps dead leases and repeats lost hints. Any number of beats may run."""

import asyncio
import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from celery.beat import Scheduler

from app.core.clock import monotonic
from app.core.db import AWAY, Database
from app.core.log import configure_logging
from app.core.settings import settings
from app.services import dispatch, reaping
from app.tasks import heartbeat, housekeeping, pulse, runtime
from app.tasks.worker import WEDGED_EXIT_CODE

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
BATCH = 1000
# While the database works on some batches, another one is planned. In one of them the
# tenants take turns, which costs half as much again.
LANES = 3
SWEEP_SECONDS = 5.0
# A tick that dispatches for as long as it may, and sweeps, takes a tenth of it.
WEDGED_SECONDS = 120.0
_LOOK_SECONDS = 15.0


async def tick(database: Database) -> bool:
    """Dispatch what is due, for no longer than until the next sweep; whether more may
    be waiting. Idle, this is one statement; once there is more than one batch, a lane
    goes from tenant to tenant, so that none waits behind the many of another."""
    if not await _dispatch(database, in_turn=False):
        return False
    until = monotonic() + SWEEP_SECONDS
    lanes = [_dispatch_until(database, until, in_turn=n == 0) for n in range(LANES)]
    ended = await asyncio.gather(*lanes, return_exceptions=True)
    for error in ended:
        if isinstance(error, BaseException):
            raise error
    return any(ended)


async def _dispatch(database: Database, *, in_turn: bool) -> bool:
    """One batch; whether more may be waiting."""
    try:
        async with database.system_session("beat.dispatch") as session:
            done = await dispatch.dispatch_due(session, limit=BATCH, in_turn=in_turn)
    except dispatch.REFUSALS as error:
        # Some task's row is refused: the others shall not wait for it.
        log.warning("beat.batch_refused", error=type(error).__name__)
        async with database.system_session("beat.dispatch") as session:
            done = await dispatch.dispatch_due(
                session, limit=BATCH, in_turn=in_turn, one_by_one=True
            )
    if done.tasks:
        log.info("beat.dispatched", tasks=done.tasks)
    return done.more


async def _dispatch_until(database: Database, until: float, *, in_turn: bool) -> bool:
    while monotonic() < until:
        if not await _dispatch(database, in_turn=in_turn):
            return False
    return True


async def sweep(database: Database) -> None:
    """Reap dead leases, then repeat hints."""
    async with database.system_session("beat.reap") as session:
        reaped = await reaping.reap(session, limit=BATCH)
    async with database.system_session("beat.hint_again") as session:
        hinted = await reaping.hint_again(session, limit=BATCH)
    if reaped or hinted:
        log.info("beat.swept", reaped=reaped, hinted=hinted)


def end_if_wedged(
    alive_at: Callable[[], float], *, look_every: float = _LOOK_SECONDS
) -> None:
    """For ever, on a thread of its own: a process whose ticks stand still ends, so that
    whoever keeps it running starts another."""
    pause = threading.Event()
    while not pause.wait(look_every):
        if monotonic() - alive_at() > WEDGED_SECONDS:
            log.critical("beat.wedged")
            os._exit(WEDGED_EXIT_CODE)


class RotaScheduler(Scheduler):
    """Celery's beat calls `tick` for ever and sleeps as long as it answers."""

    def setup_schedule(self) -> None:
        """Celery makes two schedulers, one only to name it in its banner, and sets up
        the one that ticks: that one lives on the runtime. The schedule itself stands in
        Postgres, so there is nothing to load."""
        configure_logging(settings(), "beat")
        self._runtime = runtime.start_beat()
        self._swept_at = 0.0
        self._pulsed_at: float | None = None
        self._alive_at = monotonic()
        self._heartbeat = heartbeat.start(self._runtime)
        self._runtime.spawn(housekeeping.keep, self._runtime.database)
        threading.Thread(
            target=end_if_wedged,
            args=(lambda: self._alive_at,),
            name="watchdog",
            daemon=True,
        ).start()
        log.info("beat.started")

    def tick(self, *_: Any, **__: Any) -> float:
        self._alive_at = monotonic()
        try:
            self._say_alive()
            more = self._runtime.call(tick, self._runtime.database)
            if monotonic() - self._swept_at >= SWEEP_SECONDS:
                self._swept_at = monotonic()
                self._runtime.call(sweep, self._runtime.database)
        except AWAY as error:
            # Nothing is lost: the slots wait in Postgres until it answers again.
            log.warning("beat.database_away", error=type(error).__name__)
            return TICK_SECONDS
        self._runtime.ticked_at = monotonic()
        if self._heartbeat is not None:
            self._heartbeat.ticked_at = self._runtime.ticked_at
        return 0.0 if more else TICK_SECONDS

    def _say_alive(self) -> None:
        """Before the first tick and each minute: a restored database plans nothing."""
        at = self._pulsed_at
        if at is None or monotonic() - at >= pulse.SECONDS:
            self._runtime.call(
                partial(pulse.judge, as_beat=True),
                self._runtime.database,
                self._runtime.settings,
            )
            self._pulsed_at = monotonic()

    def close(self) -> None:
        super().close()
        runtime.stop()
