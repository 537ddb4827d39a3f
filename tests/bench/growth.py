"""`make bench-growth`: what is asked of the database all the time, and what it costs
with ten times the rows, and again. It counts pages that were looked at, which other
processes do not disturb. The last line is JSON; the exit code is 1 where what must not
grow with the rows does."""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.clock import now
from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.settings import Settings
from app.models.problem import ProblemStatus
from app.models.run import Status
from app.models.task import ActionKind
from app.services import (
    audit_log,
    claims,
    executions,
    problems,
    resources,
    task_pages,
    tasks,
)
from app.services.dispatch import dispatch_due
from app.services.paging import Page, cursor_after
from app.tasks.publisher import RedisPublisher
from tests.bench import growth_ground as ground
from tests.bench.explained import Cost, cost_of
from tests.bench.schedule_ground import add_tasks, clear, owner, settle
from tests.truth.ground import servers

_FIRST = Page(50)
_MOST_GROWTH = 4.0  # trees are a level higher
# Of a tenant with a tenth of all rows the database may read ten of them for each that
# it takes, in order, for that costs it less.
_NO_GROWTH = 10 * (_FIRST.limit + 1)
# Rows of other tenants cost these nothing; one's own are read until fifty are found.
_BY_ITS_OWN = frozenset(
    {
        *("tasks that are paused", "audit log, a rare act"),
        *("resources by a text", "resources by a tag"),
    }
)

_TENANTS = 10
_TASKS = 1_000  # whose executions they are
_WAITING = 100
_FAR = now() + timedelta(days=365)

_Work = Callable[[AsyncSession], Awaitable[object]]


@dataclass(frozen=True)
class Sizes:
    """How many there are at each step, in all; one tenant in ten is looked at."""

    tasks: Sequence[int]
    executions: Sequence[int]
    resources: Sequence[int]


SHORT = Sizes((1_000, 10_000), (10_000, 100_000), (10_000, 100_000))
USUAL = Sizes(
    (1_000, 10_000, 100_000), (10_000, 100_000, 1_000_000), (10_000, 100_000, 1_000_000)
)
LONG = Sizes(
    (1_000, 10_000, 100_000, 1_000_000),
    (10_000, 100_000, 1_000_000, 10_000_000),
    USUAL.resources,
)


class Growth:
    """By what is asked: its cost at each number of rows."""

    def __init__(self) -> None:
        self.costs: dict[str, dict[int, Cost]] = {}

    def note(self, asked: str, rows: int, cost: Cost) -> None:
        self.costs.setdefault(asked, {})[rows] = cost

    @property
    def factors(self) -> Mapping[str, float]:
        """Pages with the most rows, by those with the fewest."""
        found = {}
        for asked, costs in self.costs.items():
            pages = [cost.pages for cost in costs.values()]
            found[asked] = round(pages[-1] / pages[0], 2)
        return found

    @property
    def grown(self) -> Sequence[str]:
        """What must not have."""
        return [
            asked
            for asked, factor in self.factors.items()
            if factor > _MOST_GROWTH
            and list(self.costs[asked].values())[-1].pages > _NO_GROWTH
            and asked not in _BY_ITS_OWN
        ]

    def lines(self) -> Sequence[str]:
        lines = []
        for asked, costs in self.costs.items():
            steps = [
                f"{rows:>11,}: {cost.pages:>7,} pages {cost.ms:8.2f} ms"
                for rows, cost in costs.items()
            ]
            lines += [asked, *(f"  {step}" for step in steps)]
        return lines


class Ground:
    """The servers' database as it grows, and one tenant of it who looks."""

    def __init__(
        self,
        database: Database,
        connection: "asyncpg.Connection[asyncpg.Record]",
        tenant: UUID,
    ) -> None:
        self.database = database
        self.connection = connection
        self._tenant = tenant
        self.actor = Actor(tenant, None, None, Role.OWNER)

    async def read(self, work: _Work) -> Cost:
        return await cost_of(
            self.database, Login.APP, work, organization_id=self._tenant
        )

    async def act(self, work: _Work) -> Cost:
        return await cost_of(self.database, Login.SYSTEM, work)

    def pages(
        self, page_of: Callable[..., Awaitable[object]], filters: Callable[..., object]
    ) -> Callable[..., _Work]:
        """What makes the work of one page of what the filters let through."""

        def work(page: Page = _FIRST, **asked: Any) -> _Work:
            return lambda s: page_of(s, self.actor, page, filters=filters(**asked))

        return work

    async def middle(self, table: str) -> Page:
        """Half of what the tenant has lies before it."""
        its = f"FROM {table} WHERE organization_id = $1"
        half = f"(SELECT count(*) / 2 {its})"
        id = await self.connection.fetchval(
            f"SELECT id {its} ORDER BY id DESC OFFSET {half} LIMIT 1",
            self._tenant,
        )
        return Page(_FIRST.limit, cursor_after([id]))

    async def make_due(self, number: int) -> None:
        await self.connection.execute(
            "UPDATE tasks SET next_run_at = now() WHERE id IN"
            " (SELECT id FROM tasks ORDER BY id LIMIT $1)",
            number,
        )


@asynccontextmanager
async def _ground(settings: Settings) -> AsyncIterator[Ground]:
    publisher = RedisPublisher(settings)
    database = Database(settings, publisher)
    async with owner(settings) as connection:
        await settle(connection, _TENANTS)
        tenant = await connection.fetchval("SELECT id FROM organizations ORDER BY id")
        yield Ground(database, connection, UUID(str(tenant)))
    await database.close()
    await publisher.close()


async def _grow_tasks(on: Ground, sizes: Sequence[int], growth: Growth) -> None:
    tick = partial(dispatch_due, limit=1_000)
    page = on.pages(task_pages.page_of, tasks.Filters)
    for before, rows in pairwise((0, *sizes)):
        await add_tasks(on.connection, rows - before, next_run_at=_FAR)
        growth.note("an idle tick", rows, await on.act(tick))
        growth.note("tasks, first page", rows, await on.read(page()))
        middle = page(await on.middle("tasks"))
        growth.note("tasks, page in the middle", rows, await on.read(middle))
        paused = page(enabled=False)
        growth.note("tasks that are paused", rows, await on.read(paused))
    await clear(on.connection)


async def _grow_executions(on: Ground, sizes: Sequence[int], growth: Growth) -> None:
    await add_tasks(on.connection, _TASKS, next_run_at=_FAR)
    await on.make_due(_WAITING)
    async with on.database.system_session("bench") as session:
        await dispatch_due(session, limit=_WAITING)
    page = on.pages(executions.page_of, executions.Filters)

    def struck(**asked: Any) -> _Work:
        return lambda s: problems.page_of(s, on.actor, _FIRST, **asked)

    claim = partial(
        claims.claim, kind=ActionKind.READ, worker="bench", running_cap=20, most=10
    )
    for before, rows in pairwise((0, *sizes)):
        await ground.add_executions(on.connection, before, rows)
        growth.note("executions, first page", rows, await on.read(page()))
        middle = page(await on.middle("task_executions"))
        growth.note("executions, page in the middle", rows, await on.read(middle))
        failed = page(status=Status.FAILED)
        growth.note("executions that failed", rows, await on.read(failed))
        growth.note("ten are claimed", rows, await on.act(claim))
        await on.make_due(_WAITING)
        due = partial(dispatch_due, limit=_WAITING)
        growth.note("100 slots are recorded", rows, await on.act(due))
        growth.note("problems, first page", rows, await on.read(struck()))
        unclosed = struck(status=ProblemStatus.OPEN)
        growth.note("problems that are open", rows, await on.read(unclosed))
        counted = partial(problems.unclosed, actor=on.actor)
        growth.note("how many are open", rows, await on.read(counted))
    await clear(on.connection)


async def _grow_audit_log(on: Ground, sizes: Sequence[int], growth: Growth) -> None:
    page = on.pages(audit_log.page_of, audit_log.Filters)
    for before, rows in pairwise((0, *sizes)):
        await ground.add_audit_events(on.connection, before, rows)
        growth.note("audit log, first page", rows, await on.read(page()))
        rare = page(action="task.delete")
        growth.note("audit log, a rare act", rows, await on.read(rare))


async def _grow_resources(on: Ground, sizes: Sequence[int], growth: Growth) -> None:
    await ground.add_scopes(on.connection)
    page = on.pages(resources.page_of, resources.Filters)

    for before, rows in pairwise((0, *sizes)):
        await ground.add_resources(on.connection, before, rows)
        growth.note("resources, first page", rows, await on.read(page()))
        middle = page(await on.middle("resources"))
        growth.note("resources, page in the middle", rows, await on.read(middle))
        tagged = page(tags=("team=few",))
        growth.note("resources by a tag", rows, await on.read(tagged))
        named = page(text="of nobody")
        growth.note("resources by a text", rows, await on.read(named))


async def _measure(settings: Settings, sizes: Sizes) -> Growth:
    growth = Growth()
    async with _ground(settings) as on:
        await _grow_tasks(on, sizes.tasks, growth)
        await _grow_executions(on, sizes.executions, growth)
        await _grow_audit_log(on, sizes.executions, growth)
        await _grow_resources(on, sizes.resources, growth)
    return growth


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--long", action="store_true")
    asked = parser.parse_args()
    sizes = SHORT if asked.short else LONG if asked.long else USUAL
    with servers() as settings:
        growth = asyncio.run(_measure(settings, sizes))
    figures = {"bench": "growth", "factors": growth.factors, "grown": growth.grown}
    sys.stdout.write("\n".join([*growth.lines(), json.dumps(figures)]) + "\n")
    return 1 if growth.grown else 0


if __name__ == "__main__":
    sys.exit(main())
