"""`make e2e`: the built console in a real browser, against the demo's servers.

The last line is JSON; pictures of every page are left in frontend/.results/pages.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.core.embedded.process import EmbeddedError
from tests.demo import story
from tests.demo.client import API, wait_for
from tests.demo.installation import Installation, installed
from tests.demo.places import (
    MAILBOX,
    PYTHON,
    ROOT,
    USER,
    forget_the_callers_environment,
)
from tests.demo.screen import Screen
from tests.mailbox import Mailbox

FRONTEND = ROOT / "frontend"
RESULTS = FRONTEND / ".results"
ENDED_WITHIN_SECONDS = 180
UNFINISHED = ("queued", "running")


def main() -> int:
    """0 if every test passed and nothing was found wrong on any page."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("e2e: there is no chromium here; on Debian: apt-get install chromium")
    if not (FRONTEND / "dist/index.html").is_file():
        sys.exit("e2e: the console is not built: make console")
    forget_the_callers_environment()
    shutil.rmtree(RESULTS, ignore_errors=True)
    screen = Screen()
    try:
        with installed(screen, port=None) as installation:
            _furnish(screen, installation)
            code = _browse(installation, chromium, sys.argv[1:])
    except EmbeddedError as error:
        sys.exit(f"e2e: {error}")
    found = _summary()
    sys.stdout.write(json.dumps(found) + "\n")
    return 1 if code or found["failed"] or found["axe_violations"] else 0


def _furnish(screen: Screen, installation: Installation) -> None:
    """An organization with accounts, tasks, and failures of each kind."""
    api = API(installation.url)
    story.retire_the_last(api, screen)
    installation.start_workers()
    story.sign_up(api, Mailbox(MAILBOX), screen)
    story.subscribe(api, screen)
    told, archive = story.connect(api, installation.emulator, screen)
    story.make_tasks(api, told, archive, screen)
    story.start_by_hand(api, told, screen)

    def all_ended() -> bool | None:
        items = list(api.items("/executions"))
        waiting = [one for one in items if one["status"] in UNFINISHED]
        problems = [one["missing_action"] for one in api.items("/problems")]
        ready = "secretsmanager:ListSecrets" in problems
        return True if items and not waiting and ready else None

    wait_for(all_ended, "the first failure", within=ENDED_WITHIN_SECONDS)
    api.close()


def _browse(installation: Installation, chromium: str, arguments: list[str]) -> int:
    user, node = USER.read(), Path(PYTHON).with_name("node")
    environment = {
        **os.environ,
        "CHROMIUM": chromium,
        "CONSOLE_URL": installation.url,
        "EMAIL": user["EMAIL"],
        "PASSWORD": user["PASSWORD"],
        "EMULATOR_URL": installation.emulator.url,
        "EMULATOR_SECRET": installation.emulator.root_secret.reveal(),
        "MAILBOX": str(MAILBOX),
        "PYTHON": PYTHON,
        "PATH": f"{node.parent}:{os.environ['PATH']}",
    }
    playwright = "node_modules/@playwright/test/cli.js"
    command = (str(node), playwright, "test", *arguments)
    ended = subprocess.run(  # noqa: S603 — our own command
        command, cwd=FRONTEND, env=environment, check=False
    )
    return ended.returncode


def _summary() -> dict[str, Any]:
    stats = json.loads((RESULTS / "report.json").read_text())["stats"]
    violations = RESULTS / "violations.txt"
    lines = violations.read_text().splitlines() if violations.is_file() else []
    scores = RESULTS / "lighthouse.json"
    return {
        "tests": stats["expected"] + stats["unexpected"] + stats["flaky"],
        "failed": stats["unexpected"],
        "axe_violations": len(lines),
        "lighthouse": json.loads(scores.read_text()) if scores.is_file() else None,
        **_weight(),
        "pictures": len(list((RESULTS / "pages").glob("*.png"))),
    }


def _weight() -> dict[str, Any]:
    """What `make check` holds to the budget: the build's size."""
    node = str(Path(PYTHON).with_name("node"))
    command = (node, "tools/budget.ts")
    told = subprocess.run(  # noqa: S603 — our own command
        command, cwd=FRONTEND, check=False, capture_output=True, text=True
    )
    sizes: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return {name: sizes[name] for name in ("first_load_kb", "largest_route_kb")}


if __name__ == "__main__":
    sys.exit(main())
