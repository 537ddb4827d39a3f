"""A pytest plugin whose servers run already, in place of those of tests/servers.py."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest

import tests.conftest
import tests.servers
from app.core.embedded import PostgresServer, ValkeyServer
from app.core.secret import Secret
from app.core.settings import Settings


def told(server: PostgresServer | ValkeyServer) -> dict[str, Any]:
    """How a child is told of a server."""
    password = (
        server.superuser_password
        if isinstance(server, PostgresServer)
        else server.password
    )
    return {
        "port": server.port,
        "password": password.reveal(),
        "pid": server.process.pid,
    }


class SharedServers:
    """Takes the place of the fixtures once the suite's own are known. `template` is
    the migrated database: made by the first who finds the mark missing, or, with a
    name of its own, by whoever changes how it is made."""

    def __init__(self, servers: dict[str, Any], *, template: str) -> None:
        self._servers = servers
        self._template = template

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        tests.conftest.TEMPLATE = self._template
        session.config.pluginmanager.register(_fixtures(self._servers, self._template))


def _fixtures(servers: dict[str, Any], template: str) -> ModuleType:
    """Named as those whose place they take."""
    mark = Path(servers["directory"]) / template

    @pytest.fixture(scope="session")
    def postgres_server() -> PostgresServer:
        one = servers["postgres"]
        process, password = psutil.Process(one["pid"]), Secret(one["password"])
        return PostgresServer(one["port"], password, process, started_here=False)

    @pytest.fixture(scope="session")
    def valkey_server() -> ValkeyServer:
        one = servers["valkey"]
        process, password = psutil.Process(one["pid"]), Secret(one["password"])
        return ValkeyServer(one["port"], password, process, started_here=False)

    @pytest.fixture(scope="session")
    def migrate() -> Callable[[PostgresServer, Settings], None]:
        def once(server: PostgresServer, configured: Settings) -> None:
            if not mark.exists():
                tests.servers.migrated(server, configured)
                mark.touch()

        return once

    # Fixtures are looked for in modules and in classes.
    found = ModuleType(f"{__name__}.fixtures")
    for fixture in (postgres_server, valkey_server, migrate):
        setattr(found, fixture.__name__, fixture)
    return found
