"""Work beyond a cap fails by the cap's name, before memory does."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskExecution
from app.tasks.worker import Worker
from tests.personae import People
from tests.tasks.conftest import queue_execution, run_to_end
from tests.tasks.test_executions import task_on


@pytest.mark.parametrize(
    ("limit", "category", "code"),
    [
        ({"units_per_execution": 1}, "AWSConfigurationError", "unit_cap"),
        ({"aws_calls_per_execution": 1}, "AWSServiceLimitError", "call_cap"),
    ],
)
async def test_work_beyond_a_cap_is_refused_by_its_name(
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
    limit: dict[str, int],
    category: str,
    code: str,
) -> None:
    worker.settings = worker.settings.model_copy(update=limit)
    operations = ["ec2:DescribeInstances", "ec2:DescribeVpcs"]
    task = await task_on(
        database, people, account, parameters={"operations": operations}
    )
    await run_to_end(worker, id := await queue_execution(database, task, account))
    execution = await owner.get_one(TaskExecution, id)
    assert execution.status == Status.FAILED
    assert execution.error is not None
    assert execution.error["category"] == category
    assert execution.error["code"] == code
