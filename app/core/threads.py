"""A bounded number of threads for one kind of blocking work, so that it can neither
starve the rest nor be starved by it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import anyio

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Threads:
    """At most so many at a time, in each event loop."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._limiters: dict[asyncio.AbstractEventLoop, anyio.CapacityLimiter] = {}

    async def run(
        self, work: Callable[[*Arguments], Result], *arguments: *Arguments
    ) -> Result:
        return await anyio.to_thread.run_sync(work, *arguments, limiter=self._limiter())

    def _limiter(self) -> anyio.CapacityLimiter:
        loop = asyncio.get_running_loop()
        for closed in [other for other in self._limiters if other.is_closed()]:
            del self._limiters[closed]
        return self._limiters.setdefault(loop, anyio.CapacityLimiter(self._at_once))
