"""`python -m tests.attack [--long] [--only=part] [--seed=N]`: attacks a real API
process; the last line is JSON, and the exit code 1 if a figure is not what it must be
(tests/attack/report.py)."""

import argparse
import logging
import secrets
import signal
import sys
from collections.abc import Mapping
from typing import Protocol

import structlog

from tests.attack import forging, fuzzing, leaks, outbound
from tests.attack.ground import Ground, ground
from tests.attack.report import Figures, Report, say

SEEDS = 1_000_000


class OnGround(Protocol):
    def __call__(self, ground: Ground, *, long: bool) -> Figures: ...


class Alone(Protocol):
    def __call__(self, *, long: bool) -> Figures: ...


# In this order; each by the name of its module.
ON_GROUND: Mapping[str, OnGround] = {
    "forging": forging.run,
    "outbound": outbound.run,
    "fuzzing": fuzzing.run,
    "leaks": leaks.run,
}
ALONE: Mapping[str, Alone] = {}


def main() -> None:
    """Run the parts, say what is wrong on stderr and the figures on stdout."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack")
    parser.add_argument("--long", action="store_true", help="ten times as many cases")
    parser.add_argument("--only", choices=[*ON_GROUND, *ALONE], help="one part")
    parser.add_argument("--seed", type=int, help="of an earlier run, to repeat it")
    arguments = parser.parse_args()
    _quiet()
    seed = secrets.randbelow(SEEDS) if arguments.seed is None else arguments.seed
    say(f"seed {seed}")
    report = Report(long=arguments.long)
    for figures in _played(arguments.only, seed, long=arguments.long):
        report.add(figures)
    faults = report.faults(partly=arguments.only is not None)
    for sentence in faults:
        say(sentence)
    sys.stdout.write(f"{report.line()}\n")
    sys.exit(1 if faults else 0)


def _played(only: str | None, seed: int, *, long: bool) -> list[Figures]:
    on_ground = {name: part for name, part in ON_GROUND.items() if only in {None, name}}
    played: list[Figures] = []
    if on_ground:
        with ground(seed) as attacked:
            for name, part in on_ground.items():
                say(f"── {name}")
                played.append(part(attacked, long=long))
    for name, alone in ALONE.items():
        if only in {None, name}:
            say(f"── {name}")
            played.append(alone(long=long))
    return played


def _quiet() -> None:
    """What this process itself logs of migrations is left out; and SIGTERM ends it as
    Ctrl-C does, so that nothing that was started is left."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )
    logging.disable(logging.WARNING)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


if __name__ == "__main__":
    main()
