"""`python -m tests.demo [--once] [--port N]`: the whole product on this machine.

Beside a running demo: `slots` accounts for every slot; `worker`, `beat`, `api` and
`mailbox` are one more process of that kind, in the foreground.
"""

import argparse
import os
import sys

from httpx import TransportError

from app.core.embedded.process import EmbeddedError
from tests.demo import slots
from tests.demo.client import API, Refused
from tests.demo.parts import PARTS
from tests.demo.places import (
    DEMO,
    SETTINGS,
    USER,
    forget_the_callers_environment,
    product_environment,
)
from tests.demo.run import run
from tests.demo.screen import Screen


def main() -> None:
    """Do what the command line asks; the exit code is 0 if all was as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo")
    parser.add_argument(
        "action", nargs="?", default="run", choices=("run", "slots", *PARTS)
    )
    parser.add_argument("--once", action="store_true", help="end when all is told")
    parser.add_argument("--port", type=int, help="of the API on 127.0.0.1")
    arguments = parser.parse_args()
    forget_the_callers_environment()
    screen = Screen()
    try:
        if arguments.action == "run":
            sys.exit(run(screen, once=arguments.once, port=arguments.port))
        _must_have_run()
        if arguments.action == "slots":
            sys.exit(_tell_slots(screen))
        _become(arguments.action)
    except (EmbeddedError, Refused, OSError) as error:
        sys.exit(f"demo: {error}")
    except TransportError as error:
        sys.exit(f"demo: no API answers where the last demo had it ({error})")


def _must_have_run() -> None:
    if not USER.path.exists():
        raise EmbeddedError("no demo has run in this checkout yet: start `make demo`")


def _tell_slots(screen: Screen) -> int:
    """Every slot of the minutely tasks as the API tells them; 1 if one is missing."""
    user = USER.read()
    api = API(SETTINGS.read()["PUBLIC_URL"])
    api.sign_in(user["EMAIL"], user["PASSWORD"])
    tables, accounts = slots.tell(api)
    api.close()
    for table in tables:
        screen.console.print(table)
    for account in accounts:
        mark = "✓" if account.is_whole else "✗"
        screen.say_plainly(f"{mark} {account.sentence}")
    return 0 if accounts and all(one.is_whole for one in accounts) else 1


def _become(name: str) -> None:
    """Be this part of the product, with the demo's settings."""
    os.chdir(DEMO)
    argv = PARTS[name]().argv
    os.execve(argv[0], argv, product_environment())  # noqa: S606 # our own arguments


if __name__ == "__main__":
    main()
