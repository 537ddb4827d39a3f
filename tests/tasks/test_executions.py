"""An execution from claim to result, against the emulator: what was read is recorded,
and an error is told and never papered over."""

import asyncio
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    AWSCredentialVersion,
    CredentialsKind,
)
from app.models.inventory import Finding, Resource, Scope, ScopeRead
from app.models.problem import Problem
from app.models.run import (
    ExecutionUnit,
    Status,
    TaskExecution,
    TaskResult,
    TaskRun,
    UnitStatus,
)
from app.models.task import OnError, Task, TaskType
from app.tasks import executions
from app.tasks.worker import Worker
from tests.builders import make_task
from tests.conftest import AWS
from tests.personae import People
from tests.tasks.conftest import queue_execution, run_to_end


async def task_on(
    database: Database, people: People, account: AWSAccount, **options: Any
) -> Task:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_task(
            session,
            people.alice.organization_id,
            accounts=(account,),
            **{"regions": ("eu-central-1", "us-east-1"), **options},
        )


async def units_of(owner: AsyncSession) -> dict[tuple[str, str], ExecutionUnit]:
    units = await owner.scalars(select(ExecutionUnit))
    return {(unit.key, unit.region): unit for unit in units}


async def test_lists_resources_into_the_inventory(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    operations = ["ec2:DescribeInstances", "ec2:DescribeVpcs", "sqs:GetQueueAttributes"]
    task = await task_on(
        database,
        people,
        account,
        services=("ec2", "sqs"),
        parameters={"operations": operations},
    )
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert execution.error is None
    assert execution.status == Status.SUCCEEDED
    run = await owner.get_one(TaskRun, execution.run_id)
    assert run.status == Status.SUCCEEDED
    result = (await owner.scalars(select(TaskResult))).one()
    assert result.calls > 0
    assert (result.throttled, result.pacing) == (0, "shared")
    assert not result.coverage["not_read"]
    types = set(await owner.scalars(select(Resource.type)))
    assert {"ec2:instance", "ec2:vpc", "sqs:queue"} <= types


async def test_a_second_unchanged_run_adds_reads_and_nothing_else(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    task = await task_on(
        database,
        people,
        account,
        services=("dynamodb",),
        regions=("eu-central-1",),
        parameters={"operations": ["dynamodb:DescribeTable"]},
    )
    await run_to_end(worker, await queue_execution(database, task, account))
    first = (await _count(owner, Resource), await _count(owner, ScopeRead))
    await run_to_end(worker, await queue_execution(database, task, account))
    second = (await _count(owner, Resource), await _count(owner, ScopeRead))
    assert second == (first[0], first[1] * 2)


async def _count(owner: AsyncSession, model: Any) -> int:
    return len((await owner.scalars(select(model))).all())


async def test_checks_health_with_a_reason_for_each_verdict(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    task = await task_on(
        database,
        people,
        account,
        type=TaskType.HEALTH_CHECK,
        services=("ec2", "sqs", "dynamodb"),
        parameters={
            "checks": ["ec2:instance_status", "ec2:vpc", "sqs:queue", "dynamodb:table"]
        },
    )
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert execution.error is None
    findings = (await owner.scalars(select(Finding))).all()
    assert findings
    assert all(finding.reason for finding in findings)
    scopes = (await owner.scalars(select(Scope))).all()
    assert all(scope.as_of and scope.stale_at for scope in scopes)


async def test_a_missing_permission_is_named_and_stops_the_rest(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
    aws: AWS,
) -> None:
    task = await task_on(database, people, account, services=("secretsmanager",))
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert execution.status == Status.FAILED
    assert execution.error is not None
    assert execution.error["category"] == "AWSPermissionError"
    assert execution.error["missing_action"] == aws.account.withheld_action
    assert execution.error["advice"]
    statuses = {unit.status for unit in (await units_of(owner)).values()}
    assert UnitStatus.SUCCEEDED not in statuses
    assert UnitStatus.FAILED in statuses
    [problem] = await owner.scalars(select(Problem))
    assert (problem.count, problem.missing_action) == (1, aws.account.withheld_action)
    assert await _count(owner, Resource) == 0


async def test_isolated_units_go_on_and_the_execution_still_fails(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    task = await task_on(
        database,
        people,
        account,
        services=("secretsmanager", "sqs"),
        on_error=OnError.ISOLATE,
    )
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert execution.status == Status.FAILED
    units = await units_of(owner)
    by_service = {unit.service: unit.status for unit in units.values()}
    assert by_service == {
        "secretsmanager": UnitStatus.FAILED,
        "sqs": UnitStatus.SUCCEEDED,
    }


async def test_a_role_that_cannot_be_assumed_fails_before_the_first_unit(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        arn = f"arn:aws:iam::{account.account_id}:role/CloudrotaNotThere"
        await session.execute(update(AWSCredentials).values(role_arn=arn))
    task = await task_on(database, people, account, services=("sqs",))
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert execution.status == Status.FAILED
    assert execution.error is not None
    assert execution.error["category"] == "AWSPermissionError"
    assert execution.error["phase"] == "assume_role"
    units = await units_of(owner)
    assert {unit.status for unit in units.values()} == {UnitStatus.NOT_ATTEMPTED}
    result = (await owner.scalars(select(TaskResult))).one()
    unread = {(one["service"], one["region"]) for one in result.coverage["not_read"]}
    assert unread == {("sqs", "eu-central-1"), ("sqs", "us-east-1")}


async def test_an_account_without_verified_credentials_is_a_configuration_error(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(AWSCredentials).values(status="failed"))
    task = await task_on(database, people, account, services=("sqs",))
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert execution.error is not None
    assert execution.error["category"] == "AWSConfigurationError"
    assert execution.error["code"] == "no_verified_credentials"


async def test_a_stored_key_that_cannot_be_decrypted_is_a_configuration_error(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        credentials = (await session.scalars(select(AWSCredentials))).one()
        credentials.kind = CredentialsKind.ACCESS_KEY
        credentials.role_arn = None
        session.add(
            AWSCredentialVersion(
                organization_id=credentials.organization_id,
                credentials_id=credentials.id,
                version=1,
                key_id="a key that was removed",
                wrapped_key=b"",
                ciphertext=b"",
            )
        )
    task = await task_on(database, people, account, services=("sqs",))
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert execution.error is not None
    assert execution.error["category"] == "AWSConfigurationError"
    assert execution.error["code"] == "undecryptable"


async def test_an_excluded_service_is_not_asked_and_is_said_to_be_excluded(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(AWSAccount).values(
                exclusions=[
                    {"service": "secretsmanager", "by": "Alice", "reason": "by design"}
                ]
            )
        )
    task = await task_on(database, people, account, services=("secretsmanager", "sqs"))
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert execution.status == Status.SUCCEEDED
    result = (await owner.scalars(select(TaskResult))).one()
    excluded = {one["service"] for one in result.coverage["excluded"]}
    assert excluded == {"secretsmanager"}


async def test_where_all_units_are_excluded_nothing_is_asked(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    rule = {"service": "sqs", "by": "Alice", "reason": "by design"}
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(AWSAccount).values(exclusions=[rule]))
    task = await task_on(database, people, account, services=("sqs",))
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert (execution.status, execution.reason) == (Status.SKIPPED, "excluded")
    result = (await owner.scalars(select(TaskResult))).one()
    assert result.calls == 0


async def test_where_all_resources_are_excluded_nothing_is_called_healthy(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    rule = {
        "service": "dynamodb",
        "type": "dynamodb:table",
        "by": "Alice",
        "reason": "a drill",
    }
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(AWSAccount).values(exclusions=[rule]))
    task = await task_on(
        database,
        people,
        account,
        type=TaskType.HEALTH_CHECK,
        services=("dynamodb",),
        regions=("eu-central-1",),
    )
    await run_to_end(worker, await queue_execution(database, task, account))
    result = (await owner.scalars(select(TaskResult))).one()
    assert (result.verdict, set(result.counts)) == ("excluded", {"excluded"})


async def test_all_enabled_regions_are_the_accounts_own(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    task = await task_on(
        database, people, account, services=("sqs",), regions=("all_enabled",)
    )
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    regions = {region for _, region in await units_of(owner)}
    assert {"eu-central-1", "us-east-1"} <= regions


async def test_an_execution_past_its_deadline_is_timed_out_not_green(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    task = await task_on(
        database, people, account, services=("sqs",), timeout_seconds=0
    )
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    execution = await owner.get_one(TaskExecution, id)
    assert (execution.status, execution.reason) == (Status.FAILED, "timed_out")


async def test_a_worker_that_is_asked_to_stop_gives_its_execution_back(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    task = await task_on(database, people, account, services=("sqs",))
    id = await queue_execution(database, task, account)

    async def stop_then_run(worker: Worker, claim: Any, stop: Any) -> None:
        worker.release_all()
        await executions.run(worker, claim, stop)

    await run_to_end(worker, id, stop_then_run)
    execution = await owner.get_one(TaskExecution, id)
    assert (execution.status, execution.attempt) == (Status.QUEUED, 0)


async def test_a_worker_that_is_asked_to_stop_claims_nothing_more(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> None:
    task = await task_on(database, people, account, services=("sqs",))
    id = await queue_execution(database, task, account)
    worker.release_all()
    async with asyncio.timeout(10):
        await worker.poll(executions.run)
    execution = await owner.get_one(TaskExecution, id)
    assert (execution.status, execution.attempt) == (Status.QUEUED, 0)
