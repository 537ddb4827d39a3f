"""The worker's own application, but for its executions, which ask AWS nothing: each
claims, records one unit and its result, and ends."""

from app.aws.unit import Unit
from app.services import execution_ends, execution_work
from app.services.claims import Claim
from app.services.execution_work import Asked
from app.tasks import runtime
from app.tasks.celery_app import app
from app.tasks.stopping import Stop
from app.tasks.worker import Worker

__all__ = ["app"]

_UNIT = Unit("list", "ec2", "eu-central-1", "ec2:DescribeInstances")


async def run_idly(worker: Worker, claim: Claim, stop: Stop) -> None:
    """The steps of `app.tasks.executions.run`, in the transactions that it makes where
    a task names its regions."""
    stop.check()
    async with worker.transaction(claim) as session:
        work = await execution_work.load(session, claim)
        [(unit_id, unit)] = await execution_work.begin(session, claim, [_UNIT])
    async with worker.transaction(claim) as session:
        await execution_work.begin_unit(session, claim, unit_id)
    with execution_work.spool(unit, work) as nothing:
        async with worker.transaction(claim) as session:
            await execution_work.record_read(
                session, claim, unit_id, unit, nothing, work=work, asked=Asked(calls=1)
            )
            await execution_ends.finish(session, claim)


runtime.run_or_log = run_idly
