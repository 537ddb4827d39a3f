"""A real PgBouncer that pools transactions, in front of the tests' PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import Signals
from socket import create_connection

from pydantic import SecretStr
from sqlalchemy import make_url

from app.core.db import Login
from app.core.embedded import PostgresServer
from app.core.embedded.home import account_of, home, remove
from app.core.embedded.process import (
    LOOPBACK,
    end,
    find,
    free_port,
    spawn,
    wait_until_ready,
    write_private,
)
from app.core.settings import Settings

NAME = "PgBouncer"
SERVERS = 2  # connections to PostgreSQL, of each login to each database
# Where Debian puts it, which is not on everybody's path.
_PROGRAM = shutil.which("pgbouncer", path=f"{os.defpath}:/usr/sbin:/usr/local/sbin")
_CONFIGURATION, _PID = "pgbouncer.ini", "pid"
NOT_HERE = "PgBouncer is not installed (apt-get install pgbouncer, as .ci/run does)"


def is_here() -> bool:
    return _PROGRAM is not None


@contextmanager
def pooling(
    directory: Path, postgres: PostgresServer, *, lets_go: bool = True
) -> Iterator[int]:
    """It runs; the port at which clients reach it. As DEPLOYMENT.md says it lets go of
    what a client has prepared once the connection is another one's."""
    assert _PROGRAM is not None, NOT_HERE
    place = home(directory)
    account = account_of(place)
    port = free_port()
    logins = "".join(f'"cloudrota_{login}" "test"\n' for login in Login)
    write_private(place / "users.txt", logins, account)
    settings = {
        "listen_addr": LOOPBACK,
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": place / "users.txt",
        "pool_mode": "transaction",
        "default_pool_size": SERVERS,
        "max_client_conn": 500,
        "server_reset_query": "DEALLOCATE ALL",
        "server_reset_query_always": int(lets_go),
    }
    told = "".join(f"{name} = {value}\n" for name, value in settings.items())
    of_server = make_url(postgres.superuser_url).port
    databases = f"[databases]\n* = host={LOOPBACK} port={of_server}\n"
    configuration = place / _CONFIGURATION
    write_private(configuration, f"{databases}[pgbouncer]\n{told}", account)
    log = directory.with_name(f"{directory.name}.log")
    process = spawn([_PROGRAM, configuration], log=log, account=account)
    (place / _PID).write_text(str(process.pid))
    try:
        wait_until_ready(
            lambda: _listens(port), lambda: process.poll() is None, name=NAME, log=log
        )
        yield port
    finally:
        end(process, Signals.SIGINT, name=NAME)
        remove(directory)


def clear(directory: Path) -> None:
    """End what a killed run left behind there."""
    place = directory.resolve()
    left = find(place / _PID, place / _CONFIGURATION)
    if left is not None:
        end(left, Signals.SIGINT, name=NAME)
    remove(directory)


def _listens(port: int) -> bool:
    try:
        create_connection((LOOPBACK, port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def behind(settings: Settings, port: int) -> Settings:
    """The same logins and database by way of the pooler, and told so."""
    urls = {
        name: SecretStr(
            make_url(getattr(settings, name).get_secret_value())
            .set(port=port)
            .render_as_string(hide_password=False)
        )
        for name in (
            "database_url",
            "database_worker_url",
            "database_system_url",
            "database_owner_url",
        )
    }
    return settings.model_copy(update={**urls, "database_behind_pooler": True})
