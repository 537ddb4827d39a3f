"""How an execution ends when its attempts disagree."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.unit import Unit
from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution
from app.services import execution_ends, execution_work
from app.services.claims import Claim
from app.services.execution_work import Asked
from app.tasks.worker import Worker
from tests.builders import make_task
from tests.claiming import claim_one
from tests.tasks.conftest import queue_execution, run_to_end

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


async def test_what_an_earlier_attempt_read_succeeds_without_an_error(
    database: Database, account: AWSAccount, worker: Worker, owner: AsyncSession
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(session, account.organization_id, accounts=(account,))
    id = await queue_execution(database, task, account)

    async def read_then_fail(_worker: Worker, claim: Claim, _stop: Any) -> None:
        unit = Unit("list", "sqs", "eu-central-1", "sqs:ListQueues")
        async with database.unit_of_work(
            Login.WORKER, organization_id=claim.organization_id
        ) as session:
            work = await execution_work.load(session, claim)
            [(unit_id, _)] = await execution_work.begin(session, claim, [unit])
            await execution_work.begin_unit(session, claim, unit_id)
            with execution_work.spool(unit, work) as nothing:
                await execution_work.record_read(
                    session, claim, unit_id, unit, nothing, work=work, asked=Asked(1)
                )
            await execution_ends.finish(
                session,
                claim,
                ended=(Status.FAILED, "before_first_unit"),
                error={"category": "AWSConnectivityError", "code": "timeout"},
            )

    await run_to_end(worker, id, read_then_fail)
    execution = await owner.get_one(TaskExecution, id)
    assert (execution.status, execution.error) == (Status.SUCCEEDED, None)


async def test_a_schedule_that_became_unreadable_keeps_nothing_from_being_read(
    database: Database, account: AWSAccount, worker: Worker
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(
            session,
            account.organization_id,
            accounts=(account,),
            schedule={"kind": "cron", "expression": "no such thing"},
        )
    await queue_execution(database, task, account)
    claim = await claim_one(worker)
    assert claim is not None
    async with worker.transaction(claim) as session:
        work = await execution_work.load(session, claim)
    assert work.stale_at(EPOCH) == EPOCH + execution_work.FRESH_ON_DEMAND
