"""An organization that is a customer in the fake of Stripe, where two plans have
prices."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import stripe
from pydantic import SecretStr
from sqlalchemy import select, update
from stripe.params import SubscriptionCreateParams

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.subscription import (
    Subscription,
    SubscriptionPlan,
    SubscriptionStatus,
)
from app.services import subscription_sync
from tests.fakestripe.buying import Shop, customer, make_shop
from tests.fakestripe.server import Backstage
from tests.plans import hold_nothing


@dataclass(frozen=True)
class Subscriber:
    """Its `settings` lead to the fake."""

    database: Database
    settings: Settings
    shop: Shop
    organization_id: UUID
    customer_id: str

    def buy(self, price: str | None = None, **more: Any) -> stripe.Subscription:
        """At Stripe; nobody is told."""
        asked: SubscriptionCreateParams = {
            "customer": self.customer_id,
            "items": [{"price": price or self.shop.team}],
            **more,  # type: ignore[typeddict-item] # the test names members
        }
        return self.shop.stripe.v1.subscriptions.create(asked)

    async def sync(self, settings: Settings | None = None) -> Subscription:
        """Follow Stripe, and look."""
        chosen = settings or self.settings
        await subscription_sync.sync(self.database, chosen, self.organization_id)
        return await self.row()

    async def row(self) -> Subscription:
        mine = Subscription.organization_id == self.organization_id
        async with self.database.unit_of_work(Login.OWNER) as session:
            return (await session.scalars(select(Subscription).where(mine))).one()

    async def change(self, **values: Any) -> None:
        """The row, as if it had been so."""
        mine = Subscription.organization_id == self.organization_id
        async with self.database.unit_of_work(Login.OWNER) as session:
            await session.execute(update(Subscription).where(mine).values(**values))

    async def recorded(self) -> list[AuditEvent]:
        """What is on the audit log of the subscription, the oldest first."""
        told = (
            select(AuditEvent)
            .where(
                AuditEvent.organization_id == self.organization_id,
                AuditEvent.subject_type == "subscription",
            )
            .order_by(AuditEvent.id)
        )
        async with self.database.unit_of_work(Login.OWNER) as session:
            return [*await session.scalars(told)]


def settings_of(configured: Settings, backstage: Backstage) -> Settings:
    """What a deployment has that sells at the fake."""
    return configured.model_copy(
        update={
            "stripe_api_key": SecretStr(backstage.key),
            "stripe_api_url": backstage.url,
            "default_plan": "free",
        }
    )


async def make_subscriber(
    database: Database, configured: Settings, backstage: Backstage, tenant: UUID
) -> Subscriber:
    """A customer without any subscription, on the free plan."""
    shop = make_shop(backstage)
    one = Subscriber(
        database, settings_of(configured, backstage), shop, tenant, customer(shop)
    )
    async with database.unit_of_work(Login.OWNER) as session:
        for code, price in (("team", shop.team), ("business", shop.business)):
            plan = update(SubscriptionPlan).where(SubscriptionPlan.code == code)
            await session.execute(plan.values(stripe_price_id=price))
    await one.change(
        stripe_customer_id=one.customer_id,
        status=SubscriptionStatus.NONE,
        plan_code="free",
    )
    async with database.unit_of_work(Login.OWNER) as session:
        await hold_nothing(session)
    return one
