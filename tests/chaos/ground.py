"""What chaos stands on: a PostgreSQL and a Valkey of its own that can be killed and
started again on the same ports, and databases cloned from one that the migrations
made."""

import asyncio
import base64
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
from alembic import command
from alembic.config import Config
from pydantic import SecretStr

from app.core.bootstrap import bootstrap
from app.core.clock import monotonic
from app.core.db import Login
from app.core.embedded import PortTaken, Postgres, PostgresServer, Valkey, ValkeyServer
from app.core.embedded.process import free_port
from app.core.secret import Secret
from app.core.settings import Settings

ROOT = Path(__file__).parents[2]
RUNS = ROOT / ".local/chaos"
TEMPLATE = "chaos_template"
_PASSWORD = Secret("chaos")
_RESTART_SECONDS = 30


@dataclass
class Ground:
    """The two servers. A kill is SIGKILL; `revive` starts them on the same data."""

    directory: Path
    postgres: Postgres
    valkey: Valkey
    postgres_server: PostgresServer
    valkey_server: ValkeyServer

    async def kill_postgres(self) -> None:
        """End the postmaster; its backends notice by themselves and end, too."""
        process = psutil.Process(self.postgres_server.process.pid)
        backends = process.children(recursive=True)
        self.postgres_server.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.postgres_server.process.wait, 30)
        await asyncio.to_thread(psutil.wait_procs, backends, 30)

    async def revive_postgres(self) -> None:
        self.postgres_server = await asyncio.to_thread(_start_again, self.postgres)

    async def tell_commit_times(self) -> None:
        """The judge asks when what was committed."""
        connection = await self.connect("postgres")
        await connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        await connection.close()
        await asyncio.to_thread(self.postgres.stop)
        await self.revive_postgres()

    async def kill_valkey(self) -> None:
        """Nothing is kept on disk: what it held is lost."""
        self.valkey_server.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.valkey_server.process.wait, 30)

    async def revive_valkey(self) -> None:
        self.valkey_server = await asyncio.to_thread(self.valkey.start)

    def settings(self, database: str, **more: object) -> Settings:
        """Of a process that reaches the servers directly."""

        def url(login: Login) -> SecretStr:
            return SecretStr(
                self.postgres_server.url(f"cloudrota_{login}", _PASSWORD, database)
            )

        settings = Settings(
            _env_file=None,
            environment="test",
            public_url="http://127.0.0.1:8000",
            secret_key=SecretStr("0123456789abcdef" * 4),
            access_token_minutes=60,
            database_url=url(Login.APP),
            database_worker_url=url(Login.WORKER),
            database_system_url=url(Login.SYSTEM),
            database_owner_url=url(Login.OWNER),
            database_pool_size=6,
            redis_url=SecretStr(self.valkey_server.url),
            platform_principal_arn="arn:aws:iam::000000000000:user/cloudrota-platform",
            platform_access_key_id="AKIAOFTHECHAOSHARNES",
            platform_secret_access_key=SecretStr("a-secret-of-the-fake"),
            credential_keys={
                "chaos": SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())
            },
            credential_active_key="chaos",
            artifact_directory=str(self.directory / "artifacts"),
        )
        return settings.model_copy(update=more)

    async def clone(self, name: str) -> None:
        """A migrated database of that name."""
        superuser = await asyncpg.connect(self.postgres_server.superuser_dsn)
        await superuser.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        await superuser.close()

    async def connect(self, database: str) -> asyncpg.Connection:
        """As the superuser, who is subject to nothing: for the harness alone."""
        dsn = self.postgres_server.superuser_dsn.rpartition("/")[0]
        return await asyncpg.connect(f"{dsn}/{database}", timeout=10)


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Servers for this run alone, migrated, and removed with it."""
    directory = _make_directory()
    postgres = Postgres(directory / "postgres", port=free_port(), durable=False)
    valkey = Valkey(directory / "valkey", port=free_port(), durable=False)
    try:
        made = Ground(
            directory,
            postgres,
            valkey,
            await asyncio.to_thread(postgres.start),
            await asyncio.to_thread(valkey.start),
        )
        await made.tell_commit_times()
        settings = made.settings(TEMPLATE)
        await bootstrap(made.postgres_server.superuser_url, settings)
        await asyncio.to_thread(_migrate, settings)
        yield made
    finally:
        postgres.remove()
        valkey.remove()
        shutil.rmtree(directory)


def _make_directory() -> Path:
    RUNS.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(dir=RUNS))
    directory.chmod(0o755)  # so that root's PostgreSQL can be somebody else
    return directory


def _migrate(settings: Settings) -> None:
    config = Config(ROOT / "alembic.ini")
    assert settings.database_owner_url is not None
    config.attributes["url"] = settings.database_owner_url.get_secret_value()
    command.upgrade(config, "head")


def _start_again(postgres: Postgres) -> PostgresServer:
    """A backend that has not noticed yet may still hold the port."""
    deadline = monotonic() + _RESTART_SECONDS
    while True:
        try:
            return postgres.start()
        except PortTaken:
            if monotonic() > deadline:
                raise
        time.sleep(0.1)
