"""The dead man's switch: as long as slots are recorded in time, the beat asks the
operator's heartbeat address. Whoever watches that address hears it when it stops."""

import asyncio
from dataclasses import dataclass
from functools import partial

import structlog
from anyio import to_thread

from app.core import measures
from app.core.clock import monotonic
from app.core.db import AWAY, Database
from app.integrations.heartbeat import HeartbeatNotHeard, ping
from app.services import deployment
from app.services.deployment import Deployment
from app.tasks.runtime import Runtime

log = structlog.get_logger(__name__)

SECONDS = 60.0


@dataclass(slots=True)
class Heartbeat:
    """`ticked_at` is when the last tick succeeded: an instant of `clock.monotonic()`,
    None before the first."""

    database: Database
    url: str
    most_lag_seconds: int
    ticked_at: float | None = None

    async def beat(self) -> None:
        """For as long as the process lives, and off the path of its ticks."""
        while True:
            await asyncio.sleep(SECONDS)
            await self.beat_once()

    async def beat_once(self) -> bool:
        """Ask the address if all is well; whether it was asked and answered."""
        why_not = await self._why_not()
        if why_not is None:
            why_not = await self._ping()
        measures.PINGS.labels("sent" if why_not is None else "not_sent").inc()
        if why_not is not None:
            log.warning("heartbeat.not_sent", reason=why_not)
        return why_not is None

    async def _why_not(self) -> str | None:
        if self.ticked_at is None or monotonic() - self.ticked_at > SECONDS:
            return "No tick has succeeded for a minute."
        try:
            async with self.database.system_session("heartbeat") as session:
                return self.judge(await deployment.look(session))
        except AWAY as error:
            return f"The database is away ({type(error).__name__})."

    def judge(self, seen: Deployment) -> str | None:
        """Why this is no state to call well; None if it is."""
        if seen.lag_seconds > self.most_lag_seconds:
            return f"A slot is {seen.lag_seconds:.0f} s late."
        if seen.stranded_seconds > self.most_lag_seconds:
            return (
                f"An execution has waited for {seen.stranded_seconds:.0f} s, and no"
                " worker is at work."
            )
        return None

    async def _ping(self) -> str | None:
        try:
            await to_thread.run_sync(partial(ping, self.url))
        except HeartbeatNotHeard as error:
            return error.detail
        return None


def start(runtime: Runtime) -> Heartbeat | None:
    """The heartbeat of this process, beating; None where no address is set."""
    url = runtime.settings.heartbeat_url
    if url is None:
        return None
    lag = runtime.settings.heartbeat_lag_seconds
    made = Heartbeat(runtime.database, url.get_secret_value(), lag)
    runtime.spawn(made.beat)
    return made
