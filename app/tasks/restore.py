"""What an operator does about a restored database: pauses it, if that was not noticed,
and has work go on once it is seen to be whole."""

from typing import Any

from app.core.db import Database, Login
from app.core.storage import ObjectStorage
from app.integrations.stripe_client import StripeClient
from app.services import erasing, restores
from app.tasks import operator
from app.tasks.erase import erase_again


async def pause(database: Database) -> dict[str, Any]:
    """Before the processes are started on a restored database, to be sure."""
    name = operator.name()
    async with database.unit_of_work(Login.OWNER, actor=name) as session:
        paused = await restores.notice(session, by=name, sign="The operator says so.")
    return {"paused": paused}


async def resume(
    database: Database,
    files: ObjectStorage,
    stripe: StripeClient | None,
    *,
    nothing_lost: bool,
) -> dict[str, Any]:
    """Erase whom the backup brought back, then let work go on. Raises NotPaused."""
    back = await restores.forgotten(database, await erasing.noted(files))
    erased = await erase_again(database, files, back, stripe)
    counts = await restores.resume(
        database, operator=operator.name(), nothing_lost=nothing_lost
    )
    return {"erased_again": erased["erased"], **counts}
