"""An AWS account at the emulator, connected to Acme, and a worker to read it."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import LocalKeys
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.aws_account import AWSAccount, AWSCredentials
from app.models.organization import Organization
from app.models.run import TaskExecution, TaskRun, Trigger
from app.models.task import Task, TaskVersion
from app.services import credential_opening
from app.tasks import executions
from app.tasks.pacing import Pacer
from app.tasks.publisher import RedisPublisher
from app.tasks.worker import Run, Worker
from tests.aws.fake_aws import ACCOUNT, FakeAWS
from tests.builders import make_account
from tests.claiming import claim_one
from tests.conftest import AWS, EXTERNAL_ID
from tests.personae import People
from tests.tasks.faked import Faked, answers_of_any_account


@pytest.fixture
def worker_settings(configured: Settings, aws: AWS) -> Settings:
    keys = aws.platform.keys
    return configured.model_copy(
        update={
            "aws_emulator_url": aws.emulator.url,
            "platform_principal_arn": aws.platform.principal_arn,
            "platform_access_key_id": keys.access_key_id,
            "platform_secret_access_key": SecretStr(keys.secret_access_key.reveal()),
        }
    )


@pytest.fixture
async def account(database: Database, people: People, aws: AWS) -> AWSAccount:
    """Acme's AWS account, connected by the role at the emulator."""
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(Organization)
            .where(Organization.id == people.alice.organization_id)
            .values(aws_external_id=EXTERNAL_ID)
        )
        account = await make_account(
            session, people.alice.organization_id, account_id=aws.account.account_id
        )
        await session.execute(
            update(AWSCredentials)
            .where(AWSCredentials.aws_account_id == account.id)
            .values(role_arn=aws.account.role_arn)
        )
        return account


@pytest.fixture
async def worker(
    worker_settings: Settings, database: Database, publisher: RedisPublisher
) -> AsyncIterator[Worker]:
    leases = Database(worker_settings, publisher)
    pacer = Pacer.from_settings(worker_settings)
    yield Worker(
        settings=worker_settings,
        database=database,
        leases=leases,
        keys=LocalKeys.from_settings(worker_settings),
        platform=credential_opening.platform_session(worker_settings),
        endpoint=credential_opening.endpoint(worker_settings),
        pacer=pacer,
    )
    pacer.close()
    await leases.close()


async def queue_execution(database: Database, task: Task, account: AWSAccount) -> UUID:
    """A manual run of the task on the account, as its start records it."""
    async with database.unit_of_work(Login.OWNER) as session:
        version = await session.scalar(
            select(TaskVersion.id).where(TaskVersion.task_id == task.id)
        )
        run = TaskRun(
            organization_id=task.organization_id,
            task_id=task.id,
            task_version_id=version,
            trigger=Trigger.MANUAL,
        )
        session.add(run)
        await session.flush()
        execution = TaskExecution(
            organization_id=task.organization_id,
            task_id=task.id,
            run_id=run.id,
            aws_account_id=account.id,
            kind=task.kind,
            priority=task.priority,
            timeout_seconds=task.timeout_seconds,
        )
        session.add(execution)
        await session.flush()
        return execution.id


async def run_to_end(
    worker: Worker, execution_id: UUID, run: Run = executions.run
) -> None:
    """Of an execution that is the only one to wait."""
    claim = await claim_one(worker)
    assert claim is not None
    assert claim.execution_id == execution_id
    await worker.work(claim, run)


@pytest.fixture
def fake() -> Iterator[FakeAWS]:
    """AWS by its models, for every session that is made; STS says who Acme's account
    is, and EC2 that all regions are enabled."""
    made = FakeAWS(hold_still=True, answers=dict(answers_of_any_account()))
    with made.everywhere():
        yield made


@pytest.fixture
async def faked(
    configured: Settings,
    database: Database,
    publisher: RedisPublisher,
    people: People,
    fake: FakeAWS,
    owner: AsyncSession,
) -> AsyncIterator[Faked]:
    """Acme's account at the fake, and a worker to read it, without any pace."""
    settings = configured.model_copy(
        update={
            "platform_access_key_id": "AKIAPLATFORMOFTESTS0",
            "platform_secret_access_key": SecretStr("a-secret-of-the-fake"),
        }
    )
    leases = Database(settings, publisher)
    worker = Worker(
        settings=settings,
        database=database,
        leases=leases,
        keys=LocalKeys.from_settings(settings),
        platform=credential_opening.platform_session(settings),
        endpoint=credential_opening.endpoint(settings),
    )
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(
            session, people.alice.organization_id, account_id=ACCOUNT
        )
    yield Faked(fake, worker, database, account, owner)
    await leases.close()
