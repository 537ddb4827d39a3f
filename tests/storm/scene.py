"""One organization that is told things, the receiver of all, a clock that stands."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import KeyProvider
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.settings import Settings
from app.integrations.channels.registry import Senders
from app.models.notice import RecordedNotice
from app.models.notification import Delivery, NotificationChannel
from app.models.problem import Problem, ProblemStatus
from app.services import routing, sending
from app.services.sending import Post
from app.services.sending_rows import RecipientRow
from tests.api.events_ground import Ground
from tests.attack.receivers import Asked, Receiver
from tests.builders_runs import an_error
from tests.services.test_routing import rule
from tests.storm.led import Led
from tests.tasks.processes import environment

ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
IN_ONE_GO = timedelta(minutes=5)
_CAUSE = ("category", "code", "missing_action")


@dataclass
class Scene:
    """`after` is how far the database's clock, which stands, is ahead of START."""

    settings: Settings
    database: Database
    ground: Ground
    keys: KeyProvider
    tenant: UUID
    hooks: Receiver
    authority: Path
    after: timedelta = field(default_factory=timedelta)

    @property
    def post(self) -> Post:
        senders = Senders(self.settings, Led(self.hooks.port, self.hooks.trust()))
        return sending.post_of(self.database, self.settings, self.keys, senders)

    async def connect(self) -> "asyncpg.Connection":
        """As the owner, past all that the product does with connections."""
        assert self.settings.database_owner_url is not None
        dsn = self.settings.database_owner_url.get_secret_value()
        return await asyncpg.connect(dsn.replace("+asyncpg", ""))

    async def hold_clock(self, after: timedelta) -> None:
        self.after = after
        connection = await self.connect()
        at = (START + after).isoformat()
        await connection.execute(
            "CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql"
            f" STABLE AS $$ SELECT timestamptz '{at}' $$"
        )
        await connection.close()

    async def later(self, **passed: float) -> None:
        await self.hold_clock(self.after + timedelta(**passed))

    async def tell(self, *rows: NotificationChannel) -> None:
        """A rule tells these channels of each problem. Endpoints ask for themselves."""
        await rule(self.ground, self.tenant, [row.id for row in rows])

    async def fail(self, count: int, account: str = "north") -> None:
        """That many failures, each of a cause of its own, in one transaction, as an
        execution's end records it. Their notices are written by the database."""
        execution = self.ground.executions[account]
        now = START + self.after
        struck = {
            "organization_id": self.tenant,
            "aws_account_id": execution.aws_account_id,
            "status": ProblemStatus.OPEN,
            "count": 1,
            "first_at": now,
            "last_at": now,
            "last_execution_id": execution.id,
        }
        rows = []
        for _ in range(count):
            id = new_id()
            error = an_error(code=f"Code{id.hex}")
            causes = {name: error[name] for name in _CAUSE}
            rows.append(
                {"id": id, "fingerprint": id.hex, "error": error} | causes | struck
            )
        async with self._worker() as session:
            await session.execute(insert(Problem), rows)

    async def route(self) -> None:
        """Until nothing waits: whoever was killed at it may hold the turn a while."""
        async with asyncio.timeout(300):
            while await self.waiting():
                async with self._worker() as session:
                    routed = await routing.route(
                        session, self.tenant, public_url="https://rota.example"
                    )
                if not routed:
                    await asyncio.sleep(0.02)

    async def waiting(self) -> int:
        """How many notices are not routed."""
        statement = select(func.count()).where(
            RecordedNotice.organization_id == self.tenant,
            RecordedNotice.routed_at.is_(None),
        )
        async with self._worker() as session:
            return (await session.scalars(statement)).one()

    async def notices(self) -> Sequence[UUID]:
        """All that happened, in its order."""
        statement = select(RecordedNotice.id).order_by(RecordedNotice.number)
        async with self._worker() as session:
            return (await session.scalars(statement)).all()

    def _worker(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.database.unit_of_work(Login.WORKER, organization_id=self.tenant)

    async def send(self, row: RecipientRow, post: Post | None = None) -> None:
        await sending.send_waiting(
            post or self.post, self.tenant, row.id, within=IN_ONE_GO
        )

    def spawn(self, row: RecipientRow) -> "subprocess.Popen[bytes]":
        """A sender that is a process of its own."""
        arguments = [str(row.id), str(self.hooks.port), str(self.authority)]
        return self._spawn("child", *arguments)

    def spawn_router(self) -> "subprocess.Popen[bytes]":
        """A router that is a process of its own."""
        return self._spawn("router")

    def _spawn(self, module: str, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", f"tests.storm.{module}", str(self.tenant)]
        return subprocess.Popen(  # noqa: S603 — our own command
            [*command, *arguments],
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
