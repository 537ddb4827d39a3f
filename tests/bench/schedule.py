"""`make bench-schedule`: the beat beside a bare prototype and schedulers of Celery, on
servers of its own: idle ticks with many tasks stored, all due at once, an outage of
three days; and the next run beside cronsim. Then what `bench-latency` and
`bench-worker` measure. The last line is JSON; the exit code is 1 where a ratio is
missed."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
import structlog
import uvloop

from app.core.settings import Settings
from tests.bench import (
    latency,
    loopback,
    schedule_beat,
    schedule_ground,
    schedule_idle,
    schedule_next_run,
    schedule_peers,
    schedule_prototype,
    throughput,
)
from tests.bench.peer import LeftOut
from tests.bench.schedule_beat import Burst, Outage
from tests.bench.schedule_idle import Idle
from tests.bench.schedule_next_run import NextRun
from tests.bench.schedule_peers import Beside, PeerBurst
from tests.bench.schedule_prototype import Prototype
from tests.truth.ground import servers

FEW = 1000
ROUNDS = 3
MOST_IDLE_RATIO = 2
MOST_DATABASE_MS = 5
LEAST_OF_PROTOTYPE = 0.4
LEAST_PER_SECOND = 10_000
MOST_MIB = 256
MOST_OUTAGE_SECONDS = 60


@dataclass(frozen=True)
class Sizes:
    """How many tasks are stored, due at once, and behind; for how many seconds slots
    are started; how many entries of a peer are due at once."""

    stored: int = 1_000_000
    due: int = 100_000
    behind: int = 100_000
    seconds: int = 60
    of_peers: int = 10_000


SHORT = Sizes(100_000, 20_000, 10_000, 20, 2_000)


@dataclass(frozen=True)
class Found:
    sizes: Sizes
    few: Idle
    many: Idle
    prototype: Prototype
    burst: Burst
    beside: Beside
    after: Idle
    outage: Outage
    next_run: NextRun

    def lines(self) -> list[str]:
        few, many, after = self.few, self.many, self.after
        burst, proto = self.burst, self.prototype
        outage, run = self.outage, self.next_run
        return [
            "An idle tick         median     CPU  in the database   pages",
            *(
                f"  {name:16} {idle.median_ms:6.2f} ms {idle.cpu_ms:5.2f} ms"
                f" {idle.database_ms:10.3f} ms {idle.pages:8}"
                for name, idle in (
                    (f"{FEW:,} tasks", few),
                    (f"{self.sizes.stored:,} tasks", many),
                    ("after the burst", after),
                )
            ),
            f"  by {', '.join(sorted(many.scans))}",
            f"{self.sizes.due:,} due at once",
            f"  beat      {burst.per_second:8,.0f}/s {burst.cpu_us:6.0f} µs CPU each",
            f"  prototype {proto.per_second:8,.0f}/s {proto.cpu_us:6.0f} µs CPU each",
            f"  the beat held at most {burst.most_mib:.0f} MiB",
            *self.beside.lines(),
            f"Three days away, {self.sizes.behind:,} minutely tasks",
            f"  made up for in {outage.seconds:.1f} s",
            f"  {outage.most_gaps} gap a task at most",
            f"  {outage.tasks_untold} tasks with slots that are not told exactly once",
            f"  the beat held at most {outage.most_mib:.0f} MiB",
            (
                f"Next run {run.ours_us:.1f} µs, cronsim {run.cronsim_us:.1f} µs, each"
                f" at most {run.worst_ratio:.2f} of it"
            ),
        ]

    def figures(self) -> dict[str, object]:
        return {
            "bench": "schedule",
            "stored": self.sizes.stored,
            "due_at_once": self.sizes.due,
            "idle_tick_1k_ms": round(self.few.cost_ms, 3),
            "idle_tick_1m_ms": round(self.many.cost_ms, 3),
            "idle_ratio": round(self.idle_ratio, 2),
            "idle_database_1m_ms": round(self.many.database_ms, 3),
            "idle_by_index": self.many.is_by_index,
            "idle_after_burst_ms": round(self.after.cost_ms, 3),
            "dispatch_per_s": round(self.burst.per_second),
            "dispatch_cpu_us": round(self.burst.cpu_us),
            "prototype_per_s": round(self.prototype.per_second),
            "prototype_cpu_us": round(self.prototype.cpu_us),
            "dispatch_by_prototype": round(self.by_prototype, 2),
            **self.beside.ratios(self.burst.per_second),
            "beat_most_mib": round(max(self.burst.most_mib, self.outage.most_mib)),
            "outage_tasks": self.sizes.behind,
            "outage_seconds": round(self.outage.seconds, 1),
            "gaps_per_task_max": self.outage.most_gaps,
            "tasks_untold": self.outage.tasks_untold,
            "next_run_us": round(self.next_run.ours_us, 2),
            "next_run_by_cronsim": round(
                self.next_run.ours_us / self.next_run.cronsim_us, 2
            ),
            "next_run_by_cronsim_worst": round(self.next_run.worst_ratio, 2),
        }

    @property
    def idle_ratio(self) -> float:
        return self.many.cost_ms / self.few.cost_ms

    @property
    def by_prototype(self) -> float:
        return self.burst.per_second / self.prototype.per_second

    def is_as_promised(self) -> bool:
        return (
            self.idle_ratio <= MOST_IDLE_RATIO
            and self.many.database_ms < MOST_DATABASE_MS
            and self.many.is_by_index
            and self.by_prototype >= LEAST_OF_PROTOTYPE
            and self.beside.is_as_promised(self.burst.per_second)
            and self.burst.per_second >= LEAST_PER_SECOND
            and max(self.burst.most_mib, self.outage.most_mib) <= MOST_MIB
            and self.outage.seconds <= MOST_OUTAGE_SECONDS
            and self.outage.most_gaps <= 1
            and self.outage.tasks_untold == 0
            and self.next_run.worst_ratio <= 1
        )


async def measure(settings: Settings, sizes: Sizes) -> Found:
    async with schedule_ground.owner(settings) as connection:
        await schedule_ground.settle(connection)
        later = await connection.fetchval("SELECT app_now() + interval '30 days'")
        await schedule_ground.add_tasks(connection, FEW, next_run_at=later)
        few = await schedule_idle.measure(settings)
        rest = sizes.stored - FEW
        await schedule_ground.add_tasks(connection, rest, next_run_at=later)
        many = await schedule_idle.measure(settings)
        rounds = [await _round(settings, connection, sizes) for _ in range(ROUNDS)]
        after = await schedule_idle.measure(settings)
        outage = await schedule_beat.measure_outage(settings, connection, sizes.behind)
    return Found(
        sizes,
        few,
        many,
        max((prototype for prototype, *_ in rounds), key=lambda one: one.per_second),
        max((burst for _, burst, _ in rounds), key=lambda one: one.per_second),
        schedule_peers.best(peers for *_, peers in rounds),
        after,
        outage,
        schedule_next_run.measure(),
    )


async def _round(
    settings: Settings, connection: asyncpg.Connection, sizes: Sizes
) -> tuple[Prototype, Burst, Mapping[str, PeerBurst | LeftOut]]:
    """All beside each other, for other processes disturb all."""
    return (
        await schedule_prototype.measure(settings, sizes.due),
        await schedule_beat.measure_burst(settings, connection, sizes.due),
        await schedule_peers.measure(settings, connection, sizes.of_peers),
    )


def main() -> int:
    loopback.enter()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a minute of it")
    sizes = SHORT if parser.parse_args().short else Sizes()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with servers() as settings:
        beat = uvloop.run(measure(settings, sizes))
    found = (beat, latency.measure(sizes.seconds, sizes.due), throughput.measure())
    figures: dict[str, object] = {}
    for one in found:
        sys.stdout.write("\n".join(one.lines()) + "\n")
        figures |= one.figures()
    sys.stdout.write(f"{json.dumps(figures)}\n")
    return 0 if all(one.is_as_promised() for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
