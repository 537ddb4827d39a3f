"""Turns multi-factor sign-in off for who has lost it, once identity is proven as
docs/runbooks/second-factor-lost.md says: `cloudrota forget-second-factor`, under the
owner's login."""

from app.core.db import Database, Login
from app.core.settings import Settings
from app.services import operator_acts
from app.services.operator_acts import Ended
from app.tasks import operator

LEAST_PROOF = 20  # characters: who vouched, when, by which way


async def forget_second_factor(
    database: Database, configured: Settings, email: str, *, proof: str
) -> Ended:
    """Raises NotFound and MfaIsOff."""
    name = operator.name()
    async with database.unit_of_work(Login.OWNER, actor=name) as session:
        return await operator_acts.forget_second_factor(
            session, configured, email, operator=name, proof=proof
        )
