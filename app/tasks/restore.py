"""What an operator does about a restored database: pauses it, if that was not noticed,
and has work go on once it is seen to be whole."""

from typing import Any

from app.core.db import Database, Login
from app.core.settings import Settings
from app.core.storage import ObjectStorage
from app.integrations.stripe_client import StripeClient
from app.services import erasing, restores
from app.tasks import operator, pulse
from app.tasks.erase import erase_again


async def pause(database: Database, settings: Settings) -> dict[str, Any]:
    """Before the processes are started on a restored database, to be sure."""
    name = operator.name()
    async with database.unit_of_work(Login.OWNER, actor=name) as session:
        paused = await restores.notice(session, by=name, sign="The operator says so.")
    await pulse.judge(database, settings, as_beat=False, operator=name)
    return {"paused": paused}


async def resume(
    database: Database,
    settings: Settings,
    files: ObjectStorage,
    stripe: StripeClient | None,
    *,
    nothing_lost: bool,
) -> dict[str, Any]:
    """Erase whom the backup brought back, then let work go on. The beat has no reason
    left to pause it again. Raises NotPaused, and CommitsAreMissing where nothing was to
    be lost and whom the database brought back says otherwise."""
    name = operator.name()
    await pulse.judge(database, settings, as_beat=False, operator=name)
    noted = await erasing.noted(files)
    erased = {}
    if nothing_lost:
        await restores.must_know(database, noted)
    else:
        back = await restores.forgotten(database, noted)
        erased = (await erase_again(database, files, back, stripe))["erased"]
    counts = await restores.resume(database, operator=name, nothing_lost=nothing_lost)
    return {"erased_again": erased, **counts}
