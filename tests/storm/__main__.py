"""`python -m tests.storm [--short] [--failures=N]`: the last line is JSON; the exit
code is 0 only if nothing was lost, nothing inside was reached, and what came twice came
under the same id."""

import argparse
import sys
from pathlib import Path

import pytest

from tests.storm.figures import FIGURES, ORDER

FAILURES = 10_000
FAILURES_IN_SHORT = 1_000


def main() -> int:
    """Run the storms and say their figures; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm")
    parser.add_argument("--failures", type=int)
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args()
    usual = FAILURES_IN_SHORT if asked.short else FAILURES
    ORDER.failures = asked.failures or usual
    code = pytest.main([str(Path(__file__).parent), "-q", "--tb=short"])
    sys.stdout.write(f"{FIGURES.line()}\n")
    says_something = FIGURES.failures == ORDER.failures and FIGURES.notices > 0
    return int(code) or int(not (FIGURES.is_good and says_something))


if __name__ == "__main__":
    sys.exit(main())
