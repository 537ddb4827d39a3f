"""A schedule that fires once may bring parameters of its own: from the slot to the
units that are read."""

from datetime import timedelta

from sqlalchemy import select

from app.core.clock import now
from app.core.db import Login
from app.models.run import Status, TaskExecution, TaskRun, Trigger
from app.models.task import Task
from app.schemas.reruns import RerunInput
from app.services import reruns, runs
from app.services.dispatch import dispatch_due
from tests.builders import make_task
from tests.claiming import take_one
from tests.personae import People
from tests.tasks.faked import Faked

OWN = "ec2:DescribeSubnets"
OF_THE_SLOT = "ec2:DescribeVpcs"
_EXECUTIONS = select(TaskRun.trigger, TaskExecution.id).join(
    TaskExecution, TaskExecution.run_id == TaskRun.id
)


async def due_once(faked: Faked) -> Task:
    slot = now().replace(microsecond=0) - timedelta(seconds=5)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        return await make_task(
            session,
            faked.account.organization_id,
            accounts=(faked.account,),
            parameters={"operations": [OWN]},
            schedule={
                "kind": "once",
                "at": slot.isoformat(),
                "timezone": "UTC",
                "parameters": {"operations": [OF_THE_SLOT]},
            },
            next_run_at=slot,
        )


async def read_by_trigger(faked: Faked) -> dict[Trigger, set[str]]:
    """Run what is queued; the units of each execution, by what started its run."""
    assert await take_one(faked.worker)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        found = (await session.execute(_EXECUTIONS)).all()
    return {trigger: set(await faked.units(id)) for trigger, id in found}


async def cancel_newest(faked: Faked, people: People) -> None:
    async with faked.database.unit_of_work(
        Login.APP, organization_id=faked.account.organization_id
    ) as session:
        newest = select(TaskExecution.id).order_by(TaskExecution.created_at.desc())
        id = await session.scalar(newest.limit(1))
        assert id is not None
        await runs.cancel(session, people.olga.actor, id)


async def test_the_slot_reads_by_its_own_parameters_and_a_start_by_hand_by_the_tasks(
    faked: Faked, people: People
) -> None:
    task = await due_once(faked)
    async with faked.database.system_session("beat") as session:
        assert (await dispatch_due(session, limit=10)).tasks == 1
    assert await read_by_trigger(faked) == {Trigger.SCHEDULE: {OF_THE_SLOT}}
    async with faked.database.unit_of_work(
        Login.APP, organization_id=task.organization_id
    ) as session:
        await runs.start(session, people.olga.actor, task.id, idempotency_key=None)
    assert await read_by_trigger(faked) == {
        Trigger.SCHEDULE: {OF_THE_SLOT},
        Trigger.MANUAL: {OWN},
    }


async def test_a_slot_that_is_run_again_reads_by_its_own_parameters(
    faked: Faked, people: People
) -> None:
    task = await due_once(faked)
    async with faked.database.system_session("beat") as session:
        assert (await dispatch_due(session, limit=10)).tasks == 1
    for _ in range(2):  # what was run again is run again like it
        await cancel_newest(faked, people)
        async with faked.database.unit_of_work(
            Login.APP, organization_id=task.organization_id
        ) as session:
            wanted = RerunInput(task_id=task.id, status=[Status.CANCELLED])
            again = await reruns.rerun(
                session, people.olga.actor, wanted, idempotency_key=None
            )
        assert [item.outcome for item in again.items] == ["started"]
    units = await read_by_trigger(faked)
    assert units[Trigger.MANUAL] == {OF_THE_SLOT}
