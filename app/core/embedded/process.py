"""Starting, finding again and ending one detached server process on this machine."""

import errno
import fcntl
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from signal import Signals
from typing import Protocol

import psutil

from app.core import clock

LOOPBACK = "127.0.0.1"

# Below the range from which systems take the ports of outgoing connections, so that
# a port remembered from the last start is not borrowed in between.
PORTS = range(20_000, 32_000)

# The servers get nothing of the caller's environment: a PGPORT or LC_ALL left there
# must not change how they start.
ENVIRONMENT: Mapping[str, str] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

# A Popen forgotten while its process runs complains; ours are meant to run on.
_children: "list[subprocess.Popen[bytes]]" = []


class EmbeddedError(Exception):
    """What stopped an embedded server, said for the person who started it."""


class PortTaken(EmbeddedError):
    """Another program listens on the port asked for."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"port {port} of {LOOPBACK} is taken by another program: "
            "end that program or choose another port"
        )


class DidNotStart(EmbeddedError):
    """The server ended, or was not ready in time; its last words are in the text."""


class DidNotStop(EmbeddedError):
    """The server was asked to stop and still runs."""


class NotReachable(EmbeddedError):
    """The server's directory cannot be used by whoever starts it now."""


class Running(Protocol):
    """What `subprocess.Popen` (our child) and `psutil.Process` (found) share."""

    @property
    def pid(self) -> int: ...

    def send_signal(self, sig: int, /) -> None: ...

    def wait(self, timeout: float | None = None) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a server runs as. Only root can choose one that is not itself."""

    uid: int
    gid: int

    @classmethod
    def ours(cls) -> "Account":
        return cls(os.geteuid(), os.getegid())

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def user(self) -> int | None:
        return None if self.is_ours else self.uid

    @property
    def group(self) -> int | None:
        return None if self.is_ours else self.gid

    @property
    def groups(self) -> list[int] | None:
        return None if self.is_ours else []

    def own(self, path: Path) -> None:
        """Give `path`, which we have just made, to this account."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def run(
    argv: Sequence[str | Path], account: Account
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end as `account`, its output captured."""
    return subprocess.run(  # noqa: S603 # our own arguments, no shell
        argv,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=ENVIRONMENT,
        user=account.user,
        group=account.group,
        extra_groups=account.groups,
    )


def can_reach(path: Path, account: Account) -> bool:
    """Whether `account` may enter this directory, or run this program."""
    return not run(["/bin/sh", "-c", 'test -x "$1"', "sh", path], account).returncode


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    account: Account,
    environment: Mapping[str, str] = ENVIRONMENT,
    directory: Path = Path("/"),
) -> "subprocess.Popen[bytes]":
    """Start a server that outlives us and hears no Ctrl-C of our terminal."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 # our own arguments, no shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=directory,
            env=environment,
            user=account.user,
            group=account.group,
            extra_groups=account.groups,
        )
    _children.append(process)
    return process


def find(pid_file: Path, argument: Path) -> psutil.Process | None:
    """The live process that `pid_file` names, if `argument` is in its command line.

    A number alone proves nothing: after a crash another process may wear it.
    """
    try:
        process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        if str(argument) in process.cmdline():
            return process
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None  # what we may not look at is not ours either
    return None


def end(process: Running, signal: Signals, *, name: str, within: float = 60) -> None:
    """Ask `process` to stop and wait until it has; seconds."""
    process.send_signal(signal)
    try:
        process.wait(within)
    except (subprocess.TimeoutExpired, psutil.TimeoutExpired) as error:
        raise DidNotStop(
            f"{name} (process {process.pid}) still runs "
            f"{within:.0f} s after {signal.name}"
        ) from error
    _children[:] = [child for child in _children if child.poll() is None]


def wait_until_ready(
    ready: Callable[[], bool],
    alive: Callable[[], bool],
    *,
    name: str,
    log: Path,
    within: float = 60,
) -> None:
    """Wait for `ready()`; of a server that ends instead, its last words are said."""
    deadline = clock.monotonic() + within
    while not ready():
        if not alive() or clock.monotonic() > deadline:
            words = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
            raise DidNotStart(f"{name} did not start, its log {log} ends:\n{words}")
        time.sleep(0.01)


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As the servers do: a port whose last connections linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def free_port() -> int:
    """A loopback port on which nothing listens at this moment."""
    while not is_free(port := PORTS[secrets.randbelow(len(PORTS))]):
        pass
    return port


def require_free(port: int) -> int:
    """The port itself, or `PortTaken`."""
    if not is_free(port):
        raise PortTaken(port)
    return port


def package_directory(package: str) -> Path:
    """Where an installed package lies, without importing (running) any of it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"the package {package} is not installed: run ./setup.sh")
    return Path(spec.submodule_search_locations[0])


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold `path` as a lock between processes; the second waits for the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Replace `path` at once by a file that only its owner can read."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
    ) as file:
        file.write(text)
    if account is not None:
        account.own(fresh)
    fresh.replace(path)
