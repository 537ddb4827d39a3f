"""What the database itself holds together: a run and its version, and an execution and
its run, are of one task."""

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.core.db import Database, Login
from app.models.run import TaskExecution, TaskRun
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution, make_run
from tests.personae import People


@pytest.mark.parametrize("row", [TaskRun, TaskExecution], ids=lambda row: row.__name__)
async def test_no_row_is_of_another_task_than_what_it_belongs_to(
    database: Database, people: People, row: type[TaskRun | TaskExecution]
) -> None:
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        task, other = [
            await make_task(session, tenant, name=name, accounts=(account,))
            for name in ("One", "Other")
        ]
        run = await make_run(session, task)
        if row is TaskExecution:
            await make_execution(session, task, account, run=run)
    with pytest.raises(IntegrityError, match=r"task_id_(task_version|run)_id"):
        async with database.unit_of_work(Login.OWNER) as session:
            await session.execute(update(row).values(task_id=other.id))
