"""The worker's own application, but for its executions, which ask AWS nothing: each
claims, records one unit and its result, and ends."""

from app.aws.unit import GLOBAL, Unit
from app.services import execution_ends, execution_work
from app.services.claims import Claim
from app.services.execution_work import Asked
from app.tasks import runtime
from app.tasks.celery_app import app
from app.tasks.stopping import Stop
from app.tasks.worker import Worker

__all__ = ["app"]

# Asked once per account: no region has to be known first.
_UNIT = Unit("list", "iam", GLOBAL, "iam:ListUsers")


async def run_idly(worker: Worker, claim: Claim, stop: Stop) -> None:
    """The steps of `app.tasks.executions.run` for one global unit, in the transactions
    that it makes."""
    stop.check()
    async with worker.transaction(claim) as session:
        work = await execution_work.load(session, claim)
        begun = await execution_work.begin(session, claim, [_UNIT], at_once=1)
        [(unit_id, unit)] = begun
    with execution_work.spool(unit, work) as nothing:
        async with worker.transaction(claim) as session:
            await execution_work.record_read(
                session, claim, unit_id, unit, nothing, work=work, asked=Asked(calls=1)
            )
            await execution_ends.finish(session, claim)


runtime.run_or_log = run_idly
