"""Where the demo keeps its files, and what its processes get of the environment:
nothing that the caller's environment holds."""

import os
import sys
from pathlib import Path

from app.core.embedded.environment import EnvironmentFile
from app.core.embedded.process import ENVIRONMENT

ROOT = Path(__file__).parents[2]
DEMO = ROOT / ".local/demo"
LOGS = DEMO / "logs"
MAILBOX = DEMO / "mailbox"
PYTHON = sys.executable

SETTINGS = EnvironmentFile(DEMO / "dev.env")  # of the product, as the demo runs it
PRICES = DEMO / "prices.json"  # of the fake of Stripe
USER = EnvironmentFile(DEMO / "user.env")  # whom the demo signed up last

# What a terminal needs to be written to, and nothing else.
_KEPT = ("TERM", "COLORTERM", "NO_COLOR", "COLUMNS", "LINES")


def product_environment() -> dict[str, str]:
    """The whole environment of the product's processes."""
    return {
        **ENVIRONMENT,
        **SETTINGS.read(),
        "HOME": str(DEMO),  # no ~/.aws and no ~/.postgresql of whoever starts us
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


def forget_the_callers_environment() -> None:
    """So that no AWS_*, PG* or *_PROXY variable of the caller reaches any of us."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    os.environ.clear()
    os.environ.update(ENVIRONMENT, HOME=str(DEMO), **kept)
