"""`make bench-inventory`: 100,000 resources, written beside what COPY alone takes, and
read twice by a real worker process. The last line is JSON; the exit code is 1 where the
worker held too much, or an unchanged second run was slow or wrote versions."""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from app.core.db import Database
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher
from tests.bench.cloud import Account, cloud
from tests.bench.worker import Cost, bench_worker, settings_for
from tests.bench.writing import Written, measure
from tests.personae import make_people
from tests.truth.ground import servers

MOST_MIB = 400
MOST_SECOND_BY_FIRST = 0.5


async def _writing(settings: Settings, number: int, attempts: int) -> Written:
    """The best of some attempts, by the first read's seconds."""
    publisher = RedisPublisher(settings)
    database = Database(settings, publisher)
    people = await make_people(database, settings)
    found = [
        await measure(settings, database, people.alice.organization_id, number, attempt)
        for attempt in range(1, attempts + 1)
    ]
    await database.close()
    await publisher.close()
    return min(found, key=lambda one: one.first)


async def _worker(settings: Settings, number: int) -> tuple[Cost, Cost]:
    """The first run of a fresh worker process, and its second."""
    account = Account(functions=number, tables=0)
    with cloud(account) as url, tempfile.NamedTemporaryFile() as log:
        configured = settings_for(settings, url)
        async with bench_worker(configured, Path(log.name)) as worker:
            return await worker.run(), await worker.run()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument("--attempts", type=int, default=3)
    asked = parser.parse_args()
    with servers() as settings:
        written = asyncio.run(_writing(settings, asked.resources, asked.attempts))
    with servers() as settings:
        first, second = asyncio.run(_worker(settings, asked.resources))
    lines = [
        f"{asked.resources:,} resources of about 1 kB",
        f"  COPY alone, into a bare table      {written.copy:8.2f} s",
        f"  written for the first time         {written.first:8.2f} s",
        f"  written again, unchanged           {written.second:8.2f} s",
        f"  a worker process, first run        {first}",
        f"  the same, second run               {second}",
    ]
    figures = {
        "bench": "inventory",
        "resources": asked.resources,
        "copy_by_first_write": round(written.copy_by_first, 2),
        "second_by_first_write": round(written.second_by_first, 2),
        "versions_added_by_second": written.versions_added,
        "worker_most_mib": round(second.most_mib),
        "worker_second_by_first_run": round(second.wall / first.wall, 2),
    }
    sys.stdout.write("\n".join([*lines, json.dumps(figures)]) + "\n")
    is_as_promised = (
        second.most_mib < MOST_MIB
        and written.second_by_first <= MOST_SECOND_BY_FIRST
        and written.versions_added == 0
    )
    return 0 if is_as_promised else 1


if __name__ == "__main__":
    sys.exit(main())
