"""A worker process that can do nothing more ends by itself, so that whoever keeps it
running starts another; one that only waits does not."""

import subprocess
import sys

import pytest
from pydantic import SecretStr

from app.core.settings import Settings
from app.tasks.runtime import DIED_EXIT_CODE
from app.tasks.worker import WEDGED_EXIT_CODE
from tests.tasks.processes import ROOT, environment

NOWHERE = SecretStr("postgresql+asyncpg://cloudrota_system:x@127.0.0.1:1/none")


def exit_code(settings: Settings, state: str) -> int:
    """Of a worker process in this state (tests/tasks/watched.py)."""
    ended = subprocess.run(  # noqa: S603 — our own command
        [sys.executable, "-m", "tests.tasks.watched", state],
        cwd=ROOT,
        env=environment(settings),
        check=False,
        timeout=120,
    )
    return ended.returncode


def test_a_worker_that_is_well_goes_on(configured: Settings) -> None:
    assert exit_code(configured, "well") == 0


@pytest.mark.parametrize("state", ["overrun", "still"])
def test_a_worker_that_is_wedged_ends(configured: Settings, state: str) -> None:
    assert WEDGED_EXIT_CODE == 70
    assert exit_code(configured, state) == WEDGED_EXIT_CODE


def test_a_worker_that_stops_is_left_to_its_end(configured: Settings) -> None:
    assert exit_code(configured, "stopping") == 0


def test_a_worker_that_waits_for_postgres_goes_on(configured: Settings) -> None:
    unreachable = configured.model_copy(update={"database_system_url": NOWHERE})
    assert exit_code(unreachable, "away") == 0


def test_a_worker_of_which_a_loop_died_of_an_error_ends(configured: Settings) -> None:
    assert DIED_EXIT_CODE == 71
    assert exit_code(configured, "broken") == DIED_EXIT_CODE


def test_a_loop_that_is_cancelled_has_not_died(configured: Settings) -> None:
    assert exit_code(configured, "stopped") == 0
