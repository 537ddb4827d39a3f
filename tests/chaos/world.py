"""The customers of a scene: organizations with accounts, tasks that are due in seconds,
and people who start some by hand; committed rows, as the product would have made."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.queue import Priority
from app.core.settings import Settings
from app.core.tokens import AccessClaims, issue_access_token
from app.models.aws_account import AWSAccount, CredentialsPurpose
from app.models.task import ActionKind, Overlap, TaskType
from app.tasks.publisher import RedisPublisher
from tests.builders import make_account, make_credentials, make_task
from tests.chaos.plan import Plan, TaskPlan
from tests.personae import Persona, make_organization, make_persona

EVERY = timedelta(minutes=1)
QUEUE_URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/rehearsals"
NEVER = {"kind": "on_demand", "timezone": "UTC"}


@dataclass(frozen=True, slots=True)
class Size:
    """`readers` and `changers` are tasks that are due `slots` times each, once a
    minute, spread over the minute; `manual` ones are started by hand."""

    organizations: int = 1
    accounts: int = 2
    readers: int = 0
    changers: int = 0
    manual: int = 0
    slots: int = 1
    spread: timedelta = EVERY
    grace: timedelta = timedelta(minutes=5)
    overlap: Overlap | None = None  # None: some this, some that


@dataclass(frozen=True, slots=True)
class Starter:
    """Somebody who may start these tasks by hand."""

    settings: Settings
    persona: Persona
    tasks: tuple[UUID, ...]

    @property
    def token(self) -> str:
        """A fresh one."""
        one = self.persona
        claims = AccessClaims(one.user_id, one.organization_id, one.session_id)
        return issue_access_token(self.settings, claims)[0]


@dataclass
class World:
    plan: Plan
    starters: list[Starter]
    organizations: list[UUID]
    ends_at: datetime


class _Builder:
    def __init__(self, settings: Settings, size: Size, chance: random.Random) -> None:
        self.settings = settings
        self.size = size
        self.chance = chance

    async def build(self, database: Database) -> World:
        async with database.unit_of_work(Login.OWNER) as session:
            now = await session.scalar(text("SELECT app_now()"))
            assert isinstance(now, datetime)
            self.session = session
            self.begin = now.replace(microsecond=0) + timedelta(seconds=2)
            last = self.begin + self.size.spread + EVERY * (self.size.slots - 1)
            self.world = World(Plan(), [], [], last + timedelta(seconds=1))
            for number in range(self.size.organizations):
                await self._organization(number)
        return self.world

    async def _organization(self, number: int) -> None:
        size = self.size
        id = await make_organization(self.session, f"Customer {number}")
        self.world.organizations.append(id)
        persona = await make_persona(
            self.session, self.settings, f"owner{number}", id, Role.OWNER
        )
        accounts = [
            await self._account(id, number * size.accounts + one)
            for one in range(size.accounts)
        ]
        for one in range(self._share(size.readers, number)):
            await self._task(id, accounts, f"Read {one}")
        for one in range(self._share(size.changers, number)):
            await self._task(id, accounts, f"Change {one}", steps=2)
        manual = [
            await self._manual(id, accounts, f"By hand {one}")
            for one in range(self._share(size.manual, number))
        ]
        self.world.starters.append(Starter(self.settings, persona, tuple(manual)))

    def _share(self, of: int, number: int) -> int:
        return of // self.size.organizations + (number < of % self.size.organizations)

    async def _account(self, organization_id: UUID, number: int) -> AWSAccount:
        account_id = f"{number + 1:012}"
        account = await make_account(
            self.session, organization_id, account_id=account_id, name=account_id
        )
        await make_credentials(
            self.session,
            organization_id,
            account,
            name=f"{account_id} writer",
            purpose=CredentialsPurpose.WRITE,
        )
        return account

    async def _task(
        self, id: UUID, accounts: list[AWSAccount], name: str, *, steps: int = 0
    ) -> None:
        """One account each, some of the readers two."""
        size = self.size
        seconds = int(size.spread.total_seconds())
        first = self.begin + timedelta(seconds=self.chance.randrange(seconds))
        until = first + EVERY * size.slots - timedelta(seconds=30)
        wide = not steps and len(accounts) > 1 and self.chance.random() < 0.1
        chosen = self.chance.sample(accounts, k=2 if wide else 1)
        overlap = size.overlap or self.chance.choice(list(Overlap))
        task = await make_task(
            self.session,
            id,
            accounts=tuple(chosen),
            name=name,
            next_run_at=first,
            schedule={
                "kind": "cron",
                "expression": "rate(1 minute)",
                "anchor": first.isoformat(),
                "ends_at": until.isoformat(),
                "timezone": "UTC",
            },
            overlap=overlap,
            priority=self.chance.choice(list(Priority)),
            misfire_grace_seconds=int(size.grace.total_seconds()),
            timeout_seconds=300,
            **(_changing(steps) if steps else _READING),
        )
        self.world.plan.tasks.append(
            TaskPlan(task.id, first, EVERY, until, size.grace, len(chosen), steps)
        )

    async def _manual(self, id: UUID, accounts: list[AWSAccount], name: str) -> UUID:
        task = await make_task(
            self.session,
            id,
            accounts=(self.chance.choice(accounts),),
            name=name,
            schedule=NEVER,
            overlap=Overlap.QUEUE,
            **_READING,
        )
        return task.id


_READING: dict[str, Any] = {
    "type": TaskType.RESOURCE_LIST,
    "services": ("iam",),
    "regions": ("eu-central-1",),
    "parameters": {"operations": ["iam:ListGroups"]},
}


def _changing(steps: int) -> dict[str, Any]:
    return {
        "type": TaskType.REHEARSAL,
        "kind": ActionKind.MUTATE,
        "services": ("sqs",),
        "regions": ("eu-central-1",),
        "parameters": {"queue_url": QUEUE_URL, "steps": steps},
    }


async def build_world(settings: Settings, size: Size, chance: random.Random) -> World:
    publisher = RedisPublisher(settings)
    database = Database(settings, publisher)
    try:
        return await _Builder(settings, size, chance).build(database)
    finally:
        await database.close()
        await publisher.close()
