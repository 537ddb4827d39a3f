"""Mutation testing of tenancy, crypto, tokens and leases: one small fault after another
is made in a file, and the file's tests must notice it.

`python -m tests.attack.mutating [--long] [--seed=N] [--only=paths]` runs it by
itself. Short, a sample by the seed; long, every mutant.
"""

import argparse
import json
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal, TypeVar

from app.core.embedded import Postgres, Valkey
from tests.attack.mutants import Mutant, mutants_of
from tests.attack.nursery import name_of
from tests.attack.report import Figures, say
from tests.attack.targets import EQUIVALENT, TARGETS

ROOT = Path(__file__).parents[2]
RUNS = ROOT / ".local/attack"
NURSERIES = 2
SAMPLE = 120
_MAKES_THE_DATABASE = "alembic/tenancy.py"
_AT_LEAST_SECONDS = 30  # a child that is late may only have had to wait for its turn

_NO_OUTCOMES = {5, 99}  # no tests were found; something of ours went wrong

Process = subprocess.Popen[str]
Answer = TypeVar("Answer")
Fate = Literal["killed", "late", "survived", "unreached"]


@dataclass(frozen=True, slots=True)
class Reach:
    """What a test reaches, and how long it takes."""

    test: str
    seconds: float
    reached: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reaches:
    """`at_import` is what is reached before any test."""

    tests: Sequence[Reach]
    at_import: frozenset[str]


class Nursery:
    """A warm and a cold process that fork (nursery.py), with a PostgreSQL and a Valkey
    of their own."""

    def __init__(
        self, servers: Mapping[str, Any], *, warm: Process, cold: Process
    ) -> None:
        self._servers = servers
        self._processes = {True: warm, False: cold}

    def log(self) -> str:
        """What the child of before wrote."""
        return (Path(self._servers["directory"]) / "tests.log").read_text("utf-8")

    def run(
        self, tests: Sequence[str], timeout: float, *, is_warm: bool, **job: Any
    ) -> dict[str, Any]:
        """The outcome of a child that runs these tests."""
        process = self._processes[is_warm]
        asked = {"template": "cloudrota_template", **job, "servers": self._servers}
        asked |= {"tests": list(tests), "timeout": timeout, "is_warm": is_warm}
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{json.dumps(asked)}\n")
        process.stdin.flush()
        outcome: dict[str, Any] = json.loads(process.stdout.readline())
        return outcome


@contextmanager
def _nursery(tests: Sequence[str]) -> Iterator[Nursery]:
    from tests.attack.shared_servers import told  # noqa: PLC0415 — imports the suite

    RUNS.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(dir=RUNS))
    directory.chmod(0o755)  # so that root's PostgreSQL can be somebody else
    postgres = Postgres(directory / "postgres", durable=False)
    valkey = Valkey(directory / "valkey", durable=False)
    try:
        servers = {
            "postgres": told(postgres.start()),
            "valkey": told(valkey.start()),
            "directory": str(directory),
        }
        with _process() as cold, _process(*map(name_of, tests)) as warm:
            yield Nursery(servers, warm=warm, cold=cold)
    finally:
        postgres.remove()
        valkey.remove()
        shutil.rmtree(directory)


@contextmanager
def _process(*modules: str) -> Iterator[Process]:
    with subprocess.Popen(  # noqa: S603 — our own module
        [sys.executable, "-m", "tests.attack.nursery", *modules],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def run(*, long: bool, seed: int | None = None, only: str = "") -> Figures:
    """The score: how many of the mutants that can be told from the code were noticed.
    What has no outcome within its time counts as noticed, and is counted besides."""
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    wanted = only.split(",")
    files = [file for file in TARGETS if any(part in file for part in wanted)]
    every = [mutant for file in files for mutant in mutants_of(ROOT, file)]
    chosen = every
    if not long and len(every) > SAMPLE:
        say(f"a sample of {SAMPLE} of {len(every)} mutants, seed {seed}")
        chosen = random.Random(seed).sample(every, SAMPLE)  # noqa: S311 — a sample
    tests = sorted({test for mutant in chosen for test in TARGETS[mutant.file]})
    with ExitStack() as stack:
        opened = [stack.enter_context(_nursery(tests)) for _ in range(NURSERIES)]
        reaches = _reaches(opened, tests, {mutant.file for mutant in chosen})
        fates = _fates(opened, chosen, reaches)
    _tell(fates)
    return _figures(fates, {mutant.key for mutant in every}, whole=not only)


def _reaches(
    nurseries: Sequence[Nursery], tests: Sequence[str], files: set[str]
) -> Reaches:
    """What each of these tests reaches in the files, without any fault."""
    changed = sorted(files - {_MAKES_THE_DATABASE})

    def of(nursery: Nursery, share: Sequence[str]) -> dict[str, Any]:
        if not share:
            return {"by_test": {}, "at_import": []}
        outcome = nursery.run(share, 600, is_warm=False, files=changed)
        if outcome["code"] != 0:
            raise RuntimeError(f"without a fault {share} fail:\n{nursery.log()}")
        told: dict[str, Any] = outcome["told"]
        return told

    shares = [tests[at :: len(nurseries)] for at in range(len(nurseries))]
    told = _at_once(of, nurseries, shares)
    return Reaches(
        [
            Reach(test, one["seconds"], frozenset(one["reached"]))
            for part in told
            for test, one in part["by_test"].items()
        ],
        frozenset(name for part in told for name in part["at_import"]),
    )


def _fates(
    nurseries: Sequence[Nursery], mutants: Sequence[Mutant], reaches: Reaches
) -> list[tuple[Mutant, Fate]]:
    free: SimpleQueue[Nursery] = SimpleQueue()
    for nursery in nurseries:
        free.put(nursery)

    def of(mutant: Mutant) -> tuple[Mutant, Fate]:
        nursery = free.get()
        try:
            fate = _fate(nursery, mutant, reaches)
        finally:
            free.put(nursery)
        if fate in {"survived", "unreached"} and mutant.key not in EQUIVALENT:
            say(f"{fate}: {mutant} [{mutant.function}]")
        return mutant, fate

    return _at_once(of, mutants)


def _at_once(work: Callable[..., Answer], *of: Sequence[Any]) -> list[Answer]:
    """In as many threads as there are nurseries. Who interrupts waits for none: they
    end with the processes that they listen to."""
    threads = ThreadPoolExecutor(NURSERIES)
    try:
        return list(threads.map(work, *of))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _fate(nursery: Nursery, mutant: Mutant, reaches: Reaches) -> Fate:
    place = f"{name_of(mutant.file)} {mutant.function}"
    makes = mutant.file == _MAKES_THE_DATABASE
    is_cold = makes or not mutant.function or place in reaches.at_import
    own = [
        one
        for one in reaches.tests
        if one.test.partition("::")[0] in TARGETS[mutant.file]
        and (is_cold or place in one.reached)
    ]
    if not own:
        return "unreached"
    tests = [one.test for one in sorted(own, key=lambda one: one.seconds)]
    outcome = nursery.run(
        tests,
        max(_AT_LEAST_SECONDS, 4 * sum(one.seconds for one in own)),
        is_warm=not is_cold,
        file=mutant.file,
        number=mutant.number,
        function=mutant.outermost,
        **({"template": f"mutant_{mutant.number}"} if makes else {}),
    )
    if outcome["is_late"]:
        return "late"
    if outcome["code"] in {0, *_NO_OUTCOMES}:
        assert outcome["code"] == 0, nursery.log()
        return "survived"
    return "killed"


def _tell(fates: Sequence[tuple[Mutant, Fate]]) -> None:
    by_file: dict[str, Counter[str]] = {}
    for mutant, fate in fates:
        known = mutant.key in EQUIVALENT
        by_file.setdefault(mutant.file, Counter())["equal" if known else fate] += 1
    for file, counted in sorted(by_file.items()):
        said = ", ".join(f"{fate} {count}" for fate, count in counted.most_common())
        say(f"{file}: {said}")


def _figures(
    fates: Sequence[tuple[Mutant, Fate]], present: set[str], *, whole: bool
) -> Figures:
    counted: Counter[Fate] = Counter()
    wrong = [key for key in EQUIVALENT if whole and key not in present]
    for mutant, fate in fates:
        if mutant.key not in EQUIVALENT:
            counted[fate] += 1
        elif fate in {"killed", "late"}:
            wrong.append(mutant.key)
    for key in wrong:
        say(f"said to be equivalent, and is not, or is not there: {key}")
    killed = counted["killed"] + counted["late"]
    return {
        "mutation_score": round(killed / max(counted.total(), 1), 4),
        "mutants": counted.total(),
        "mutants_survived": counted.total() - killed,
        "mutants_late": counted["late"],
        "mutants_wrongly_excused": len(wrong),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.attack.mutating")
    parser.add_argument("--long", action="store_true", help="every mutant")
    parser.add_argument("--seed", type=int, help="of an earlier sample, to repeat it")
    parser.add_argument(
        "--only",
        default="",
        help="files whose path contains one of these, with commas between",
    )
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leaves nothing behind
    started = time.monotonic()
    figures = run(long=arguments.long, seed=arguments.seed, only=arguments.only)
    say(f"{time.monotonic() - started:.0f} seconds")
    sys.stdout.write(json.dumps(dict(figures)) + "\n")


if __name__ == "__main__":
    main()
