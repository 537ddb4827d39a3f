"""`python -m tests.billing [--long] [--seed=N] [--histories=N]`: proves the billing;
the last line is JSON, and the exit code 0 only if each figure is what it must be."""

import argparse
import secrets
import sys
from pathlib import Path

import pytest

from tests.billing.figures import FIGURES, ORDER

SHORT, LONG = 60, 2_000
RACES = 7
SEEDS = 1_000_000


def main() -> int:
    """Run the proof, say its figures; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.billing")
    parser.add_argument("--long", action="store_true", help=f"{LONG} histories")
    parser.add_argument("--seed", type=int, help="of the first history, to repeat it")
    parser.add_argument("--histories", type=int, help="how many, instead")
    arguments = parser.parse_args()
    ORDER.histories = arguments.histories or (LONG if arguments.long else SHORT)
    given = arguments.seed
    ORDER.first_seed = secrets.randbelow(SEEDS) if given is None else given
    sys.stderr.write(f"{ORDER.histories} histories from seed {ORDER.first_seed}\n")
    code = pytest.main([str(Path(__file__).parent), "-q", "--tb=short"])
    sys.stdout.write(f"{FIGURES.line()}\n")
    is_whole = (FIGURES.histories, FIGURES.quota_races) == (ORDER.histories, RACES)
    is_right = (FIGURES.wrong, FIGURES.quota_overrun) == (0, 0)
    says_something = 0 < FIGURES.entitled < FIGURES.histories
    says_something = says_something and FIGURES.read_only > 0
    return int(code) or int(not (is_whole and is_right and says_something))


if __name__ == "__main__":
    sys.exit(main())
