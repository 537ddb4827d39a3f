"""One random history of a customer: what people and time do at Stripe, and what of it
reaches us, twice, late, in any order, or not at all."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from stripe import StripeError

from tests.billing.figures import FIGURES
from tests.billing.truth import Right, right
from tests.billing.world import World
from tests.fakestripe.buying import checkout, customer

GOOD = "4242424242424242"
FAILS_LATER = "4000000000000341"
COUNTRIES = ("DE", "FR", "US")
STEPS = 12
_OVER = {"canceled", "incomplete_expired"}


@dataclass
class History:
    """`seed` says all that happens; `told` is what did, for whoever must read it."""

    world: World
    seed: int
    dice: random.Random
    organization: UUID
    customer: str
    bystander: UUID
    loses: bool
    is_deleted: bool = False
    told: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)  # events that came, or got lost

    @classmethod
    async def begin(cls, world: World, seed: int) -> Self:
        world.backstage.reset(keep_prices=True)
        dice = random.Random(seed)  # noqa: S311 # the same again for the same seed
        country = {"country": dice.choice(COUNTRIES)}
        id = customer(world.shop, card=None, address=country)
        other = customer(world.shop, card=None)
        return cls(
            world,
            seed,
            dice,
            organization=await world.settle_in(id),
            customer=id,
            bystander=await world.settle_in(other),
            loses=dice.random() < 0.5,
        )

    async def play(self) -> None:
        world, dice = self.world, self.dice
        unpaid = dice.choice(("canceled", "unpaid", "past_due"))
        world.backstage.set_rules(unpaid_becomes=unpaid)
        self.told.append(f"what stays unpaid becomes {unpaid}")
        for step in range(STEPS):
            is_last = step == STEPS - 1 and not self.is_deleted
            if is_last and dice.random() < 0.4:
                self._payment_fails()
            else:
                self._something_happens()
            if dice.random() < 0.2:
                await self._an_old_answer_comes_late()
            if dice.random() < 0.6:
                await self._some_arrive()
            if dice.random() < 0.3:
                await self._work_while_stripe_is_away()
            if dice.random() < 0.6:
                await world.work()
                self.told.append("we look")

    async def end(self) -> str:
        """What is wrong when all that comes has come, and, if anything got lost, the
        night has reconciled; an empty text if nothing is."""
        if self.loses:
            await self.world.reconcile()
        else:
            await self._arrive(self._on_the_way())
            await self._an_old_answer_comes_late()
            await self._arrive(self._on_the_way())
        await self.world.work()
        wanted = right(self.world.subscriptions(self.customer), self.world.plans)
        FIGURES.entitled += wanted.plan != "free"
        found = await self.found(self.organization, wanted)
        aside = await self.found(self.bystander, right((), {}))
        if found == wanted and aside == right((), {}):
            return await self._what_is_wrong_in_a_week(wanted)
        return f"seed {self.seed}: {found} and not {wanted}; bystander {aside}"

    async def _what_is_wrong_in_a_week(self, wanted: Right) -> str:
        """What is past due works for seven days, and is read-only then; all else, and
        whoever stood aside, never is."""
        for days in (0, 6.9, 7.1, 400):
            is_so = await self.world.read_only_after(self.organization, days)
            if is_so != wanted.is_read_only(days):
                return f"seed {self.seed}: read-only {is_so} after {days} days"
            if await self.world.read_only_after(self.bystander, days):
                return f"seed {self.seed}: the bystander is read-only"
        FIGURES.read_only += wanted.is_read_only(400)
        return ""

    async def found(self, organization: UUID, wanted: Right) -> Right:
        """What we hold, as far as it matters to what is wanted."""
        row = await self.world.standing(organization)
        if wanted.status is None:
            gives = row.status in {"active", "trialing", "past_due"}
            return Right(row.plan_code, str(row.status) if gives else None, *[None] * 3)
        end = row.current_period_end
        made = row.currency, row.invoice_total, row.invoice_tax
        return Right(
            plan=row.plan_code,
            status=str(row.status),
            period_end=int(end.timestamp()) if end else None,
            ends=row.cancel_at_period_end,
            invoice=made if None not in made else None,  # type: ignore[arg-type] # said so
        )

    def _something_happens(self) -> None:
        try:
            self.dice.choice(self._possible())()
        except StripeError as refused:
            self.told.append(f"  but Stripe says: {refused}")

    def _payment_fails(self) -> None:
        """What few would come to by chance: what is had, or bought now, is past due."""
        if self._living() is None:
            self._buy(GOOD)
        self._card(FAILS_LATER)
        self.world.backstage.move_clock(days=32)
        self.told.append("32 days pass")

    # ── what happens at Stripe ───────────────────────────────────────────────────

    def _possible(self) -> list[Callable[[], None]]:
        if not (living := self._living()):
            return [self._buy, self._buy, self._wait]
        return [
            self._wait,
            self._wait,
            lambda: self._press("plan", living, price=self._price()),
            lambda: self._press("cancel", living),
            lambda: self._press("resume", living),
            lambda: self._card(GOOD),
            lambda: self._card(FAILS_LATER),
            self._pay,
            lambda: self._cancel(living),
            lambda: self._swap(living),
            self._buy_another,
            self._delete,
        ]

    def _living(self) -> str | None:
        for one in self.world.subscriptions(self.customer):
            if one["status"] not in _OVER:
                return str(one["id"])
        return None

    def _price(self) -> str:
        return self.dice.choice((self.world.shop.team, self.world.shop.business))

    def _buy(self, card: str | None = None) -> None:
        more: dict[str, Any] = {}
        if self.dice.random() < 0.5:
            more["subscription_data"] = {"trial_period_days": 14}
        session = checkout(
            self.world.shop,
            self.customer,
            line_items=[{"price": self._price(), "quantity": 1}],
            client_reference_id=str(self.organization),
            automatic_tax={"enabled": True},
            **more,
        )
        card = card or self.dice.choice((GOOD, GOOD, FAILS_LATER))
        answer = self.world.backstage.pay(session.url, card=card)
        self.told.append(f"buys {more} with {card}: {answer.status_code}")

    def _buy_another(self) -> None:
        """Beside the one there is, as somebody can in Stripe's dashboard."""
        if self.dice.random() < 0.5:
            made = self.world.shop.stripe.v1.subscriptions.create(
                {"customer": self.customer, "items": [{"price": self._price()}]}
            )
            self.told.append(f"has {made.id} beside it")

    def _delete(self) -> None:
        """The whole customer, as somebody can in Stripe's dashboard."""
        if self.dice.random() < 0.2:
            self.world.shop.stripe.v1.customers.delete(self.customer)
            self.is_deleted = True
            self.told.append("the customer is deleted")

    def _wait(self) -> None:
        days = self.dice.choice((1, 2, 4, 8, 15, 32))
        self.world.backstage.move_clock(days=days)
        self.told.append(f"{days} days pass")

    def _press(self, act: str, sub: str, **hidden: str) -> None:
        answer = self._portal(act, sub=sub, **hidden)
        self.told.append(f"presses {act} {hidden}: {answer}")

    def _card(self, number: str) -> None:
        self.told.append(f"takes card {number}: {self._portal('card', card=number)}")

    def _pay(self) -> None:
        asked = {"customer": self.customer, "status": "open"}
        listed = self.world.shop.stripe.v1.invoices.list(asked).data  # type: ignore[arg-type] # as it is said
        for made in listed[:1]:
            self.told.append(f"pays: {self._portal('pay', invoice=made.id)}")

    def _cancel(self, sub: str) -> None:
        if self.dice.random() < 0.3:
            self.world.shop.stripe.v1.subscriptions.cancel(sub)
            self.told.append("ends at once")

    def _swap(self, sub: str) -> None:
        """Another plan, charged at once."""
        found = self.world.shop.stripe.v1.subscriptions.retrieve(sub)
        price = self._price()
        self.world.shop.stripe.v1.subscriptions.update(
            sub,
            {
                "items": [{"id": found["items"].data[0].id, "price": price}],
                "proration_behavior": "always_invoice",
            },
        )
        self.told.append(f"is moved to {price}")

    def _portal(self, act: str, **hidden: str) -> int:
        portal = self.world.shop.stripe.v1.billing_portal.sessions.create(
            {"customer": self.customer}
        )
        return self.world.backstage.press(portal.url, act, **hidden).status_code

    # ── what reaches us ──────────────────────────────────────────────────────────

    def _on_the_way(self) -> list[str]:
        return [
            event["id"]
            for event in self.world.backstage.events()
            if event["id"] not in self.seen
        ]

    async def _some_arrive(self) -> None:
        waiting = self._on_the_way()
        self.dice.shuffle(waiting)
        coming = waiting[: self.dice.randint(0, len(waiting))]
        if self.loses:
            lost = {one for one in coming if self.dice.random() < 0.4}
            self.seen |= lost
            coming = [one for one in coming if one not in lost]
            self.told.append(f"{len(lost)} events get lost")
        await self._arrive(coming)

    async def _arrive(self, events: list[str]) -> None:
        """Each once or twice, after whatever came before."""
        again = [one for one in events if self.dice.random() < 0.2]
        coming = [*events, *again]
        self.dice.shuffle(coming)
        self.seen |= set(coming)
        await self.world.receive_all(coming)
        if coming:
            self.told.append(f"{len(coming)} events arrive")

    async def _an_old_answer_comes_late(self) -> None:
        """One worker has asked, and before it hears the answer something else happens,
        and another worker asks and is answered."""
        if not await self.world.has_work():
            return
        backstage, before = self.world.backstage, self.world.fetches()
        backstage.order_fault(
            status=200, after=True, held=True, path="/v1/subscriptions"
        )
        late = asyncio.create_task(self.world.work())
        await self.world.until_fetched(late, before)
        if not late.done():
            self.told.append("we look, and meanwhile:")
            self._something_happens()
            await self._arrive(self._on_the_way())
            await self.world.work()
        backstage.forget_faults()
        await late

    async def _work_while_stripe_is_away(self) -> None:
        """What was asked for waits, and is not forgotten."""
        status = self.dice.choice((500, 503, 429, None))
        self.world.backstage.order_fault(status=status, path="/v1/subscriptions")
        await self.world.work()
        self.world.backstage.forget_faults()
        self.told.append(f"we look, and Stripe answers {status}")
