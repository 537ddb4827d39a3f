"""Notices as they are told: from recorded rows alone, however many in few queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.notice import Notice, NoticeEvent, Severity
from app.models.notice import RecordedNotice
from app.models.run import Status
from app.services import execution_ends, notice_facts
from tests.api.events_ground import Ground, make_ground
from tests.builders import make_credentials
from tests.builders_runs import an_error, claim_of
from tests.personae import People

CONSOLE = "https://rota.example"


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


def worker(ground: Ground) -> Any:
    return ground.database.unit_of_work(
        Login.WORKER, organization_id=ground.executions["north"].organization_id
    )


async def write(ground: Ground, **values: Any) -> None:
    """A notice about the execution `north`, as a trigger writes it."""
    execution = ground.executions["north"]
    about = {
        "organization_id": execution.organization_id,
        "aws_account_id": execution.aws_account_id,
        "task_id": execution.task_id,
        "execution_id": execution.id,
    }
    async with worker(ground) as session:
        session.add(RecordedNotice(**about | values))


async def told(ground: Ground) -> list[Notice]:
    async with worker(ground) as session:
        statement = select(RecordedNotice).order_by(RecordedNotice.number)
        rows = (await session.scalars(statement)).all()
        return await notice_facts.facts_of(session, rows, public_url=CONSOLE)


async def fail(ground: Ground, name: str, error: dict[str, Any]) -> None:
    """End an execution as a worker does whose first call failed."""
    await ground.start(name)
    async with worker(ground) as session:
        await execution_ends.finish(
            session,
            claim_of(ground.executions[name]),
            services=["ec2"],
            ended=(Status.FAILED, None),
            error=error,
        )


async def test_a_problem_is_told_with_what_mends_it(ground: Ground) -> None:
    error = an_error(missing_action="ec2:DescribeVpcs")
    await fail(ground, "north", error)
    (one,) = await told(ground)
    execution, account = ground.executions["north"], ground.accounts["north"]
    assert one.event is NoticeEvent.PROBLEM_OPENED
    assert one.severity is Severity.ERROR
    assert one.title == "ec2:DescribeVpcs is not allowed on north (000000000000)"
    assert one.link == f"{CONSOLE}/problems/{one.problem_id}"
    assert one.account is not None
    assert (one.account.id, one.account.number) == (account.id, account.account_id)
    assert one.task is not None
    assert (one.task.id, one.task.name) == (execution.task_id, "north")
    assert (one.execution_id, one.run_id) == (execution.id, execution.run_id)
    assert one.services == ("ec2",)
    assert one.error is not None
    assert one.error.model_dump() == {
        name: error[name] for name in type(one.error).model_fields
    }
    assert one.organization.name == "Acme"


async def test_an_execution_is_told_with_its_error_and_what_was_not_read(
    ground: Ground,
) -> None:
    await fail(ground, "north", an_error())
    await write(ground, event=NoticeEvent.EXECUTION_FAILED)
    one = (await told(ground))[-1]
    assert one.title == "north failed on north (000000000000)"
    assert one.link == f"{CONSOLE}/executions/{one.execution_id}"
    assert one.error is not None
    assert one.error.code == an_error()["code"]
    assert one.detail == {
        "trigger": "manual",
        "scheduled_for": None,
        "status": "failed",
        "reason": None,
        "attempts": 0,
        "retries": 0,
        "verdict": None,
        "counts": {},
        "units_not_read": 1,
    }


async def test_credentials_are_told_by_their_name(ground: Ground) -> None:
    account = ground.accounts["north"]
    async with ground.database.unit_of_work(Login.OWNER) as session:
        row = await make_credentials(session, account.organization_id, account)
    facts = {
        "credentials_id": str(row.id),
        "status": "failed",
        "reason": None,
        "error": an_error(category="AWSAuthenticationError"),
    }
    await write(
        ground,
        event=NoticeEvent.CREDENTIALS_INVALID,
        facts=facts,
        task_id=None,
        execution_id=None,
    )
    (one,) = await told(ground)
    assert one.title == (
        "The credentials Reader of north (000000000000) do not work any more"
    )
    assert one.link == f"{CONSOLE}/aws-credentials/{row.id}"
    assert one.detail["name"] == "Reader"


async def test_a_plan_is_told_by_its_name(ground: Ground) -> None:
    facts = {
        "plan": "free",
        "plan_before": "free",
        "status": "canceled",
        "status_before": "active",
    }
    nothing = dict.fromkeys(("aws_account_id", "task_id", "execution_id"))
    await write(ground, event=NoticeEvent.SUBSCRIPTION_CHANGED, facts=facts, **nothing)
    (one,) = await told(ground)
    assert one.title == "The subscription has ended"
    assert one.link == f"{CONSOLE}/subscription"
    assert one.detail["plan"] == "Free"


async def test_what_was_deleted_since_is_left_out(ground: Ground) -> None:
    """History is deleted after its time; what was not told before is told then."""
    gone = {"execution_id": uuid4(), "task_id": uuid4()}
    for kind in NoticeEvent:
        facts = {"credentials_id": str(uuid4())} if "credentials" in kind else {}
        await write(ground, event=kind, facts=facts, **gone)
    for one in await told(ground):
        assert one.task is None
        assert one.title


@contextmanager
def counted(ground: Ground) -> Iterator[list[str]]:
    statements: list[str] = []
    engine = ground.database.engine(Login.WORKER).sync_engine

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


async def test_many_notices_cost_no_more_queries_than_a_few(ground: Ground) -> None:
    await fail(ground, "north", an_error())
    await fail(ground, "south", an_error())
    await write(ground, event=NoticeEvent.EXECUTION_FAILED)
    with counted(ground) as few:
        await told(ground)
    async with worker(ground) as session:
        await session.execute(
            text(
                "INSERT INTO notices (organization_id, event, aws_account_id, task_id,"
                " execution_id) SELECT organization_id, event, aws_account_id, task_id,"
                " execution_id FROM notices, generate_series(1, 300)"
            )
        )
    with counted(ground) as many:
        assert len(await told(ground)) > 900
    assert len(many) == len(few) <= 9


async def test_another_tenants_rows_are_not_known(
    ground: Ground, owner: AsyncSession
) -> None:
    evil = ground.executions["evil"]
    await write(ground, event=NoticeEvent.EXECUTION_FAILED, execution_id=evil.id)
    rows = (await owner.scalars(select(RecordedNotice))).all()
    (one,) = await notice_facts.facts_of(owner, rows, public_url=CONSOLE)
    assert "evil" not in one.model_dump_json()
