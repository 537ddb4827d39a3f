"""The dead man's switch: asked only if slots are recorded in time, and harmless where
nobody answers."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from app.core.clock import monotonic, now
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.run import Status
from app.tasks.heartbeat import SECONDS, Heartbeat
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.personae import People


class Watcher:
    """An address that notes who asks it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        watcher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                watcher.asked.append(self.path)
                self.send_response(watcher.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/secret"


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    made = Watcher()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def beating(database: Database, url: str) -> Heartbeat:
    """Of a beat whose last tick succeeded just now."""
    return Heartbeat(database, url, most_lag_seconds=120, ticked_at=monotonic())


async def test_asks_while_slots_are_recorded_in_time(
    database: Database, watcher: Watcher, people: People
) -> None:
    heartbeat = beating(database, watcher.url)
    assert await heartbeat.beat_once()
    async with database.unit_of_work(Login.OWNER) as session:
        await make_task(
            session,
            people.alice.organization_id,
            next_run_at=now() - timedelta(seconds=60),
        )
    assert await heartbeat.beat_once()
    assert watcher.asked == ["/ping/secret"] * 2


async def test_is_silent_when_a_slot_is_too_late(
    database: Database, watcher: Watcher, people: People
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await make_task(
            session,
            people.alice.organization_id,
            next_run_at=now() - timedelta(seconds=180),
        )
    assert not await beating(database, watcher.url).beat_once()
    assert watcher.asked == []


async def test_is_silent_when_no_worker_takes_what_waits(
    database: Database, watcher: Watcher, people: People
) -> None:
    """But not for a tenant that waits behind its own cap: then workers are at work."""
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        task = await make_task(session, tenant, accounts=(account,))
        await make_execution(
            session,
            task,
            account,
            status=Status.QUEUED,
            created_at=now() - timedelta(minutes=10),
        )
        at_work = await make_execution(session, task, account)
    heartbeat = beating(database, watcher.url)
    assert not await heartbeat.beat_once()
    assert watcher.asked == []
    async with database.unit_of_work(Login.OWNER) as session:
        row = await session.get_one(type(at_work), at_work.id)
        row.lease_until = now() + timedelta(minutes=1)
    assert await heartbeat.beat_once()


async def test_is_silent_when_ticks_fail(database: Database, watcher: Watcher) -> None:
    heartbeat = beating(database, watcher.url)
    heartbeat.ticked_at = None
    assert not await heartbeat.beat_once()
    heartbeat.ticked_at = monotonic() - SECONDS - 1
    assert not await heartbeat.beat_once()
    assert watcher.asked == []


async def test_is_silent_when_the_database_is_away(
    configured: Settings, database: Database, watcher: Watcher
) -> None:
    away = SecretStr("postgresql+asyncpg://cloudrota_system:x@127.0.0.1:1/none")
    settings = configured.model_copy(update={"database_system_url": away})
    heartbeat = beating(Database(settings, database._publisher), watcher.url)  # noqa: SLF001 — the same
    assert not await heartbeat.beat_once()
    assert watcher.asked == []


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_an_address_that_refuses_is_told_and_hurts_nobody(
    status: int, database: Database, watcher: Watcher
) -> None:
    watcher.status = status
    assert not await beating(database, watcher.url).beat_once()
    assert watcher.asked == ["/ping/secret"], "it follows no redirect"


async def test_an_address_where_nobody_listens_hurts_nobody(
    database: Database, watcher: Watcher
) -> None:
    nowhere = "http://127.0.0.1:1/ping/secret"
    assert not await beating(database, nowhere).beat_once()


def test_an_address_that_others_can_read_is_refused(configured: Settings) -> None:
    settings = configured.model_dump() | {
        "environment": "production",
        "public_url": "https://rota.example",
        "secret_key": SecretStr("pG7zr2Wq9Lk4Xv8Nt3Bm6Ys1Hd5Fc0Ja"),
        **dict.fromkeys(f"database_{login}_url" for login in list(Login)[1:]),
        "database_url": None,
        "redis_url": SecretStr("rediss://redis.example"),
    }
    with pytest.raises(ValueError, match="HEARTBEAT_URL must be https"):
        Settings(**settings | {"heartbeat_url": SecretStr("http://ping.example")})
    made = Settings(**settings | {"heartbeat_url": SecretStr("https://ping.example")})
    assert "ping.example" not in repr(made)
