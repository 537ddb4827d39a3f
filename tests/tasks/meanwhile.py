"""An execution at work while its owner changes things over the API: AWS takes its time
with one call until the test has done so."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import select

from app.core.db import Login
from app.models.aws_account import AWSCredentials
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.problem import Problem
from app.models.run import TaskResult
from app.services.claims import Claim
from app.tasks import executions, outbox
from tests.aws.fake_aws import Asked
from tests.aws.faults import Fault, Refused
from tests.builders import a_task
from tests.claiming import claim_one, take_one
from tests.tasks.faked import Faked

SECONDS = 30  # to wait for what only a broken test keeps waiting

# The second comes after the first; each is of a service of its own, and has two pages.
FIRST, SECOND = "sns:ListTopics", "logs:DescribeLogGroups"


@dataclass
class Held:
    """The nth call of `operation`, which AWS has received and not answered yet."""

    operation: str
    nth: int
    answer: Fault | None
    loop: asyncio.AbstractEventLoop
    received: asyncio.Event = field(default_factory=asyncio.Event)
    _let_go: threading.Event = field(default_factory=threading.Event)

    def hold(self, asked: Asked) -> Fault | None:
        if asked.operation != self.operation:
            return None
        self.nth -= 1
        if self.nth:
            return None
        self.loop.call_soon_threadsafe(self.received.set)
        assert self._let_go.wait(SECONDS)
        return self.answer

    def let_go(self) -> None:
        self._let_go.set()


@dataclass
class Meanwhile:
    """Acme's account at the fake, the worker, and Alice at the API. A call that is
    signed by a key of `revoked` is refused as AWS does."""

    faked: Faked
    api: AsyncClient
    revoked: set[str] = field(default_factory=set)
    held: Held | None = None

    def __post_init__(self) -> None:
        self.faked.fake.judge = self._judge

    def _judge(self, asked: Asked) -> Fault | None:
        if asked.signed_by in self.revoked:
            return Refused("InvalidClientTokenId", 403)
        return None if self.held is None else self.held.hold(asked)

    # ── at work ──────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def while_asked(
        self, operation: str, *, nth: int = 1, answer: Fault | None = None
    ) -> AsyncIterator[None]:
        """What waits is taken, and AWS has this call of it; it answers after the block,
        and the execution comes to its end."""
        self.held = held = Held(operation, nth, answer, asyncio.get_running_loop())
        working = asyncio.create_task(take_one(self.faked.worker))
        received = asyncio.create_task(held.received.wait())
        try:
            await asyncio.wait((working, received), return_when=asyncio.FIRST_COMPLETED)
            assert received.done(), "it ended without that call"
            yield
        finally:
            received.cancel()
            held.let_go()
            assert await working

    @asynccontextmanager
    async def once_claimed(self) -> AsyncIterator[None]:
        """A worker has claimed what waits; it begins after the block."""
        claim = await claim_one(self.faked.worker)
        assert claim is not None
        yield
        await self.work(claim)

    async def work(self, claim: Claim) -> None:
        await self.faked.worker.work(claim, executions.run)

    async def deliver(self) -> None:
        """Every message of the outbox, as workers do it."""
        for message_id in await self._pending():
            await outbox.deliver(self.faked.worker, message_id)
        assert not await self._pending()

    async def _pending(self) -> list[UUID]:
        pending = OutboxMessage.status == OutboxStatus.PENDING
        async with self.faked.database.unit_of_work(Login.OWNER) as session:
            return list(await session.scalars(select(OutboxMessage.id).where(pending)))

    # ── at the API ───────────────────────────────────────────────────────────────

    async def make_task(self, *operations: str, **changes: Any) -> str:
        """A task that lists exactly these; its id."""
        services = [key.partition(":")[0] for key in operations]
        parameters = {"operations": list(operations)}
        entry = {"services": services, "parameters": parameters, **changes}
        answer = await self.api.post(
            "/api/v1/tasks", json=a_task(self.faked.account, **entry)
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def start(self, task_id: str) -> "Started":
        answer = await self.api.post(f"/api/v1/tasks/{task_id}/execute")
        assert answer.status_code == 202, answer.text
        started = answer.json()
        return Started(self, started["run_id"], *started["executions"])

    async def get(self, path: str) -> Any:
        answer = await self.api.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def delete(self, path: str) -> None:
        answer = await self.api.delete(f"/api/v1/{path}")
        assert answer.status_code == 204, answer.text

    async def disconnect(self) -> None:
        """Delete every way into the account, as far as its ciphertext."""
        async with self.faked.database.unit_of_work(Login.OWNER) as session:
            left = AWSCredentials.deleted_at.is_(None)
            ids = list(await session.scalars(select(AWSCredentials.id).where(left)))
        for id in ids:
            await self.delete(f"aws-credentials/{id}")
        await self.deliver()

    def signers(self, operation: str) -> list[str]:
        """Whose keys AWS was asked this with, call by call."""
        ledger = self.faked.fake.ledger
        return [one.signed_by for one in ledger if one.operation == operation]


@dataclass(frozen=True)
class Started:
    """A run of one execution, as the API tells of it."""

    meanwhile: Meanwhile
    run_id: str
    id: str

    async def execution(self) -> Any:
        return await self.meanwhile.get(f"executions/{self.id}")

    async def run(self) -> Any:
        return await self.meanwhile.get(f"runs/{self.run_id}")

    async def result(self) -> TaskResult:
        of_this = TaskResult.execution_id == UUID(self.id)
        async with self.meanwhile.faked.database.unit_of_work(Login.OWNER) as session:
            return (await session.scalars(select(TaskResult).where(of_this))).one()

    async def statuses(self) -> dict[str, str]:
        """Of its units, by their keys."""
        units = await self.meanwhile.faked.units(UUID(self.id))
        return {key: unit.status.value for key, unit in units.items()}

    async def problems(self) -> list[tuple[str, str]]:
        """Category and code of each that this execution was the last to suffer."""
        of_this = Problem.last_execution_id == UUID(self.id)
        faked = self.meanwhile.faked
        async with faked.database.unit_of_work(Login.OWNER) as session:
            found = await session.scalars(select(Problem).where(of_this))
            return [(one.category, one.code) for one in found]
