"""Starts the product's processes, starts a killed one again, and stops them all."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from threading import Event, Lock, Thread

import psutil

from app.core import clock
from app.core.embedded.process import (
    Account,
    DidNotStart,
    find,
    spawn,
    wait_until_ready,
)
from tests.demo.parts import MARKS, PARTS, Part, pid_file_of
from tests.demo.places import DEMO, LOGS, product_environment
from tests.demo.screen import Screen

LOOK_EVERY_SECONDS = 0.5
STOP_WITHIN_SECONDS = 30
QUICK_DEATH_SECONDS = 10
QUICK_DEATHS = 3  # in a row, and it is not started again


@dataclass(slots=True)
class _Started:
    part: Part
    process: "subprocess.Popen[bytes]"
    at: float
    logged_before: int
    quick_deaths: int = 0
    given_up: bool = False


@dataclass
class Supervisor:
    """Whatever it started it stops again; whatever dies meanwhile lives again."""

    screen: Screen
    _started: dict[str, _Started] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _stopping: Event = field(default_factory=Event)
    _watch: Thread | None = None

    def start(self, *names: str) -> None:
        """Start these parts side by side and wait until each is ready."""
        LOGS.mkdir(exist_ok=True)
        for name in names:
            part = PARTS[name]()
            part.log.unlink(missing_ok=True)
            with self._lock:
                self._started[name] = _spawned(part)
        for name in names:
            self._wait_until_ready(self._started[name])
        if self._watch is None:
            self._watch = Thread(target=self._look, name="supervisor", daemon=True)
            self._watch.start()

    def stop(self) -> None:
        """End every part, those that work before those they talk to."""
        self._stopping.set()
        if self._watch is not None:
            self._watch.join()
        left = list(reversed(self._started.values()))
        living = [one for one in left if one.process.poll() is None]
        for one in living:
            one.process.send_signal(SIGTERM)
        for one in living:
            self._wait_for_end(one)
        for one in left:
            one.part.pid_file.unlink(missing_ok=True)
        self._started.clear()

    def _wait_until_ready(self, one: _Started) -> None:
        def logged() -> str:
            return _logged(one.part.log, one.logged_before)

        wait_until_ready(
            lambda: one.part.is_ready(logged()),
            lambda: one.process.poll() is None,
            name=f"the {one.part.name}",
            log=one.part.log,
        )
        self.screen.say(f"the {one.part.name} is up (process {one.process.pid})")

    def _wait_for_end(self, one: _Started) -> None:
        name, process = one.part.name, one.process
        try:
            process.wait(STOP_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.screen.say(f"the {name} hears no SIGTERM and is killed")
            process.kill()
            process.wait()
        self.screen.say(f"the {name} stopped")

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            with self._lock:
                for one in self._started.values():
                    if not one.given_up and one.process.poll() is not None:
                        self._start_again(one)

    def _start_again(self, one: _Started) -> None:
        died = f"the {one.part.name} (process {one.process.pid}) {_end_of(one.process)}"
        one.quick_deaths = one.quick_deaths + 1 if _ended_by_itself(one) else 0
        if one.quick_deaths >= QUICK_DEATHS:
            one.given_up = True
            self.screen.say(f"{died} again and again: see {one.part.log}")
            return
        fresh = _spawned(one.part)
        one.process, one.at = fresh.process, fresh.at
        one.logged_before = fresh.logged_before
        self.screen.say(f"{died}; started again as process {one.process.pid}")


def end_what_a_killed_demo_left(screen: Screen) -> None:
    """End the parts whose recorded number still belongs to such a process of ours."""
    left = {
        name: find(pid_file_of(name), MARKS[name]) for name in reversed(list(PARTS))
    }
    living = [process for process in left.values() if process is not None]
    for name, process in left.items():
        if process is not None:
            screen.say(f"a killed demo left its {name} (process {process.pid})")
            process.send_signal(SIGTERM)
    _, deaf = psutil.wait_procs(living, timeout=STOP_WITHIN_SECONDS)
    for process in deaf:
        process.kill()
    psutil.wait_procs(deaf)
    for name in left:
        pid_file_of(name).unlink(missing_ok=True)
    if living:
        screen.say("what a killed demo left is ended")


def run_to_end(what: str, argv: tuple[str, ...], environment: dict[str, str]) -> None:
    """Run one command of the product; raises `DidNotStart` with what it said."""
    done = subprocess.run(  # noqa: S603 # our own arguments, no shell
        argv,
        check=False,
        capture_output=True,
        text=True,
        cwd=DEMO,
        env=environment,
        start_new_session=True,
    )
    if done.returncode:
        raise DidNotStart(f"{what} failed:\n{done.stdout}{done.stderr}")


def _spawned(part: Part) -> _Started:
    logged_before = part.log.stat().st_size if part.log.exists() else 0
    process = spawn(
        part.argv,
        log=part.log,
        account=Account.ours(),
        environment=product_environment(),
        directory=DEMO,
    )
    part.pid_file.write_text(f"{process.pid}\n")
    return _Started(part, process, clock.monotonic(), logged_before)


def _logged(log: Path, since: int) -> str:
    with log.open("rb") as file:
        file.seek(since)
        return file.read().decode(errors="replace")


def _ended_by_itself(one: _Started) -> bool:
    """Soon after its start, and not because somebody killed it."""
    killed = one.process.returncode == -SIGKILL
    return not killed and clock.monotonic() - one.at < QUICK_DEATH_SECONDS


def _end_of(process: "subprocess.Popen[bytes]") -> str:
    code = process.returncode
    if code < 0:
        return f"was ended by {Signals(-code).name}"
    return f"ended with exit code {code}"
