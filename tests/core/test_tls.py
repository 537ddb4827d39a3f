"""PostgreSQL and Redis are spoken to once they have proved who they are, and otherwise
not at all: no password goes to a server that is another, or that speaks no TLS."""

import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import SecretStr
from sqlalchemy import make_url, text

from app.core.bootstrap import bootstrap
from app.core.db import Login, make_engine
from app.core.embedded import PostgresServer, ValkeyServer
from app.core.limits import Bucket, Limit, Limiter, LimiterAway
from app.core.queue import HintsNotSent
from app.core.settings import Settings
from app.core.tls import redis_options
from app.tasks.pacing import Pacer
from app.tasks.publisher import RedisPublisher
from tests.tasks.processes import environment
from tests.tls_front import TLSFront

Fronted = Callable[..., Settings]
WRONG: list[dict[str, Any]] = [{"is_trusted": False}, {"host": "elsewhere.example"}]
BUCKET = Bucket("tls", Limit(5, 1000))


@pytest.fixture
def fronted(
    configured: Settings,
    postgres_server: PostgresServer,
    valkey_server: ValkeyServer,
    tmp_path: Path,
) -> Iterator[Fronted]:
    """Settings that lead to the test's servers through TLS, which is wrong as said."""
    file = str(tmp_path / "ca.pem")
    ours = trustme.CA()
    ours.cert_pem.write_to_path(file)
    with ExitStack() as stack:

        def make(*, is_trusted: bool = True, host: str = "127.0.0.1") -> Settings:
            ca = ours if is_trusted else trustme.CA()
            database = TLSFront(postgres_server.port, ca, host=host, asks_first=True)
            redis = TLSFront(valkey_server.port, ca, host=host)
            stack.enter_context(database)
            stack.enter_context(redis)
            redis_url = valkey_server.url.replace("redis:", "rediss:")
            return configured.model_copy(
                update={
                    **_verified(configured, database.port),
                    "database_ca_file": file,
                    "redis_ca_file": file,
                    "redis_url": SecretStr(
                        redis_url.replace(f":{valkey_server.port}/", f":{redis.port}/")
                    ),
                }
            )

        yield make


def _verified(configured: Settings, port: int) -> dict[str, SecretStr]:
    names = ("database_url", *(f"database_{one}_url" for one in list(Login)[1:]))
    return {
        name: SecretStr(_through(getattr(configured, name).get_secret_value(), port))
        for name in names
    }


def _through(url: str, port: int) -> str:
    to = make_url(url).set(port=port, query={"ssl": "verify-full"})
    return to.render_as_string(hide_password=False)


async def ask_database(settings: Settings) -> object:
    engine = make_engine(settings, Login.APP)
    try:
        async with engine.connect() as connection:
            return await connection.scalar(text("SELECT 7"))
    finally:
        await engine.dispose()


async def test_the_database_is_asked_once_it_proved_itself(fronted: Fronted) -> None:
    assert await ask_database(fronted()) == 7


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_database_that_is_another_is_not_asked(
    fronted: Fronted, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await ask_database(fronted(**wrong))


async def test_a_database_without_tls_is_not_asked(
    configured: Settings, postgres_server: PostgresServer
) -> None:
    plain = configured.model_copy(update=_verified(configured, postgres_server.port))
    with pytest.raises(ConnectionError, match="rejected SSL upgrade"):
        await ask_database(plain)


async def test_the_superuser_gives_its_password_to_no_other(
    fronted: Fronted, postgres_server: PostgresServer
) -> None:
    for settings, is_it in ((fronted(), True), (fronted(is_trusted=False), False)):
        assert settings.database_url is not None
        port = make_url(settings.database_url.get_secret_value()).port
        assert port is not None
        superuser = _through(postgres_server.superuser_url, port)
        if is_it:
            await bootstrap(superuser, settings)
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                await bootstrap(superuser, settings)


async def test_redis_is_asked_once_it_proved_itself(fronted: Fronted) -> None:
    settings = fronted()
    publisher, limiter = RedisPublisher(settings), Limiter(settings)
    await publisher.ping()
    assert (await limiter.take([BUCKET]))[0].wait == 0
    pace = Pacer.from_settings(settings)
    assert pace("1", "eu-west-1", "ec2", lambda: None) == "shared"
    await publisher.close()
    await limiter.close()


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_redis_that_is_another_is_not_asked(
    fronted: Fronted, wrong: dict[str, Any]
) -> None:
    settings = fronted(**wrong)
    publisher, limiter = RedisPublisher(settings), Limiter(settings)
    with pytest.raises(HintsNotSent):
        await publisher.ping()
    with pytest.raises(LimiterAway):
        await limiter.take([BUCKET])
    pace = Pacer.from_settings(settings)
    assert pace("1", "eu-west-1", "ec2", lambda: None) == "local"
    await publisher.close()
    await limiter.close()


def celery_asks(settings: Settings) -> subprocess.CompletedProcess[str]:
    script = (
        "from app.tasks.celery_app import app\n"
        "with app.connection() as broker: broker.default_channel.client.ping()"
    )
    return subprocess.run(  # noqa: S603 # our own interpreter
        [sys.executable, "-c", script],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_celery_takes_no_certificate_on_trust(fronted: Fronted) -> None:
    """Left to itself it would: its `rediss://` verifies nothing."""
    assert celery_asks(fronted()).returncode == 0
    for wrong in WRONG:
        asked = celery_asks(fronted(**wrong))
        assert asked.returncode != 0
        assert "CERTIFICATE_VERIFY_FAILED" in asked.stderr


def test_in_development_a_plain_redis_is_told_nothing(configured: Settings) -> None:
    assert redis_options(configured) == {}
