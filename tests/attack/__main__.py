"""`python -m tests.attack [--long] [--only=part] [--seed=N]`: attacks a real API
process; the last line is JSON, and the exit code 1 if a figure is not what it must be
(tests/attack/report.py)."""

import argparse
import logging
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from tests.attack import (
    assignment,
    forging,
    fuzzing,
    leaks,
    mutating,
    outbound,
    races,
    timing,
)
from tests.attack.ground import Ground, ground
from tests.attack.report import Figures, Report, say

SEEDS = 1_000_000


class OnGround(Protocol):
    def __call__(self, ground: Ground, *, long: bool) -> Figures: ...


class Alone(Protocol):
    def __call__(self, *, long: bool, seed: int) -> Figures: ...


@dataclass(frozen=True)
class Parts:
    """What is run, in this order, by the names of its modules."""

    on_ground: Mapping[str, OnGround]
    alone: Mapping[str, Alone]


PARTS = Parts(
    on_ground={
        "forging": forging.run,
        "outbound": outbound.run,
        "races": races.run,
        "timing": timing.run,
        "assignment": assignment.run,
        "fuzzing": fuzzing.run,
        "leaks": leaks.run,
    },
    alone={"mutating": mutating.run},
)


def main(given: Sequence[str] | None = None, parts: Parts = PARTS) -> int:
    """Run the parts, say what is wrong on stderr and the figures on stdout; the exit
    code."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack")
    parser.add_argument("--long", action="store_true", help="ten times as many cases")
    parser.add_argument("--only", choices=[*parts.on_ground, *parts.alone])
    parser.add_argument("--seed", type=int, help="of an earlier run, to repeat it")
    arguments = parser.parse_args(given)
    seed = secrets.randbelow(SEEDS) if arguments.seed is None else arguments.seed
    say(f"seed {seed}")
    report = Report(long=arguments.long)
    for figures in _played(parts, arguments.only, seed, long=arguments.long):
        report.add(figures)
    faults = report.faults(partly=arguments.only is not None)
    for sentence in faults:
        say(sentence)
    sys.stdout.write(f"{report.line()}\n")
    return 1 if faults else 0


def _played(
    parts: Parts, only: str | None, seed: int, *, long: bool
) -> Iterator[Figures]:
    chosen = {
        name: part for name, part in parts.on_ground.items() if only in {None, name}
    }
    if chosen:
        with ground(seed) as attacked:
            for name, part in chosen.items():
                say(f"── {name}")
                yield part(attacked, long=long)
    for name, alone in parts.alone.items():
        if only in {None, name}:
            say(f"── {name}")
            yield alone(long=long, seed=seed)


def _quiet() -> None:
    """What this process itself logs of migrations is left out; and SIGTERM ends it as
    Ctrl-C does, so that nothing that was started is left."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )
    logging.disable(logging.WARNING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


if __name__ == "__main__":
    _quiet()
    sys.exit(main())
