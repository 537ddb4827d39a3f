"""`python -m tests.drill`: fills a database, backs it up, goes on, destroys it and
restores it, on servers of its own. The last line is JSON, and the exit code 0 only if
each figure is what it must be."""

import sys
from pathlib import Path

import pytest

from tests.drill.figures import FIGURES

DRILLS = 2  # on the same server, and on another one


def main() -> int:
    """Run it, say its figures; the exit code."""
    code = pytest.main([str(Path(__file__).parent), "-q", "--tb=short"])
    sys.stdout.write(f"{FIGURES.line()}\n")
    is_whole = FIGURES.drills == DRILLS
    return int(code) or int(not (is_whole and FIGURES.are_right))


if __name__ == "__main__":
    sys.exit(main())
