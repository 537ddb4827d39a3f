"""`python -m tests.truth [--short]`: injects an error at every call of every unit of
every curated check, and of a sample of all others, through the real worker; the last
line is JSON, and the exit code 1 if any end was not what it must be."""

import argparse
import asyncio
import logging
import sys

import structlog

from app.core.clock import monotonic
from app.core.settings import Settings
from tests.truth import ground
from tests.truth.drills import Breadth, Drill, curated, generic
from tests.truth.rehearsals import Rehearsal, companies
from tests.truth.stage import Lane, Stage
from tests.truth.tally import GENERIC, Tally

SPARE = 1.1  # more of the sample than is wanted, for those that cannot be rehearsed


def main() -> None:
    """Run the drills; say what is wrong on stderr and the figures on stdout."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth")
    parser.add_argument("--short", action="store_true", help="one fault for each call")
    parser.add_argument("--only", help="drill only the service of this name")
    arguments = parser.parse_args()
    _quiet()
    breadth: Breadth = "short" if arguments.short else "full"
    drills = [*curated(), *generic(int(GENERIC[breadth] * SPARE))]
    if arguments.only:
        drills = [one for one in drills if one.service == arguments.only]
    with ground.servers() as settings:
        tally = asyncio.run(_run(settings, drills, breadth))
    wrong = [*tally.untruthful, *tally.miscategorised]
    short = [] if arguments.only else tally.shortfalls(len(curated()), breadth)
    for sentence in (*wrong, *tally.unproven, *short):
        _say(sentence)
    sys.stdout.write(f"{tally.line()}\n")
    sys.exit(1 if wrong or short else 0)


async def _run(settings: Settings, drills: list[Drill], breadth: Breadth) -> Tally:
    tally = Tally()
    waiting = companies(drills)[::-1]
    async with ground.stage(settings) as stage:
        first = Rehearsal(stage, stage.lanes[0], breadth, tally)
        await first.play_preamble(Drill("list", "ec2:DescribeVpcs", is_curated=False))
        await asyncio.gather(
            *(_play(stage, lane, waiting, breadth, tally) for lane in stage.lanes)
        )
    return tally


async def _play(
    stage: Stage, lane: Lane, waiting: list[list[Drill]], breadth: Breadth, tally: Tally
) -> None:
    while waiting:
        company = waiting.pop()
        began = monotonic()
        await Rehearsal(stage, lane, breadth, tally).play(company)
        took = monotonic() - began
        about = f"{len(company)} drills from {company[0].key}"
        _say(f"{about}: {took:.1f} s, {tally.injected} injections in all")


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _quiet() -> None:
    """What the worker logs of thousands of failures that are wanted is left out."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )
    logging.disable(logging.WARNING)


if __name__ == "__main__":
    main()
