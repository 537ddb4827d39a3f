"""The deployment, its Stripe, and what goes between them: events and fetches."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, update

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.organization import Organization
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.subscription import (
    Subscription,
    SubscriptionPlan,
    SubscriptionStatus,
)
from app.services import housekeeping
from app.tasks import outbox
from app.tasks.worker import Worker
from tests.fakestripe.buying import Shop
from tests.fakestripe.server import Backstage

SECRET = "whsec_of_the_deployment"
WEBHOOK = "/api/v1/webhooks/stripe"


@dataclass(frozen=True)
class World:
    database: Database
    worker: Worker
    http: httpx.AsyncClient
    backstage: Backstage
    shop: Shop
    move_clock: Callable[[str], Awaitable[None]]

    @property
    def plans(self) -> dict[str, str]:
        """The plan that each price buys."""
        return {self.shop.team: "team", self.shop.business: "business"}

    async def settle_in(self, customer: str | None) -> UUID:
        """An organization without a plan of its own; its customer is known to us."""
        id = new_id()
        async with self.database.unit_of_work(Login.OWNER) as session:
            session.add(
                Organization(id=id, name="Any", aws_external_id=f"external-{id}")
            )
            await session.flush()
            session.add(
                Subscription(
                    organization_id=id,
                    plan_code="free",
                    status=SubscriptionStatus.NONE,
                    stripe_customer_id=customer,
                )
            )
        return id

    async def read_only_after(self, organization_id: UUID, days: float) -> bool:
        """Whether it will be, so many days from now, if nothing else happens."""
        await self.move_clock(f"{days} days")
        found = await self.standing(organization_id)
        await self.move_clock("0 days")
        return bool(found.is_read_only)

    async def sell(self, plan: str, price: str) -> None:
        """The price buys this plan from now on."""
        sold = update(SubscriptionPlan).where(SubscriptionPlan.code == plan)
        async with self.database.unit_of_work(Login.OWNER) as session:
            await session.execute(sold.values(stripe_price_id=price))

    async def standing(self, organization_id: UUID) -> Subscription:
        """What the organization has, as it is committed."""
        async with self.database.unit_of_work(Login.OWNER) as session:
            found = await session.scalars(
                select(Subscription).where(
                    Subscription.organization_id == organization_id
                )
            )
            return found.one()

    def subscriptions(self, customer: str) -> list[Any]:
        """All that the customer ever had, raw."""
        asked = {"customer": customer, "status": "all", "limit": "100"}
        asked["expand[]"] = "data.latest_invoice"
        found: list[Any] = self.backstage.answer("/v1/subscriptions", asked)["data"]
        return found

    async def receive(self, event: str, **knobs: Any) -> httpx.Response:
        """One event arrives, signed as the knobs say."""
        [(body, headers)] = self.backstage.sign([event], SECRET, **knobs)
        return await self.http.post(WEBHOOK, content=body, headers=headers)

    async def receive_all(self, events: Sequence[str]) -> None:
        """These arrive, and are taken."""
        for body, headers in self.backstage.sign(events, SECRET):
            answer = await self.http.post(WEBHOOK, content=body, headers=headers)
            assert answer.is_success, answer.text

    async def work(self) -> None:
        """Do what the outbox asks for, until nothing is left that can be done now."""
        tried: set[UUID] = set()
        while waiting := await self._waiting(tried):
            for id in waiting:
                tried.add(id)
                await outbox.deliver(self.worker, id)

    async def reconcile(self) -> None:
        """What the beat asks for each night."""
        async with self.database.system_session("housekeeping") as session:
            while await housekeeping.ask_for_syncs(session, limit=500):
                pass

    async def has_work(self) -> bool:
        return bool(await self._waiting(set()))

    async def until_fetched(self, working: asyncio.Task[None], before: int) -> None:
        """Wait until Stripe was asked once more than `before`, or the work is over."""
        over: set[asyncio.Task[None]] = set()
        while self.fetches() == before and not over:
            over, _ = await asyncio.wait({working}, timeout=0.01)

    def fetches(self) -> int:
        """How often subscriptions were asked for."""
        asked = self.backstage.look()["requests"]
        return sum(path == "/v1/subscriptions" for _, path in asked)

    async def _waiting(self, tried: set[UUID]) -> list[UUID]:
        pending = select(OutboxMessage.id).where(
            OutboxMessage.status == OutboxStatus.PENDING,
            OutboxMessage.id.not_in(tried),
            OutboxMessage.kind.like("subscription.%"),
        )
        async with self.database.unit_of_work(Login.OWNER) as session:
            return list(await session.scalars(pending.order_by(OutboxMessage.id)))
