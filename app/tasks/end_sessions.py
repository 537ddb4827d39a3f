"""Ends sessions at once (`cloudrota end-sessions`): a person's, or those of all members
of an organization, under the owner's login. API keys are no sessions: they are revoked
one by one."""

from uuid import UUID

from app.core.db import Database, Login
from app.services import operator_acts
from app.services.operator_acts import Ended
from app.tasks import operator


async def end_sessions(
    database: Database, *, person: str | None, organization: UUID | None
) -> Ended:
    """Raises NotFound."""
    name = operator.name()
    async with database.unit_of_work(Login.OWNER, actor=name) as session:
        if organization is not None:
            return await operator_acts.end_sessions_of_organization(
                session, organization, operator=name
            )
        return await operator_acts.end_sessions_of_person(
            session, person or "", operator=name
        )
