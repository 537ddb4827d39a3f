"""The demo's processes: started again when killed, ended when left over."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.demo import parts, supervisor
from tests.demo.client import wait_for
from tests.demo.parts import Part
from tests.demo.places import PYTHON
from tests.demo.screen import Screen
from tests.demo.supervisor import Supervisor, end_what_a_killed_demo_left

WAITS = "import signal; print('waits', flush=True); signal.pause()"
DIES = "import time; print('waits', flush=True); time.sleep(0.3)"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo's directory of this test's own."""
    for module in (parts, supervisor):
        monkeypatch.setattr(module, "DEMO", tmp_path)
        monkeypatch.setattr(module, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(supervisor, "MARKS", {"worker": tmp_path})
    _let_the_worker_be(WAITS, tmp_path, monkeypatch)
    return tmp_path


def _let_the_worker_be(
    program: str, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = (PYTHON, "-c", program, str(mark))
    part = Part("worker", argv, lambda logged: "waits" in logged)
    monkeypatch.setattr(supervisor, "PARTS", {"worker": lambda: part})


@pytest.fixture
def supervised(place: Path) -> Iterator[Supervisor]:
    made = Supervisor(Screen())
    made.start("worker")
    yield made
    made.stop()


def _waiting(mark: str) -> "subprocess.Popen[bytes]":
    """A process that was not started by any supervisor of this run."""
    process = subprocess.Popen(  # noqa: S603 # our own arguments, no shell
        (PYTHON, "-c", WAITS, mark), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _pid(place: Path) -> int:
    return int((place / "worker.pid").read_text())


def test_starts_a_killed_part_again_and_says_so(
    place: Path, supervised: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    killed = _pid(place)
    os.kill(killed, SIGKILL)
    fresh = wait_for(
        lambda: pid if (pid := _pid(place)) != killed else None, "it", within=10
    )
    assert Path(f"/proc/{fresh}").exists()
    said = wait_for(lambda: capsys.readouterr().out or None, "a word", within=10)
    assert f"(process {killed}) was ended by SIGKILL" in said
    assert f"started again as process {fresh}" in said


def test_gives_up_a_part_that_dies_again_and_again(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _let_the_worker_be(DIES, place, monkeypatch)
    monkeypatch.setattr(supervisor, "LOOK_EVERY_SECONDS", 0.05)
    made = Supervisor(Screen())
    made.start("worker")
    said = ""

    def is_given_up() -> bool | None:
        nonlocal said
        said += capsys.readouterr().out
        return "again and again" in said or None

    wait_for(is_given_up, "giving up", within=20)
    made.stop()
    assert said.count("started again") == supervisor.QUICK_DEATHS - 1


def test_stops_what_it_started(place: Path) -> None:
    made = Supervisor(Screen())
    made.start("worker")
    pid = _pid(place)
    made.stop()
    assert not Path(f"/proc/{pid}").exists()
    assert not (place / "worker.pid").exists()


def test_ends_what_a_killed_demo_left(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _waiting(str(place)) as left:
        (place / "worker.pid").write_text(str(left.pid))
        end_what_a_killed_demo_left(Screen())
        assert left.poll() is not None
    assert "a killed demo left its worker" in capsys.readouterr().out


def test_leaves_alone_a_stranger_that_wears_the_number(place: Path) -> None:
    with _waiting("of somebody else") as stranger:
        (place / "worker.pid").write_text(str(stranger.pid))
        end_what_a_killed_demo_left(Screen())
        assert stranger.poll() is None
        stranger.kill()
