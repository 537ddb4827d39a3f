"""What an execution may do, as a model small enough to be seen to be right; and the
same steps on the real services and the real database, whose clock is moved."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from uuid import UUID

import asyncpg
from redis.asyncio import Redis
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.errors import IllegalTransition, LeaseLost
from app.core.ids import new_id
from app.core.queue import Priority, execution_queue
from app.core.settings import Settings
from app.models.aws_account import AWSAccount
from app.models.run import ExecutionUnit, TaskExecution, UnitStatus
from app.models.task import ActionKind, Overlap, Task, TaskType
from app.services import actions, claims, execution_ends, reaping, runs
from app.services.claims import Claim
from app.services.execution_work import NOT_ASKED
from app.tasks.publisher import RedisPublisher
from tests.builders import make_account, make_task
from tests.builders_runs import an_error, make_run, make_unit
from tests.personae import Persona

Result = TypeVar("Result")

LEASE = 60  # seconds
HINT_AGAIN = 60
MOST_ATTEMPTS = 3
CAP = 3
ACT = "sqs:SendMessage#1"
ENDED = {"succeeded", "failed", "interrupted", "cancelled", "skipped"}


@dataclass
class Modelled:
    """One execution, by the model. Instants are the model's own clock."""

    id: UUID
    task: int
    kind: ActionKind
    hinted_at: int
    status: str = "queued"
    fence: int = 0
    attempt: int = 0
    owner: str | None = None
    lease_until: int | None = None
    has_effect_under_way: bool = False
    has_acted: bool = False
    is_cancel_asked: bool = False

    def claim(self, owner: str, now: int) -> None:
        self.status, self.owner = "running", owner
        self.fence += 1
        self.attempt += 1
        self.lease_until = now + LEASE

    def take_away(self, status: str) -> None:
        self.status, self.owner, self.lease_until = status, None, None
        self.fence += 1

    def end(self, status: str) -> None:
        self.status, self.owner, self.lease_until = status, None, None

    def lost(self) -> str:
        """What becomes of it when its lease has run out."""
        if self.has_effect_under_way:
            return "interrupted"
        return "queued" if self.attempt < MOST_ATTEMPTS else "failed"

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    def is_held_with(self, claim: Claim) -> bool:
        return self.status == "running" and self.fence == claim.fence

    @property
    def seen(self) -> tuple[Any, ...]:
        """As much of it as the database says, too: its run has its status, and an end
        has its result, or a message that somebody will write it."""
        return (
            *(self.status, self.fence, self.attempt, self.owner),
            *(self.has_effect_under_way, self.is_cancel_asked),
            *(self.status, True),
        )


@dataclass
class Model:
    executions: dict[UUID, Modelled] = field(default_factory=dict)
    now: int = 0

    def startable(self, kind: ActionKind) -> list[UUID]:
        running = [one for one in self.executions.values() if one.status == "running"]
        busy = {one.task for one in running}
        if len(running) >= CAP:
            return []
        return [
            one.id
            for one in self.executions.values()
            if one.status == "queued" and one.kind is kind and one.task not in busy
        ]

    def dead(self) -> list[Modelled]:
        return [
            one
            for one in self.executions.values()
            if one.lease_until is not None and one.lease_until < self.now
        ]

    def unhinted(self) -> list[Modelled]:
        return [
            one
            for one in self.executions.values()
            if one.status == "queued" and one.hinted_at + HINT_AGAIN < self.now
        ]


_SEEN = """
SELECT e.id, e.status, e.fence, e.attempt, e.lease_owner,
  e.effect_started_at IS NOT NULL, e.cancel_requested_at IS NOT NULL, r.status AS run,
  e.status NOT IN ('succeeded', 'failed', 'interrupted')
  OR EXISTS (SELECT FROM task_results t WHERE t.execution_id = e.id)
  OR EXISTS (SELECT FROM outbox o WHERE o.subject_id = e.id) AS is_settled
FROM task_executions e JOIN task_runs r ON r.id = e.run_id
"""
_FORGET = "TRUNCATE task_runs, outbox, problems CASCADE"
_MOVE_CLOCK = """
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE
AS $$ SELECT timestamptz '{}' + interval '{} seconds' $$
"""


class Reality:
    """The services, on one database, for one run after the other."""

    def __init__(self, settings: Settings, superuser: str, alice: Persona) -> None:
        self._settings = settings
        self._superuser = superuser
        self._alice = alice
        self._runner = asyncio.Runner()
        self._ahead = 0

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self.do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self._close())
        self._runner.__exit__(None, None, None)

    def do(self, act: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(act)

    @property
    def actor(self) -> Actor:
        return self._alice.actor

    async def _open(self) -> None:
        self._publisher = RedisPublisher(self._settings)
        self._database = Database(self._settings, self._publisher)
        self._connection = await asyncpg.connect(self._superuser)
        self._noon = await self._connection.fetchval("SELECT app_now()::text")
        self._redis = Redis.from_url(self._settings.redis_url.get_secret_value())
        tenant = self._alice.organization_id
        async with self._database.unit_of_work(Login.OWNER) as session:
            self._account: AWSAccount = await make_account(session, tenant)
            self.tasks: list[Task] = [
                await make_task(
                    session,
                    tenant,
                    accounts=(self._account,),
                    name=f"{kind} {number}",
                    kind=kind,
                    type=TaskType.REHEARSAL
                    if kind is ActionKind.MUTATE
                    else TaskType.RESOURCE_LIST,
                    overlap=Overlap.QUEUE,
                )
                for kind in ActionKind
                for number in range(2)
            ]

    async def _close(self) -> None:
        await self._connection.close()
        await self._redis.aclose()
        await self._database.close()
        await self._publisher.close()

    # ── what happens ─────────────────────────────────────────────────────────────

    async def begin(self) -> None:
        """Nothing has happened, and all clocks are right."""
        await self._connection.execute(_FORGET)
        await self._redis.flushdb()
        self._ahead = 0
        await self.pass_time(0)

    async def pass_time(self, seconds: int) -> None:
        self._ahead += seconds
        # It stands still in between: how fast this machine is changes nothing.
        await self._connection.execute(_MOVE_CLOCK.format(self._noon, self._ahead))

    async def start(self, task: Task) -> UUID:
        """A run of the task; the id of its one execution."""
        async with self._database.unit_of_work(Login.OWNER) as session:
            run = await make_run(session, task)
            execution = TaskExecution(
                id=new_id(),
                organization_id=task.organization_id,
                task_id=task.id,
                run_id=run.id,
                aws_account_id=self._account.id,
                kind=task.kind,
                priority=task.priority,
                timeout_seconds=task.timeout_seconds,
                hinted_at=func.app_now(),
            )
            session.add(execution)
            await session.flush()
            if task.kind is ActionKind.MUTATE:
                await make_unit(
                    session, execution, kind="act", key=ACT, status=UnitStatus.PENDING
                )
            return execution.id

    async def claim(self, worker: str, kind: ActionKind) -> Claim | None:
        async with self._database.system_session("claim") as session:
            found = await claims.claim(
                session, kind=kind, worker=worker, running_cap=CAP, most=1
            )
        return found[0] if found else None

    async def extend(self, held: dict[UUID, int]) -> set[UUID]:
        async with self._database.system_session("heartbeat") as session:
            return await claims.extend(session, held)

    async def cancels(self, held: list[UUID]) -> set[UUID]:
        async with self._database.system_session("cancels") as session:
            return await claims.cancels_asked(session, held)

    async def reap(self) -> int:
        async with self._database.system_session("reap") as session:
            return await reaping.reap(session, limit=100)

    async def hint_again(self) -> int:
        async with self._database.system_session("hint_again") as session:
            return await reaping.hint_again(session, limit=100)

    async def cancel(self, id: UUID) -> bool:
        """Whether there was anything to cancel."""
        try:
            async with self._database.unit_of_work(
                Login.APP, organization_id=self.actor.organization_id
            ) as session:
                await runs.cancel(session, self.actor, id)
        except IllegalTransition:
            return False
        return True

    # ── what a worker records, True unless its lease was lost ────────────────────

    async def _record(self, act: "Record") -> bool:
        try:
            async with self._database.unit_of_work(
                Login.WORKER, organization_id=self.actor.organization_id
            ) as session:
                await act(session)
        except LeaseLost:
            return False
        return True

    async def intend(self, claim: Claim) -> bool:
        async def act(session: AsyncSession) -> None:
            unit = await _act_of(session, claim)
            await actions.intend(session, claim, unit, {})

        return await self._record(act)

    async def record_outcome(self, claim: Claim) -> bool:
        async def act(session: AsyncSession) -> None:
            unit = await _act_of(session, claim)
            await actions.record_outcome(session, claim, unit, asked=NOT_ASKED)

        return await self._record(act)

    async def release(self, claim: Claim) -> None:
        async def act(session: AsyncSession) -> None:
            await claims.release(session, claim)
            await runs.settle(session, claim.organization_id, claim.run_id)

        await self._record(act)

    async def finish(self, claim: Claim, *, failed: bool) -> bool:
        async def act(session: AsyncSession) -> None:
            execution = await claims.hold(session, claim)
            if claim.kind is ActionKind.READ:
                status = UnitStatus.FAILED if failed else UnitStatus.SUCCEEDED
                error = an_error() if failed else None
                await make_unit(session, execution, status=status, error=error)
            await execution_ends.finish(session, claim)

        return await self._record(act)

    # ── what there is ────────────────────────────────────────────────────────────

    async def seen(self) -> dict[UUID, tuple[Any, ...]]:
        rows = await self._connection.fetch(_SEEN)
        return {row[0]: tuple(row[1:]) for row in rows}

    async def hints(self) -> int:
        """How many hints of executions are waiting in the queues."""
        queues = [
            execution_queue(kind, priority)
            for kind in ActionKind
            for priority in Priority
        ]
        return sum([await self._redis.llen(queue) for queue in queues])

    async def lose_hints(self) -> None:
        await self._redis.flushdb()


Record = Callable[[AsyncSession], Awaitable[Any]]


async def _act_of(session: AsyncSession, claim: Claim) -> UUID:
    found = await session.scalar(
        select(ExecutionUnit.id).where(ExecutionUnit.execution_id == claim.execution_id)
    )
    assert found is not None
    return found
