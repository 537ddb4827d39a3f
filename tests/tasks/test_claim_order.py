"""What is claimed first is decided by the database's clock, whoever made the ids."""

from app.core.db import Login
from app.models.run import Status
from app.models.task import ActionKind
from app.services import claims
from tests.builders import make_task
from tests.builders_runs import make_execution
from tests.tasks.faked import Faked
from tests.wrong_clocks import DAY, clock_wrong_by


async def test_of_two_that_wait_for_one_place_the_first_by_the_databases_clock_is_taken(
    faked: Faked,
) -> None:
    async with faked.database.unit_of_work(Login.OWNER) as session:
        task = await make_task(
            session, faked.account.organization_id, accounts=(faked.account,)
        )
        with clock_wrong_by(DAY):
            first = await make_execution(
                session, task, faked.account, status=Status.QUEUED
            )
        await make_execution(session, task, faked.account, status=Status.QUEUED)
    async with faked.database.system_session("claim") as session:
        found = await claims.claim(
            session, kind=ActionKind.READ, worker="w", running_cap=9, most=5
        )
    assert [one.execution_id for one in found] == [first.id]
