"""The worker and a peer on one account, in turns."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.core.db import Login
from app.core.settings import Settings
from app.models.inventory import Finding, Scope
from tests.bench.cloud import Account, cloud
from tests.bench.peer import LeftOut, Spent
from tests.bench.versus import Gate, Seen, Versus
from tests.bench.worker import BenchWorker, bench_worker, settings_for

FAULTS = ("degraded", "unhealthy")


@dataclass(frozen=True)
class Contest:
    """`peer` does its work once at the URL; it raises LeftOut and PeerFailed. `wanted`
    is what our task is about."""

    title: str
    name: str
    gates: Sequence[Gate]
    peer: Callable[[str], Seen]
    rounds: int
    wanted: Mapping[str, Any]

    def hold(self, settings: Settings, account: Account) -> Versus:
        """On the servers that `settings` lead to."""
        with cloud(account) as url:
            ours, theirs = asyncio.run(self._rounds(settings_for(settings, url), url))
        start = None
        if not isinstance(theirs, LeftOut):
            empty = replace(account, functions=0, tables=0, keys=0, certificates=0)
            with cloud(empty) as url:
                start = self.peer(url).spent
        return Versus(self.title, self.name, self.gates, ours, theirs, start)

    async def _rounds(
        self, settings: Settings, url: str
    ) -> tuple[list[Seen], list[Seen] | LeftOut]:
        ours: list[Seen] = []
        theirs: list[Seen] = []
        with tempfile.NamedTemporaryFile() as log:
            async with bench_worker(settings, Path(log.name), self.wanted) as worker:
                await worker.run()  # its first, in which it loads what it needs
                for _ in range(self.rounds):
                    ours.append(await _run(worker))
                    try:
                        theirs.append(await asyncio.to_thread(self.peer, url))
                    except LeftOut as why:
                        return ours, why
        return ours, theirs


async def _run(worker: BenchWorker) -> Seen:
    cost = await worker.run()
    async with worker.database.unit_of_work(Login.OWNER) as session:
        rows = await session.execute(
            select(Scope.service, func.count())
            .join(Finding, Finding.scope_id == Scope.id)
            .where(Finding.until_read.is_(None), Finding.verdict.in_(FAULTS))
            .group_by(Scope.service)
        )
        faults = {f"{service} faults": number for service, number in rows}
    return Seen(Spent(cost.wall, cost.cpu, cost.most_mib), {**cost.found, **faults})
