"""Taking one execution as a worker does, without its loops."""

from app.services import claims
from app.services.claims import Claim
from app.tasks import executions
from app.tasks.worker import Run, Worker


async def claim_one(worker: Worker) -> Claim | None:
    async with worker.database.system_session("claim") as session:
        found = await claims.claim(
            session,
            kind=worker.kind,
            worker=worker.name,
            running_cap=worker.settings.organization_running_cap,
            most=1,
        )
    return found[0] if found else None


async def take_one(worker: Worker, run: Run = executions.run) -> bool:
    """Claim the execution whose turn it is and run it to its end; False if there is
    none."""
    claim = await claim_one(worker)
    if claim is None:
        return False
    await worker.work(claim, run)
    return True
