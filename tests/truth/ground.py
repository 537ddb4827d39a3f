"""What a run of its own stands on: a PostgreSQL and a Valkey made for it, migrated, and
removed with it; and the worker, which is the product's own."""

import asyncio
import base64
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import UUID

from alembic import command
from alembic.config import Config
from pydantic import SecretStr

from app.core.bootstrap import bootstrap
from app.core.crypto import LocalKeys
from app.core.db import Database, Login
from app.core.embedded import Postgres, PostgresServer, Valkey, ValkeyServer
from app.core.secret import Secret
from app.core.settings import Settings
from app.services import credential_opening
from app.tasks.publisher import RedisPublisher
from app.tasks.worker import Worker
from tests.aws.fake_aws import FakeAWS
from tests.personae import make_people
from tests.truth.stage import LANES, Stage

ROOT = Path(__file__).parents[2]
PLATFORM_KEY = "AKIAPLATFORMOFTRUTH0"


@contextmanager
def servers() -> Iterator[Settings]:
    """Settings that lead to servers of this run's own."""
    runs = ROOT / ".local/truth"
    runs.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(dir=runs))
    directory.chmod(0o755)  # so that root's PostgreSQL can be somebody else
    postgres = Postgres(directory / "postgres", durable=False)
    valkey = Valkey(directory / "valkey", durable=False)
    try:
        server = postgres.start()
        settings = _settings(server, valkey.start())
        asyncio.run(bootstrap(server.superuser_url, settings))
        _migrate(settings)
        yield settings
    finally:
        postgres.remove()
        valkey.remove()
        shutil.rmtree(directory)


def _settings(postgres: PostgresServer, valkey: ValkeyServer) -> Settings:
    def url(login: Login) -> SecretStr:
        return SecretStr(postgres.url(f"cloudrota_{login}", Secret("truth"), "truth"))

    return Settings(
        _env_file=None,
        environment="test",
        public_url="http://127.0.0.1:8000",
        secret_key=SecretStr("0123456789abcdef" * 4),
        database_url=url(Login.APP),
        database_worker_url=url(Login.WORKER),
        database_system_url=url(Login.SYSTEM),
        database_owner_url=url(Login.OWNER),
        redis_url=SecretStr(valkey.url),
        platform_principal_arn="arn:aws:iam::000000000000:user/cloudrota-platform",
        credential_keys={
            "truth": SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())
        },
        credential_active_key="truth",
    )


def _migrate(settings: Settings) -> None:
    config = Config(ROOT / "alembic.ini")
    assert settings.database_owner_url is not None
    config.attributes["url"] = settings.database_owner_url.get_secret_value()
    command.upgrade(config, "head")


@asynccontextmanager
async def stage(
    settings: Settings, organization_id: UUID | None = None
) -> AsyncIterator[Stage]:
    """The stage on a migrated database, in an organization of its own if none is given;
    while it stands, no session reaches AWS."""
    configured = settings.model_copy(
        update={
            "platform_access_key_id": PLATFORM_KEY,
            "platform_secret_access_key": SecretStr("a-secret-of-the-fake"),
            # What fell over is still held by its lease.
            "organization_running_cap": 1000,
            "worker_concurrency": LANES,
        }
    )
    publisher = RedisPublisher(configured)
    database = Database(configured, publisher)
    leases = Database(configured, publisher)
    with FakeAWS().everywhere() as fake:
        worker = Worker(
            settings=configured,
            database=database,
            leases=leases,
            keys=LocalKeys.from_settings(configured),
            platform=credential_opening.platform_session(configured),
            endpoint=credential_opening.endpoint(configured),
        )
        if organization_id is None:
            people = await make_people(database, configured)
            organization_id = people.alice.organization_id
        made = Stage(fake, database, worker)
        await made.open(organization_id)
        yield made
    await leases.close()
    await database.close()
    await publisher.close()
