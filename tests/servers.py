"""The real servers that tests use, started when first asked for (a pytest plugin).

Each process of a test run has its own; what a killed run left behind is cleared.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from alembic import command
from alembic.config import Config

from app.core.bootstrap import TIMEOUTS, bootstrap
from app.core.db import Login
from app.core.embedded import Postgres, PostgresServer, Valkey, ValkeyServer
from app.core.embedded.process import locked
from app.core.settings import Settings
from tests.mailbox import Mailbox, MailServer
from tests.tenancy import pooler

if TYPE_CHECKING:
    from tests.emulator import EmulatorServer

ROOT = Path(__file__).parents[1]
# What tests write is thrown away: where there is room for it, it is kept in memory, so
# that a disk that stands still for seconds fails nothing that waits for so long.
_MEMORY = Path("/dev/shm")  # noqa: S108 — a directory of our own in it
_ROOM = 8 * 2**30


# A machine that stands still for as long as a request may take is no fault of the
# product, and what a statement may take is tested where it is set lower.
TIMEOUTS[Login.APP] = "60s"


def _runs() -> Path:
    has_room = (
        _MEMORY.is_dir()
        and shutil.disk_usage(_MEMORY).free > _ROOM
        and psutil.virtual_memory().available > _ROOM
    )
    if has_room:
        return _MEMORY / f"cloudrota-tests-{os.getuid()}"
    return ROOT / ".local/tests"


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """Where this process's servers keep their files; held by a lock while it lives."""
    runs = _runs()
    runs.mkdir(parents=True, exist_ok=True)
    with locked(runs / ".lock"):
        for left in runs.iterdir():
            if left.is_dir() and _is_abandoned(left):
                _clear(left)
        directory = Path(tempfile.mkdtemp(dir=runs))
        directory.chmod(0o755)  # so that root's PostgreSQL can be somebody else
        claim = (directory / "claim").open("w")
        fcntl.flock(claim, fcntl.LOCK_EX)
    with claim:
        yield directory
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def postgres_server(server_directory: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL with nothing in it but its superuser."""
    postgres = Postgres(server_directory / "postgres", durable=False)
    yield postgres.start()
    postgres.remove()


def migrated(server: PostgresServer, configured: Settings) -> None:
    """Make the logins, and the database of these settings by the migrations."""
    asyncio.run(bootstrap(server.superuser_url, configured))
    config = Config(ROOT / "alembic.ini")
    assert configured.database_owner_url is not None
    config.attributes["url"] = configured.database_owner_url.get_secret_value()
    command.upgrade(config, "head")


@pytest.fixture(scope="session")
def migrate() -> Callable[[PostgresServer, Settings], None]:
    """How the database that all tests clone is made."""
    return migrated


@pytest.fixture(scope="session")
def valkey_server(server_directory: Path) -> Iterator[ValkeyServer]:
    """An empty Valkey that keeps nothing on disk."""
    valkey = Valkey(server_directory / "valkey", durable=False)
    yield valkey.start()
    valkey.remove()


@pytest.fixture(scope="session")
def emulator(server_directory: Path) -> Iterator["EmulatorServer"]:
    """AWS accounts without anything in them."""
    from tests.emulator import Emulator  # noqa: PLC0415 # boto3 is slow to import

    server = Emulator(server_directory / "emulator").start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mail_server(server_directory: Path) -> Iterator[MailServer]:
    """A mail server in this process; `mailbox` is what arrives there."""
    server = MailServer(Mailbox(server_directory / "mailbox"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mailbox(mail_server: MailServer) -> Mailbox:
    """The mails that arrived at `mail_server`."""
    return mail_server.mailbox


def _is_abandoned(directory: Path) -> bool:
    with (directory / "claim").open("a") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _clear(directory: Path) -> None:
    from tests.emulator import Emulator  # noqa: PLC0415 # boto3 is slow to import

    Postgres(directory / "postgres").remove()
    Valkey(directory / "valkey").remove()
    Emulator(directory / "emulator").stop()
    for left in directory.glob("pgbouncer*/"):
        pooler.clear(left)
    shutil.rmtree(directory)
