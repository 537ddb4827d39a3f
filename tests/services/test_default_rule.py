"""What an organization is told that has set nothing up."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.notice import NoticeEvent
from app.models.aws_account import AWSCredentials, CredentialsStatus
from app.models.notice import RecordedNotice
from app.models.notification import Delivery, NotificationChannel
from app.models.run import TaskExecution
from app.services import problems, routing
from tests.api.signing import register
from tests.builders import make_account, make_task
from tests.builders_runs import an_error, make_execution
from tests.conftest import Client


async def test_its_owner_hears_of_each_new_problem_once_and_of_its_end(
    client: Client, database: Database, owner: AsyncSession
) -> None:
    made = await register(client(None), "rita@example.com")
    tenant = UUID(made["organization"]["id"])
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        task = await make_task(session, tenant, accounts=(account,))
        execution = await make_execution(session, task, account)
    for code in ("AccessDenied", "AccessDenied", "Throttling", "AccessDenied"):
        await _record(database, execution, error=an_error(code=code))
    await _record(database, execution)
    async with database.unit_of_work(Login.WORKER, organization_id=tenant) as session:
        await routing.route(session, tenant, public_url="", part=routing.ALL)
    channel = (await owner.scalars(select(NotificationChannel))).one()
    assert channel.configuration["type"] == "email"
    assert channel.verified_at is not None
    told = (await owner.scalars(select(Delivery).order_by(Delivery.number))).all()
    assert [(one.event, one.channel_id) for one in told] == [
        *[("problem.opened", channel.id)] * 2,
        *[("problem.closed", channel.id)] * 2,
    ]
    assert len({one.problem_id for one in told}) == 2


async def test_its_owner_hears_of_credentials_as_of_the_problem_of_who_needs_them(
    client: Client, database: Database, owner: AsyncSession
) -> None:
    """Once, and of its end: not of the credentials beside it, and not of the one
    without the other."""
    made = await register(client(None), "rita@example.com")
    tenant = UUID(made["organization"]["id"])
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        task = await make_task(session, tenant, accounts=(account,))
        execution = await make_execution(session, task, account)
    await _become(database, tenant, CredentialsStatus.FAILED)
    unverified = an_error(
        category="AWSConfigurationError", code="no_verified_credentials"
    )
    for _ in range(2):
        await _record(database, execution, error=unverified)
    await _become(database, tenant, CredentialsStatus.VERIFIED)
    await _record(database, execution)
    async with database.unit_of_work(Login.WORKER, organization_id=tenant) as session:
        await routing.route(session, tenant, public_url="", part=routing.ALL)
    noted = await owner.scalars(
        select(RecordedNotice.event).order_by(RecordedNotice.number)
    )
    assert noted.all() == [
        NoticeEvent.CREDENTIALS_INVALID,
        NoticeEvent.PROBLEM_OPENED,
        NoticeEvent.CREDENTIALS_RECOVERED,
        NoticeEvent.PROBLEM_CLOSED,
    ]
    told = await owner.scalars(select(Delivery.event).order_by(Delivery.number))
    assert told.all() == ["problem.opened", "problem.closed"]


async def _become(database: Database, tenant: UUID, status: CredentialsStatus) -> None:
    async with database.unit_of_work(Login.WORKER, organization_id=tenant) as session:
        error = an_error() if status is CredentialsStatus.FAILED else None
        await session.execute(update(AWSCredentials).values(status=status, error=error))


async def _record(
    database: Database, execution: TaskExecution, error: dict[str, Any] | None = None
) -> None:
    of = {
        "organization_id": execution.organization_id,
        "aws_account_id": execution.aws_account_id,
    }
    async with database.unit_of_work(
        Login.WORKER, organization_id=execution.organization_id
    ) as session:
        if error is None:
            await problems.record_recovery(session, **of, task_id=execution.task_id)
        else:
            await problems.record_failure(
                session, **of, execution_id=execution.id, error=error
            )
