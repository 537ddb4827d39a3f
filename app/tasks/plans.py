"""Plans and who has them: `cloudrota plans`, under the owner's login. What is changed
is in the log of each organization concerned."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from app.core.db import Database
from app.core.errors import Invalid
from app.core.settings import Settings
from app.integrations import stripe_checkout
from app.integrations.stripe_client import StripeClient
from app.services import plan_edits, subscription_sync
from app.tasks import operator

Answer = dict[str, Any]

WITHDRAWN = "none"  # instead of a price


async def show(database: Database) -> Answer:
    return {
        plan.code: {"price": plan.stripe_price_id, "limits": plan.limits}
        for plan in await plan_edits.plans(database)
    }


async def overview(database: Database) -> Answer:
    counts, lines = await plan_edits.overview(database)
    return {"counts": counts, "organizations": [asdict(line) for line in lines]}


async def change(
    database: Database, configured: Settings, code: str, values: Sequence[str]
) -> Answer:
    """A price must be known to Stripe. Each organization of the plan is fitted to it in
    a transaction of its own: repeat the command if it was interrupted."""
    limits, price_id = _read(values)
    is_withdrawn = price_id == WITHDRAWN
    if is_withdrawn:
        price_id = None
    if price_id is not None:
        await stripe_checkout.must_sell(StripeClient.of(configured), price_id)
    actor = operator.name()
    concerned = await plan_edits.edit(
        database,
        code,
        limits=limits,
        price_id=price_id,
        is_withdrawn=is_withdrawn,
        actor=actor,
    )
    fitted = {
        str(one): plan_edits.told(
            await plan_edits.refit(database, configured, one, actor=actor)
        )
        for one in concerned
    }
    return {"organizations": len(concerned), "fitted": _of_note(fitted)}


def _read(values: Sequence[str]) -> tuple[dict[str, int | None], str | None]:
    limits: dict[str, int | None] = {}
    price_id = None
    for value in values:
        name, is_given, said = value.partition("=")
        if name == "price" and said:
            price_id = said
        elif is_given and (said == "none" or said.isdecimal()):
            limits[name] = None if said == "none" else int(said)
        else:
            raise Invalid(
                f"{value} is not price=… or price=none or LIMIT=NUMBER or LIMIT=none."
            )
    return limits, price_id


def _of_note(fitted: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {id: counts for id, counts in fitted.items() if any(counts.values())}


async def give(
    database: Database, configured: Settings, organization_id: UUID, plan_code: str
) -> Answer:
    fit = await plan_edits.give(
        database,
        configured,
        organization_id,
        plan_code=plan_code,
        actor=operator.name(),
    )
    return plan_edits.told(fit)


async def charge(
    database: Database, configured: Settings, organization_id: UUID
) -> Answer:
    """What it has bought meanwhile is followed at once, where Stripe is set up."""
    fit = await plan_edits.charge(
        database, configured, organization_id, actor=operator.name()
    )
    if configured.stripe_api_key is not None:
        await subscription_sync.sync(database, configured, organization_id)
    return plan_edits.told(fit)
