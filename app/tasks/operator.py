"""Who uses a command of the installation: what it reads of a tenant is in that tenant's
audit log."""

import os
import pwd
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.services import audit


def name() -> str:
    """The account of the process, as the machine knows it: no variable changes it."""
    uid = os.getuid()
    try:
        account = pwd.getpwuid(uid).pw_name
    except KeyError:
        account = f"uid-{uid}"  # a container may run as a number that has no name
    return f"operator:{account}"


async def record(
    session: AsyncSession,
    organization_id: UUID,
    *,
    action: str,
    subject_type: str,
    subject_id: UUID,
) -> None:
    """In the transaction that reads."""
    await audit.record(
        session,
        organization_id=organization_id,
        actor=name(),
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
    )
