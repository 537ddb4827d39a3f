"""The peers that a benchmark measures beside ours, each with a Python of its own."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.loopback import is_alone
from tests.bench.spent import most_mib_of

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "peers"
_LOOK_SECONDS = 0.02


class LeftOut(Exception):
    """The peer is not measured; the reason is a sentence for the reader."""


class PeerFailed(Exception):
    """The peer was started and did not do its work: there is nothing to compare."""


def environment_of(name: str, root: Path = ROOT) -> Path:
    """The folder with the peer's programs. Raises LeftOut."""
    if not is_alone():
        raise LeftOut("no network without a way out can be made here")
    directory = root / ".local/peers" / name
    if not (directory / ".installed").is_file():
        raise LeftOut(
            f"it is not installed; `make {directory.relative_to(root)}/.installed`"
        )
    return directory / "bin"


@dataclass(frozen=True)
class Spent:
    """Seconds, seconds of CPU, the most MiB that one process held."""

    wall: float
    cpu: float
    most_mib: float


def run(command: Sequence[str], variables: Mapping[str, str], directory: Path) -> Spent:
    """What the peer took from its start to its end. Raises PeerFailed with what it
    wrote."""
    began, most_mib = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 — our own command
            command, env=variables, cwd=directory, stdout=log, stderr=subprocess.STDOUT
        )
        # The most that the kernel tells in the end may be ours, from which it began.
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            most_mib = max(most_mib, most_mib_of(process.pid))
            time.sleep(_LOOK_SECONDS)
        wall = time.perf_counter() - began
        _, status, usage = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            failed = PeerFailed(f"{command[0]} ended with {process.returncode}")
            failed.add_note(log.read().decode(errors="replace")[-2000:])
            raise failed
    return Spent(wall, usage.ru_utime + usage.ru_stime, most_mib)


def variables_of(url: str, region: str, home: Path) -> Mapping[str, str]:
    """What leads a tool for AWS to a server of ours, and nowhere else."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "AKIAOFTHEBENCHMARKS0",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
