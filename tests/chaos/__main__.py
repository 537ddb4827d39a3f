"""`python -m tests.chaos [--long | --planted] [--seed=N]`: the run under faults, the
planted faults, or (long) both; these two are written into docs/reliability.md as well.
The last line is JSON; the exit code is 1 where anything was lost, doubled or wedged, a
planted fault was not seen, or a long run was not long. With `--minutes` it may be
shorter, and then the document is left as it is."""

import argparse
import asyncio
import logging
import secrets
import signal
import sys

import structlog

from tests.chaos import planted, sabotage
from tests.chaos.ground import ground
from tests.chaos.report import Length, Report
from tests.chaos.run import SHORT, long, run

SEEDS = 1_000_000


def main() -> None:
    """Play, judge, say what is wrong on stderr and the figures on stdout."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument(
        "--long", action="store_true", help="all of it, most of an hour"
    )
    parser.add_argument("--planted", action="store_true", help="only planted faults")
    parser.add_argument("--only", help="planted faults whose name contains this")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--minutes", type=int, help="of a long run")
    arguments = parser.parse_args()
    _quiet()
    seed = secrets.randbelow(SEEDS) if arguments.seed is None else arguments.seed
    _say(f"seed {seed}")
    report = asyncio.run(_play_unless_ended(arguments, seed))
    for sentence in report.said():
        _say(sentence)
    if (arguments.long or arguments.planted) and arguments.only is None:
        report.document()
    sys.stdout.write(f"{report.line()}\n")
    sys.exit(not report.is_good)


async def _play_unless_ended(arguments: argparse.Namespace, seed: int) -> Report:
    """SIGTERM ends it as Ctrl-C does: nothing that was started is left."""
    playing = asyncio.ensure_future(_play(arguments, seed))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, playing.cancel)
    return await playing


async def _play(arguments: argparse.Namespace, seed: int) -> Report:
    only_planted = arguments.planted or arguments.only is not None
    chosen = [one for one in sabotage.FAULTS if (arguments.only or "") in one.name]
    option = " LONG=1" if arguments.long else " PLANTED=1" if only_planted else ""
    option += f" MINUTES={arguments.minutes}" if arguments.minutes else ""
    wanted = "short" if only_planted else _wanted(arguments)
    report = Report(f"make chaos{option}", seed, wanted)
    async with ground() as made:
        if not only_planted:
            shape = long(arguments.minutes) if arguments.long else SHORT
            report.outcome = await run(made, shape, seed, _say)
        if only_planted or arguments.long:
            report.proofs = await planted.prove(made, chosen, seed, _say)
    return report


def _wanted(arguments: argparse.Namespace) -> Length:
    if not arguments.long:
        return "short"
    return "shortened" if arguments.minutes else "long"


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def _quiet() -> None:
    """What this process itself logs of migrations and lost connections is left out."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )
    logging.disable(logging.WARNING)


if __name__ == "__main__":
    main()
