"""One organization that is told things, the receiver of all, a clock that stands."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import select

from app.core.crypto import KeyProvider
from app.core.db import Database, Login
from app.core.notice import Notice
from app.core.settings import Settings
from app.integrations.channels.registry import Senders
from app.models.notification import Delivery, NotificationChannel
from app.services import deliveries, sending
from app.services.deliveries import Entry
from app.services.sending import Post
from app.services.sending_rows import RecipientRow
from tests.attack.receivers import Asked, Receiver
from tests.builders_notices import a_notice
from tests.storm.led import Led
from tests.tasks.processes import environment

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
IN_ONE_GO = timedelta(minutes=5)


@dataclass
class Scene:
    """`after` is how far the database's clock, which stands, is ahead of START."""

    settings: Settings
    database: Database
    keys: KeyProvider
    tenant: UUID
    hooks: Receiver
    authority: Path
    after: timedelta = field(default_factory=timedelta)

    @property
    def post(self) -> Post:
        senders = Senders(self.settings, Led(self.hooks.port, self.hooks.trust()))
        return sending.post_of(self.database, self.settings, self.keys, senders)

    async def hold_clock(self, after: timedelta) -> None:
        self.after = after
        assert self.settings.database_owner_url is not None
        dsn = self.settings.database_owner_url.get_secret_value()
        connection = await asyncpg.connect(dsn.replace("+asyncpg", ""))
        at = (START + after).isoformat()
        await connection.execute(
            "CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql"
            f" STABLE AS $$ SELECT timestamptz '{at}' $$"
        )
        await connection.close()

    async def later(self, **passed: float) -> None:
        await self.hold_clock(self.after + timedelta(**passed))

    async def tell(self, count: int, *rows: RecipientRow) -> list[Notice]:
        """That many failures, each to all of these, in one transaction."""
        at = START + self.after
        notices = [a_notice(self.tenant, at=at) for _ in range(count)]
        entries = [Entry(one, **_to(row)) for row in rows for one in notices]
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=self.tenant
        ) as session:
            await deliveries.enter(session, self.tenant, entries)
        return notices

    async def send(self, row: RecipientRow, post: Post | None = None) -> None:
        await sending.send_waiting(
            post or self.post, self.tenant, row.id, within=IN_ONE_GO
        )

    def spawn(self, row: RecipientRow) -> "subprocess.Popen[bytes]":
        """A sender that is a process of its own."""
        arguments = [str(self.tenant), str(row.id), str(self.hooks.port)]
        return subprocess.Popen(  # noqa: S603 — our own command
            [sys.executable, "-m", "tests.storm.child", *arguments, self.authority],
            cwd=ROOT,
            env=environment(self.settings),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    async def log(self, row: RecipientRow) -> Sequence[Delivery]:
        to = (
            Delivery.channel_id
            if isinstance(row, NotificationChannel)
            else Delivery.endpoint_id
        )
        async with self.database.unit_of_work(Login.OWNER) as session:
            found = await session.scalars(
                select(Delivery).where(to == row.id).order_by(Delivery.id)
            )
            return list(found)

    def arrived(self, host: str) -> list[Asked]:
        """What was asked of that host, in order."""
        return [
            one
            for one in self.hooks.asked
            if (one.header("host") or "").partition(":")[0] == host
        ]


def kill(process: "subprocess.Popen[bytes]") -> None:
    os.kill(process.pid, signal.SIGKILL)


def _to(row: RecipientRow) -> dict[str, Any]:
    is_channel = isinstance(row, NotificationChannel)
    return {"channel_id" if is_channel else "endpoint_id": row.id}
