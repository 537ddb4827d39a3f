"""Plain builders of runs, executions and units, as builders.py is of tasks."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.unit import Kind, Unit
from app.core.ids import new_id
from app.models.aws_account import AWSAccount
from app.models.run import (
    ExecutionUnit,
    Status,
    TaskExecution,
    TaskRun,
    Trigger,
    UnitStatus,
)
from app.models.task import Task, TaskVersion
from app.services.claims import Claim

CATALOG = "test-catalog-1"


async def make_run(
    session: AsyncSession,
    task: Task,
    *,
    scheduled_for: datetime | None = None,
    status: Status = Status.QUEUED,
    reason: str | None = None,
) -> TaskRun:
    """A run of the task's present version: of a slot, or without one a manual one."""
    version_id = await session.scalar(
        select(TaskVersion.id).where(
            TaskVersion.organization_id == task.organization_id,
            TaskVersion.task_id == task.id,
            TaskVersion.version == task.version,
        )
    )
    assert version_id is not None, "the task has no version"
    run = TaskRun(
        id=new_id(),
        organization_id=task.organization_id,
        task_id=task.id,
        task_version_id=version_id,
        trigger=Trigger.MANUAL if scheduled_for is None else Trigger.SCHEDULE,
        scheduled_for=scheduled_for,
        status=status,
        reason=reason,
    )
    session.add(run)
    await session.flush()
    return run


async def make_execution(
    session: AsyncSession,
    task: Task,
    account: AWSAccount,
    *,
    run: TaskRun | None = None,
    status: Status = Status.RUNNING,
    error: dict[str, Any] | None = None,
    catalog_version: str | None = CATALOG,
    created_at: datetime | None = None,
) -> TaskExecution:
    """An execution on `account`, of a run of its own unless one is given; the one that
    was at work there for the same task has ended. Only members that are named are set,
    so that null stays SQL's."""
    run = run or await make_run(session, task)
    if status is Status.RUNNING:
        await session.execute(
            update(TaskExecution)
            .where(
                TaskExecution.task_id == task.id,
                TaskExecution.aws_account_id == account.id,
                TaskExecution.status == Status.RUNNING,
            )
            .values(status=Status.SUCCEEDED)
        )
    given: dict[str, Any] = {"error": error, "created_at": created_at}
    execution = TaskExecution(
        id=new_id(),
        organization_id=task.organization_id,
        task_id=task.id,
        run_id=run.id,
        aws_account_id=account.id,
        kind=task.kind,
        priority=task.priority,
        status=status,
        timeout_seconds=task.timeout_seconds,
        catalog_version=catalog_version,
        **{name: value for name, value in given.items() if value is not None},
    )
    session.add(execution)
    await session.flush()
    return execution


def claim_of(execution: TaskExecution) -> Claim:
    """The right to work on it, as a worker would hold it now."""
    return Claim(
        execution_id=execution.id,
        organization_id=execution.organization_id,
        task_id=execution.task_id,
        run_id=execution.run_id,
        aws_account_id=execution.aws_account_id,
        kind=execution.kind,
        fence=execution.fence,
        attempt=1,
        timeout=timedelta(minutes=1),
    )


def unit_of(row: ExecutionUnit) -> Unit:
    return Unit(cast("Kind", row.kind), row.service, row.region, row.key)


async def make_unit(
    session: AsyncSession,
    execution: TaskExecution,
    *,
    kind: str = "list",
    key: str = "ec2:DescribeInstances",
    region: str = "eu-central-1",
    status: UnitStatus = UnitStatus.RUNNING,
    reason: str | None = None,
    error: dict[str, Any] | None = None,
) -> ExecutionUnit:
    """A unit; its service is what the key begins with."""
    unit = ExecutionUnit(
        id=new_id(),
        organization_id=execution.organization_id,
        execution_id=execution.id,
        kind=kind,
        service=key.partition(":")[0],
        region=region,
        key=key,
        status=status,
        reason=reason,
        **({"error": error} if error is not None else {}),
    )
    session.add(unit)
    await session.flush()
    return unit


def an_error(
    *,
    category: str = "AWSPermissionError",
    code: str = "UnauthorizedOperation",
    missing_action: str | None = "ec2:DescribeInstances",
) -> dict[str, Any]:
    """A failure at AWS, as an execution, a unit or a problem stores it."""
    return {
        "category": category,
        "code": code,
        "message": "You are not authorized to perform this operation.",
        "service": "ec2",
        "operation": "DescribeInstances",
        "region": "eu-central-1",
        "request_id": "59dbff89-35bd-4eac-99ed-be587EXAMPLE",
        "http_status": 403,
        "missing_action": missing_action,
        "resource": None,
        "deny_source": None,
        "advice": "Allow it in the role's policy.",
        "retries": 0,
        "phase": "call",
        "notes": ["permission"],
    }


def ids(rows: list[dict[str, Any]]) -> set[UUID]:
    """The ids of the items of an answer."""
    return {UUID(row["id"]) for row in rows}
