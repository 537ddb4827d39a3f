"""The servers of a checkout under development and the settings that lead to them."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from app.core.embedded.environment import EnvironmentFile
from app.core.embedded.postgres import Postgres, PostgresServer
from app.core.embedded.process import LOOPBACK, PortTaken, free_port
from app.core.embedded.valkey import Valkey, ValkeyServer
from app.core.fresh_secrets import fresh_secrets
from app.core.secret import Secret

DATABASE = "cloudrota"

Server = TypeVar("Server", PostgresServer, ValkeyServer)

# The settings and the logins they are for (one password each).
LOGINS: Mapping[str, str] = {
    "DATABASE_URL": "cloudrota_app",
    "DATABASE_WORKER_URL": "cloudrota_worker",
    "DATABASE_SYSTEM_URL": "cloudrota_system",
    "DATABASE_OWNER_URL": "cloudrota_owner",
}

_DEFAULTS: Mapping[str, str] = {
    "ENVIRONMENT": "development",
    "PUBLIC_URL": f"http://{LOOPBACK}:8000",
    "MAIL_FROM": "no-reply@cloudrota.example",
}


class Development:
    """PostgreSQL and Valkey in `directory` (`.local/`), and its `dev.env`.

    A port that is None is the last one used, or a free one.
    """

    def __init__(
        self,
        directory: Path,
        *,
        postgres_port: int | None = None,
        valkey_port: int | None = None,
    ) -> None:
        self.directory = directory
        self.environment = EnvironmentFile(directory / "dev.env")
        self.superuser = EnvironmentFile(directory / "superuser.env")
        self._postgres_port = postgres_port
        self._valkey_port = valkey_port

    def up(self) -> list[str]:
        """Start what does not run yet, write the settings; what there is to tell."""
        self.directory.mkdir(exist_ok=True)
        written = self.environment.read()
        postgres, said = _start(
            lambda port: Postgres(self.directory / "postgres", port=port).start(),
            asked=self._postgres_port,
            last=_port(written.get("DATABASE_URL")),
        )
        valkey, said_too = _start(
            lambda port: Valkey(self.directory / "valkey", port=port).start(),
            asked=self._valkey_port,
            last=_port(written.get("REDIS_URL")),
        )
        self.environment.update(
            {
                **_secrets(),
                **_DEFAULTS,
                **written,
                **_addresses(written, postgres, valkey),
            }
        )
        self.superuser.update({"DATABASE_BOOTSTRAP_URL": postgres.superuser_url})
        return [*said, *said_too, *self.status()]

    def down(self) -> list[str]:
        """End both; what there is to tell."""
        return [
            f"{name} stopped" if server.stop() else f"{name} was not running"
            for name, server in self._servers().items()
        ]

    def status(self) -> list[str]:
        """A line for each server."""
        running = {name: server.running() for name, server in self._servers().items()}
        return [
            f"{name} runs on port {server.port} (process {server.process.pid})"
            if server
            else f"{name} is not running"
            for name, server in running.items()
        ]

    def remove(self) -> None:
        """End both and delete their data; the settings stay."""
        for server in self._servers().values():
            server.remove()

    def _servers(self) -> dict[str, Postgres | Valkey]:
        return {
            "PostgreSQL": Postgres(self.directory / "postgres"),
            "Valkey": Valkey(self.directory / "valkey"),
        }


def _start(
    start: Callable[[int | None], Server], *, asked: int | None, last: int | None
) -> tuple[Server, list[str]]:
    """The server on the port asked for, or on its last one unless that is taken."""
    if asked is not None:
        return start(asked), []
    try:
        return start(last), []
    except PortTaken as taken:
        server = start(None)
        return server, [f"{taken}; port {server.port} is used from now on"]


def _port(url: str | None) -> int | None:
    return urlsplit(url).port if url else None


def _secrets() -> dict[str, str]:
    """Fresh ones; the caller keeps those already written."""
    return {
        **fresh_secrets(),
        "SMTP_URL": f"smtp://{LOOPBACK}:{free_port()}",
    }


def _addresses(
    written: Mapping[str, str], postgres: PostgresServer, valkey: ValkeyServer
) -> dict[str, str]:
    """The servers' URLs as they are now, with the passwords the logins have."""
    urls = {"REDIS_URL": valkey.url}
    for name, login in LOGINS.items():
        password = urlsplit(written.get(name, "")).password
        secret = Secret(password or secrets.token_urlsafe(24))
        urls[name] = postgres.url(login, secret, DATABASE)
    return urls
