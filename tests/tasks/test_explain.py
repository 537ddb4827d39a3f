"""The operator's command: any id of any tenant, and how the deployment stands."""

import os
import pwd
from datetime import timedelta

from pydantic import SecretStr
from sqlalchemy import select

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.run import Status
from app.tasks import explain
from app.tasks.publisher import RedisPublisher
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.personae import People


async def test_tells_of_an_execution_a_run_and_a_task_of_any_tenant(
    database: Database, configured: Settings, publisher: RedisPublisher, people: People
) -> None:
    tenant = people.mallory.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        late = now() - timedelta(minutes=5)
        task = await make_task(session, tenant, accounts=(account,), next_run_at=late)
        execution = await make_execution(session, task, account, status=Status.QUEUED)
    for id, expected in (
        (execution.id, "It may start, and waits for a worker"),
        (execution.run_id, f"Execution {execution.id} on Production is queued."),
        (task.id, "is due and not recorded yet"),
    ):
        lines = await explain.explain(database, configured, publisher, id)
        assert lines is not None
        said = "\n".join(lines)
        assert expected in said
        assert f"organization {tenant}" in said
        assert "The beat is 3" in said
        assert "No worker holds anything" in said
        assert "Redis answers." in said


async def test_the_tenant_sees_which_operator_looked(
    database: Database, configured: Settings, publisher: RedisPublisher, people: People
) -> None:
    tenant = people.mallory.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(session, tenant)
    await explain.explain(database, configured, publisher, new_id())
    await explain.explain(database, configured, publisher, task.id)
    async with database.unit_of_work(Login.OWNER) as session:
        (event,) = await session.scalars(select(AuditEvent))
    name = pwd.getpwuid(os.getuid()).pw_name
    assert (event.organization_id, event.actor) == (tenant, f"operator:{name}")
    assert (event.action, event.subject_type, event.subject_id) == (
        "operator.explain",
        "task",
        task.id,
    )


async def test_says_that_redis_is_away(
    database: Database, configured: Settings, people: People
) -> None:
    away = configured.model_copy(
        update={"redis_url": SecretStr("redis://127.0.0.1:1/0")}
    )
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(session, people.alice.organization_id)
    publisher = RedisPublisher(away)
    lines = await explain.explain(database, configured, publisher, task.id)
    await publisher.close()
    assert lines is not None
    assert "Redis is away" in lines[-1]


async def test_an_unknown_id_is_told(
    database: Database, configured: Settings, publisher: RedisPublisher
) -> None:
    assert await explain.explain(database, configured, publisher, new_id()) is None
