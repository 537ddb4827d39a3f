"""A hundred want the last ten of what is used and not only had: resources in the
inventory, executions of a month, calls to AWS."""

import asyncio
from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.errors import AWSConfigurationError
from app.core.db import Database, Login
from app.models.inventory import Resource
from app.models.run import Status, TaskExecution
from app.models.usage import UsageMonth
from app.services import execution_ends, execution_work
from app.services.claims import Claim
from app.services.execution_work import Asked
from tests.billing.figures import FIGURES
from tests.billing.test_quota import AT_ONCE, LIMIT, judge, limited, race
from tests.builders import make_account, make_task
from tests.builders_runs import claim_of, make_execution
from tests.conftest import Client
from tests.personae import People
from tests.services.reading import Reader, instance, make_reader

# So many executions of a tenant run at the same time.
RUNNING = 8


async def test_resources(
    people: People, database: Database, owner: AsyncSession
) -> None:
    await limited(database, people, stored_resources=LIMIT)
    readers = [
        await make_reader(
            database, people.alice, account_id=f"{number:012}", name=f"T{number}"
        )
        for number in range(AT_ONCE)
    ]

    async def read(number: int, reader: Reader) -> str:
        try:
            await reader.list(instance(f"i-{number}"))
        except AWSConfigurationError as refused:
            return refused.facts.code
        return "stored"

    told = await asyncio.gather(*(read(*one) for one in enumerate(readers)))
    assert Counter(told) == {"stored": LIMIT, "resource_cap": AT_ONCE - LIMIT}
    judge(await owner.scalar(select(func.count(Resource.id))) or 0)


async def test_executions(
    client: Client, people: People, database: Database, owner: AsyncSession
) -> None:
    acme = await limited(database, people, executions_per_month=LIMIT)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, acme)
        tasks = [
            await make_task(session, acme, accounts=(account,), name=f"T{number}")
            for number in range(AT_ONCE)
        ]
    alice = client(people.alice)
    answered = await race(
        [alice.post(f"/api/v1/tasks/{one.id}/execute") for one in tasks]
    )
    assert answered == {202: LIMIT, 402: AT_ONCE - LIMIT}
    judge(await owner.scalar(select(func.count(TaskExecution.id))) or 0)


async def test_calls(people: People, database: Database, owner: AsyncSession) -> None:
    """Each asks AWS once. Those that run together see the same that is left, so that
    the last may pass it: by no more than run beside it."""
    acme = await limited(database, people, aws_calls_per_month=LIMIT)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, acme)
        claims = [
            claim_of(
                await make_execution(
                    session, await make_task(session, acme, name=f"T{n}"), account
                )
            )
            for n in range(AT_ONCE)
        ]
    waiting = iter(claims)

    async def work_on() -> None:
        for claim in waiting:
            async with database.unit_of_work(
                Login.WORKER, organization_id=acme
            ) as session:
                work = await execution_work.load(session, claim)
            assert work.calls_left is not None
            await _end(database, claim, calls=int(work.calls_left > 0))

    await asyncio.gather(*(work_on() for _ in range(RUNNING)))
    made = await owner.scalar(select(func.sum(UsageMonth.aws_calls))) or 0
    ended = Counter(await owner.scalars(select(TaskExecution.status)))
    assert ended == {Status.FAILED: made, Status.SKIPPED: AT_ONCE - made}
    FIGURES.calls_beyond = max(FIGURES.calls_beyond, int(made) - LIMIT)
    assert LIMIT <= made < LIMIT + RUNNING
    judge(min(int(made), LIMIT))


async def _end(database: Database, claim: Claim, *, calls: int) -> None:
    """As a worker does: it fails, having asked, or is skipped."""
    ended = (Status.FAILED, None) if calls else (Status.SKIPPED, "plan_limit")
    async with database.unit_of_work(
        Login.WORKER, organization_id=claim.organization_id
    ) as session:
        await execution_ends.finish(
            session, claim, ended=ended, asked=Asked(calls=calls)
        )
