"""What tests share: a migrated database of their own, the API on it, and people."""

import base64
import gc
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import LocalKeys
from app.core.db import Database, Login
from app.core.embedded import PostgresServer, ValkeyServer
from app.core.limits import Limiter
from app.core.secret import Secret
from app.core.settings import Settings
from app.main import create_app
from app.tasks.publisher import RedisPublisher
from tests.emulator import EmulatorServer
from tests.emulator_account import Account, Platform, fill, make_platform
from tests.mailbox import MailServer
from tests.personae import People, Persona, make_people

pytest_plugins = ["tests.servers", "tests.fakestripe.fixtures"]

ROOT = Path(__file__).parents[1]
TEMPLATE = "cloudrota_template"


# Millions of objects live as long as the run: tests, parsed code, the SDK's models. A
# full collection of garbage walks them all and stands still for seconds, which is more
# than what a test waits for may take. So there is none within a test.
gc.set_threshold(10_000, 10, 1_000_000)
ENOUGH = 10  # collections of the middle generation, each after 100,000 objects


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """What is there between two tests stays to the end and is looked at no more."""
    yield
    if gc.get_count()[2] >= ENOUGH:
        gc.collect()
        gc.freeze()


def _settings(
    postgres: PostgresServer, valkey: ValkeyServer, mail: MailServer, database: str
) -> Settings:
    def url(login: Login) -> SecretStr:
        return SecretStr(postgres.url(f"cloudrota_{login}", Secret("test"), database))

    return Settings(
        _env_file=None,
        environment="test",
        public_url="http://127.0.0.1:8000",
        secret_key=SecretStr("0123456789abcdef" * 4),
        database_url=url(Login.APP),
        database_worker_url=url(Login.WORKER),
        database_system_url=url(Login.SYSTEM),
        database_owner_url=url(Login.OWNER),
        database_pool_size=5,
        redis_url=SecretStr(valkey.url),
        smtp_url=SecretStr(mail.url),
        mail_from="Cloudrota <no-reply@cloudrota.example>",
        platform_principal_arn="arn:aws:iam::000000000000:user/cloudrota-platform",
        credential_keys={
            "test-1": SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())
        },
        credential_active_key="test-1",
        evidence_signing_key=SecretStr(base64.b64encode(bytes(range(32))).decode()),
        artifact_directory=".local/tests/artifacts",
        requests_per_minute=60_000,
        requests_per_minute_of_address=60_000,
        searches_per_minute=60_000,
        exports_per_minute=60_000,
    )


@pytest.fixture(scope="session")
def template_settings(
    postgres_server: PostgresServer,
    valkey_server: ValkeyServer,
    mail_server: MailServer,
    migrate: Callable[[PostgresServer, Settings], None],
) -> Settings:
    """A database built by the migrations, to be cloned; its settings."""
    configured = _settings(postgres_server, valkey_server, mail_server, TEMPLATE)
    migrate(postgres_server, configured)
    return configured


@pytest.fixture
async def configured(
    template_settings: Settings,
    postgres_server: PostgresServer,
    valkey_server: ValkeyServer,
    mail_server: MailServer,
) -> AsyncIterator[Settings]:
    """Settings that lead to a database of this test's own."""
    name = f"test_{uuid4().hex}"
    superuser = await asyncpg.connect(postgres_server.superuser_dsn)
    await superuser.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield _settings(postgres_server, valkey_server, mail_server, name)
    await superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await superuser.close()


EXTERNAL_ID = "made-up-" * 4


@dataclass(frozen=True)
class AWS:
    """What the emulator holds for all tests of a process; nobody changes it."""

    emulator: EmulatorServer
    platform: Platform
    account: Account


@pytest.fixture(scope="session")
def aws(emulator: EmulatorServer) -> AWS:
    """A customer's account whose role trusts our platform with EXTERNAL_ID."""
    platform = make_platform(emulator)
    principal = platform.principal_arn
    account = fill(emulator, external_id=EXTERNAL_ID, principal=principal)
    return AWS(emulator, platform, account)


@pytest.fixture
async def publisher(configured: Settings) -> AsyncIterator[RedisPublisher]:
    publisher = RedisPublisher(configured)
    yield publisher
    await publisher.close()


@pytest.fixture
async def database(
    configured: Settings, publisher: RedisPublisher
) -> AsyncIterator[Database]:
    """Every login's engine on this test's database."""
    database = Database(configured, publisher)
    yield database
    await database.close()


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[AsyncSession]:
    """A session that sees all tenants; for building and looking, with own commits."""
    async with database.unit_of_work(Login.OWNER) as session:
        yield session


@pytest.fixture
async def people(database: Database, configured: Settings) -> People:
    return await make_people(database, configured)


@pytest.fixture(scope="session")
def template_app(template_settings: Settings) -> FastAPI:
    """Built once a process: that takes longer than most tests."""
    return create_app(template_settings)


@pytest.fixture
async def limiter(configured: Settings) -> AsyncIterator[Limiter]:
    """Of this test's own: what others were counted for is forgotten."""
    async with Redis.from_url(configured.redis_url.get_secret_value()) as redis:
        if counted := await redis.keys("limit:*"):
            await redis.delete(*counted)
    limiter = Limiter(configured)
    yield limiter
    await limiter.close()


@pytest.fixture
def app(
    template_app: FastAPI, configured: Settings, database: Database, limiter: Limiter
) -> FastAPI:
    """The API on this test's database."""
    template_app.state.settings = configured
    template_app.state.limiter = limiter
    template_app.state.keys = LocalKeys.from_settings(configured)
    template_app.state.database = database
    return template_app


Client = Callable[[Persona | None], AsyncClient]


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[Client]:
    """`client(alice)` speaks to the API as Alice, `client(None)` as nobody."""
    opened: list[AsyncClient] = []

    def speak_as(persona: Persona | None) -> AsyncClient:
        headers = {"Authorization": f"Bearer {persona.token}"} if persona else {}
        opened.append(
            AsyncClient(
                transport=ASGITransport(app, raise_app_exceptions=False),
                base_url="http://127.0.0.1:8000",
                headers=headers,
            )
        )
        return opened[-1]

    yield speak_as
    for one in opened:
        await one.aclose()


@pytest.fixture
def move_clock(
    configured: Settings, postgres_server: PostgresServer
) -> Callable[[str], Awaitable[None]]:
    """`await move_clock("3 days")`: this test's database is that much ahead."""

    async def move(interval: str) -> None:
        assert configured.database_owner_url is not None
        dsn = configured.database_owner_url.get_secret_value()
        connection = await asyncpg.connect(dsn.replace("+asyncpg", ""))
        await connection.execute(
            "CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql"
            f" STABLE AS $$ SELECT clock_timestamp() + interval '{interval}' $$"
        )
        await connection.close()

    return move
