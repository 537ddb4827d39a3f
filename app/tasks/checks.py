"""Whether an installation is well, for its operator: each thing that must be so, what
is seen of it, and what to do if it is not so."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text

from app.core.db import AWAY, Database, Login
from app.core.queue import HintsNotSent, Publisher
from app.core.setting_faults import NotSet
from app.core.settings import Settings
from app.models.restore import Pulse
from app.services import deployment, rewrapping
from app.services.deployment import Deployment
from app.services.key_providers import key_provider
from app.tasks.pulse import SECONDS

# Three pulses in a row that were not felt.
SILENT_SECONDS = 3 * SECONDS
_ALEMBIC = Path(__file__).parents[2] / "alembic.ini"


class Check(NamedTuple):
    """`unknown` is what cannot be seen with these settings; it is not well either."""

    name: str
    state: Literal["ok", "wrong", "unknown"]
    said: str
    todo: str = ""


async def look(
    database: Database, settings: Settings, publisher: Publisher
) -> Sequence[Check]:
    """All of it. Where the database is away, nothing more is asked of it."""
    seen = [_configuration(settings), await _redis(publisher)]
    logins = [await _login(database, login) for login in Login]
    seen += logins
    if any(one.state == "wrong" for one in logins):
        return seen
    seen += [await _migrations(database), await _keys(database, settings)]
    return [*seen, *await _deployment(database, settings)]


def _configuration(settings: Settings) -> Check:
    said = f"{settings.environment}, {settings.public_url}"
    return Check("configuration", "ok", said)


async def _redis(publisher: Publisher) -> Check:
    try:
        await publisher.ping()
    except HintsNotSent as error:
        todo = "Look at REDIS_URL and the server: docs/runbooks/redis-away.md"
        return Check("redis", "wrong", error.detail, todo)
    return Check("redis", "ok", "It answers.")


async def _login(database: Database, login: Login) -> Check:
    name = f"login {login}"
    try:
        async with database.unit_of_work(login, actor="operator:check") as session:
            now: datetime | None = await session.scalar(select(func.app_now()))
    except NotSet as error:
        return Check(name, "unknown", str(error), "Set it here to have it looked at.")
    except AWAY as error:
        todo = "docs/runbooks/database-away.md; never migrated: cloudrota migrate"
        return Check(name, "wrong", f"{type(error).__name__}", todo)
    return Check(name, "ok", f"It is {now:%Y-%m-%d %H:%M:%S} UTC there.")


async def _migrations(database: Database) -> Check:
    head = ScriptDirectory.from_config(Config(_ALEMBIC)).get_current_head()
    number = text("SELECT version_num FROM alembic_version")
    try:
        async with database.unit_of_work(Login.OWNER) as session:
            stands = await session.scalar(number)
    except NotSet as error:
        return Check("migrations", "unknown", str(error), "Set it to have it seen.")
    if stands != head:
        said = f"The database is at {stands}, the code at {head}."
        return Check("migrations", "wrong", said, "cloudrota migrate")
    return Check("migrations", "ok", f"Database and code are at {head}.")


async def _keys(database: Database, settings: Settings) -> Check:
    todo = "docs/runbooks/key-rotation.md"
    try:
        wrong = await rewrapping.prove(database, key_provider(settings))
    except NotSet as error:
        return Check("keys", "unknown", str(error), "Set it to have it seen.")
    if wrong:
        said = "; ".join(f"{what}: {why}" for what, why in wrong.items())
        return Check("keys", "wrong", said, todo)
    return Check("keys", "ok", "Each key in use unwraps what it wrapped.")


async def _deployment(database: Database, settings: Settings) -> list[Check]:
    try:
        async with database.system_session("check") as session:
            felt_at = await session.scalar(select(Pulse.at))
            seen = await deployment.look(session)
    except NotSet as error:
        todo = "Set it to have beat, schedule, work and restore seen."
        return [Check("deployment", "unknown", str(error), todo)]
    return [
        _beat(felt_at, seen),
        _schedule(seen, settings),
        _work(seen),
        _restore(seen),
    ]


def _beat(felt_at: datetime | None, seen: Deployment) -> Check:
    todo = "Start a beat, or see its log: docs/runbooks/beat-dead.md"
    if felt_at is None:
        return Check("beat", "wrong", "None has ever run on this database.", todo)
    ago = (seen.now - felt_at).total_seconds()
    state: Literal["ok", "wrong"] = "wrong" if ago > SILENT_SECONDS else "ok"
    return Check("beat", state, f"Its last pulse was {ago:.0f} s ago.", todo)


def _schedule(seen: Deployment, settings: Settings) -> Check:
    late = seen.lag_seconds
    is_late = late > settings.heartbeat_lag_seconds
    said = f"The oldest slot is {late:.0f} s late."
    todo = "docs/runbooks/queue-lag.md"
    return Check("schedule", "wrong" if is_late else "ok", said, todo)


def _work(seen: Deployment) -> Check:
    waits = seen.stranded_seconds
    said = f"{sum(seen.queued.values())} executions wait, {seen.running} are at work."
    todo = f"No worker took any for {waits:.0f} s: docs/runbooks/worker-lost.md"
    return Check("work", "wrong" if waits > SECONDS else "ok", said, todo)


def _restore(seen: Deployment) -> Check:
    if seen.paused_since is None:
        return Check("restore", "ok", "None is open.")
    said = f"Paused since {seen.paused_since:%Y-%m-%d %H:%M:%S} UTC."
    todo = "docs/runbooks/restore.md, then cloudrota resume-after-restore"
    return Check("restore", "wrong", said, todo)
