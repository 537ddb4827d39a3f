"""A network of its own for a benchmark with peers in it: only this machine can be
reached, so that no peer asks the real AWS where it does not heed the emulator."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NETWORK = Path("/proc/self/net")
_ENTERED = "BENCH_IN_A_NETWORK_OF_ITS_OWN"


def enter() -> None:
    """Begin this program anew in such a network, if one can be made here."""
    if is_alone() or _ENTERED in os.environ:
        return
    command = _prefix(os.geteuid())
    if not _works(command):
        return
    os.environ[_ENTERED] = "1"
    again = [*command, sys.executable, *sys.orig_argv[1:]]
    os.execvp(again[0], again)  # noqa: S606 — our own command


def is_alone(network: Path = NETWORK) -> bool:
    """Whether no way leads out of this machine, as far as the kernel tells."""
    if not network.is_dir():
        return False  # no Linux: nothing is known
    _, *four = (network / "route").read_text().splitlines()
    six = network / "ipv6_route"
    lines = six.read_text().splitlines() if six.is_file() else []
    devices = {line.split()[0] for line in four} | {x.split()[-1] for x in lines}
    return devices <= {"lo"}


def _prefix(user: int) -> Sequence[str]:
    """Root makes a network as it is; another in a namespace of users, where it stays
    who it is, for PostgreSQL starts for nobody that is called root."""
    more = ("--user", "--map-current-user", "--keep-caps") if user else ()
    return (
        "unshare",
        *more,
        "--net",
        "sh",
        "-c",
        'ip link set lo up && exec "$@"',
        "-",
    )


def _works(command: Sequence[str]) -> bool:
    if not shutil.which(command[0]):
        return False
    tried = subprocess.run([*command, "true"], capture_output=True, check=False)  # noqa: S603 — our own command
    return tried.returncode == 0
