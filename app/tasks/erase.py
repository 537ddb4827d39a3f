"""Erases what is due: `cloudrota erase`, under the owner's login, once an hour or a
day. With ids, of organizations or people, it erases these whatever is due: after a
restore, those that were erased since."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.core.db import Database
from app.core.errors import Unavailable
from app.core.storage import ObjectStorage
from app.integrations.stripe_client import StripeClient
from app.models.erasure import Erasure
from app.services import erasing


async def erase_due(
    database: Database, files: ObjectStorage, stripe: StripeClient | None = None
) -> dict[str, Any]:
    """Stop the organizations whose time has come; erase those that are quiet, and then
    the people who want it or have lost their last organization. Whose customer Stripe
    does not give up now waits, and keeps nobody else waiting."""
    due = await erasing.due(database)
    for organization_id in due.stop:
        await erasing.stop(database, organization_id)
    erased, waiting = [], {}
    for one in due.organizations:
        try:
            erased.append(
                await erasing.erase_organization(database, files, one, stripe)
            )
        except Unavailable as error:
            waiting[str(one)] = f"{error.title}: {error}"
    people = (await erasing.due(database)).people
    erased += [await erasing.erase_person(database, files, one) for one in people]
    return _told(stopped=due.stop, erased=erased) | {"waiting": waiting}


async def erase_again(
    database: Database,
    files: ObjectStorage,
    ids: Sequence[UUID],
    stripe: StripeClient | None = None,
) -> dict[str, Any]:
    """Erase these, of which each is an organization, a person, or gone already."""
    erased = []
    for id in ids:
        erased.append(await erasing.erase_organization(database, files, id, stripe))
        erased.append(await erasing.erase_person(database, files, id))
    return _told(stopped=(), erased=erased)


def _told(*, stopped: Sequence[UUID], erased: Sequence[Erasure]) -> dict[str, Any]:
    return {
        "stopped": [str(id) for id in stopped],
        "erased": {str(one.id): one.counts for one in erased},
    }
