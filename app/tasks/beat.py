"""The due-task scheduler of `celery beat`: each tick claims what is due in Postgres,
reaps dead leases and repeats lost hints. Any number of beats may run."""

from typing import Any

import structlog
from celery.beat import Scheduler
from sqlalchemy.exc import DBAPIError

from app.core.clock import monotonic
from app.core.db import Database
from app.core.log import configure_logging
from app.core.settings import settings
from app.services import dispatch, reaping
from app.tasks import runtime

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
BATCH = 1000
SWEEP_SECONDS = 5.0


async def tick(database: Database) -> bool:
    """Dispatch one batch of due tasks; whether more may be waiting."""
    async with database.system_session("beat.dispatch") as session:
        count = await dispatch.dispatch_due(session, limit=BATCH)
    if count:
        log.info("beat.dispatched", tasks=count)
    return count == BATCH


async def sweep(database: Database) -> None:
    """Reap dead leases, then repeat hints."""
    async with database.system_session("beat.reap") as session:
        reaped = await reaping.reap(session, limit=BATCH)
    async with database.system_session("beat.hint_again") as session:
        hinted = await reaping.hint_again(session, limit=BATCH)
    if reaped or hinted:
        log.info("beat.swept", reaped=reaped, hinted=hinted)


class RotaScheduler(Scheduler):
    """Celery's beat calls `tick` for ever and sleeps as long as it answers."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        configure_logging(settings(), "beat")
        self._runtime = runtime.start_beat()
        self._swept_at = 0.0
        super().__init__(*arguments, **options)

    def setup_schedule(self) -> None:
        """The schedule stands in Postgres, so there is nothing to load."""

    def tick(self, *_: Any, **__: Any) -> float:
        try:
            more = self._runtime.call(tick, self._runtime.database)
            if monotonic() - self._swept_at >= SWEEP_SECONDS:
                self._swept_at = monotonic()
                self._runtime.call(sweep, self._runtime.database)
        except (DBAPIError, OSError) as error:
            # Nothing is lost: the slots wait in Postgres until it answers again.
            log.warning("beat.database_away", error=type(error).__name__)
            return TICK_SECONDS
        return 0.0 if more else TICK_SECONDS

    def close(self) -> None:
        super().close()
        runtime.stop()
