"""Choosing a plan, and managing what was chosen: both on Stripe's own pages. Nothing
here grants anything; only the subscription that is fetched from Stripe does.

No transaction is open while Stripe is asked, and whatever is written before it is
asked again can be written twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Database, pause
from app.core.errors import Conflict, EmailNotVerified, Invalid
from app.core.permissions import Permission
from app.core.settings import Settings
from app.core.tokens import hash_token
from app.integrations import stripe_checkout
from app.integrations.stripe_checkout import Order
from app.integrations.stripe_client import (
    StripeClient,
    StripeRefused,
    StripeSubscription,
)
from app.models.subscription import Subscription, SubscriptionPlan, SubscriptionStatus
from app.schemas.subscription import CheckoutOrder, CheckoutRead, PortalRead
from app.services import actors, audit, idempotency, trials

_CHECKOUT = "subscription.open_checkout"
_PORTAL = "subscription.open_portal"
# What Stripe still counts as a subscription, whatever it gives right to.
_ENDED = {"canceled", "incomplete_expired"}


class AlreadySubscribed(Conflict):
    """A second subscription would be a second bill."""

    code = "already-subscribed"
    title = "The organization has a subscription already"


class Complimentary(Conflict):
    """The operator gave the plan, and what is bought beside it gives nothing."""

    code = "complimentary"
    title = "The organization has its plan for nothing"


class NoCustomer(Conflict):
    code = "no-customer"
    title = "Nothing was ever bought for this organization"


@dataclass(frozen=True, slots=True)
class _Buyer:
    """The organization's customer, and how long it may try a plan."""

    customer_id: str
    trial_days: int


async def open_checkout(
    session: AsyncSession,
    actor: Actor,
    wanted: CheckoutOrder,
    *,
    database: Database,
    settings: Settings,
    key: str | None,
) -> CheckoutRead:
    """A page on which the plan can be paid for; any other page of the organization is
    closed, so that it pays once. Raises AlreadySubscribed, StripeNotConfigured."""
    actor.must(Permission.EDIT_BILLING)
    client = StripeClient.of(settings)
    if not actor.email_verified:
        raise EmailNotVerified("Then choose a plan.")
    repeat: Any = {
        "route": _CHECKOUT,
        "key": key,
        "request": wanted.model_dump(mode="json"),
    }
    if earlier := await idempotency.earlier_as(session, actor, CheckoutRead, **repeat):
        return earlier
    await _must_be_payable(session, actor)
    price_id = await _price_of(session, wanted.plan_code)
    customer_id = await _customer_of(session, actor)
    await pause(session)

    if customer_id is None:
        customer_id = await stripe_checkout.make_customer(client, actor.organization_id)
    buyer = await _prepare(database, settings, actor, customer_id)
    made = await _page_of(client, settings, actor, buyer, price_id, key)

    async def act() -> CheckoutRead:
        await _record(session, actor, _CHECKOUT, plan=wanted.plan_code)
        return made

    await _look_again(session, actor)
    return await idempotency.once_as(session, actor, CheckoutRead, act, **repeat)


async def open_portal(
    session: AsyncSession, actor: Actor, *, settings: Settings, key: str | None
) -> PortalRead:
    """Stripe's page with the organization's invoices, cards and plan. Raises NoCustomer
    and StripeNotConfigured."""
    actor.must(Permission.EDIT_BILLING)
    client = StripeClient.of(settings)
    repeat: Any = {"route": _PORTAL, "key": key, "request": {}}
    if earlier := await idempotency.earlier_as(session, actor, PortalRead, **repeat):
        return earlier
    customer_id = await _customer_of(session, actor)
    if customer_id is None:
        raise NoCustomer("Choose a plan first.")
    await pause(session)

    made = PortalRead(
        url=await stripe_checkout.open_portal(
            client,
            customer_id,
            return_url=_page(settings),
            key=_stripe_key(actor, "portal", key),
        )
    )

    async def act() -> PortalRead:
        await _record(session, actor, _PORTAL)
        return made

    await _look_again(session, actor)
    return await idempotency.once_as(session, actor, PortalRead, act, **repeat)


# ── what is read and written ─────────────────────────────────────────────────────


async def _price_of(session: AsyncSession, plan_code: str) -> str:
    wanted = select(SubscriptionPlan.stripe_price_id).where(
        SubscriptionPlan.code == plan_code
    )
    price_id = await session.scalar(wanted)
    if price_id is None:
        raise Invalid.field("/plan_code", "not_for_sale", "This plan is not for sale.")
    return price_id


async def _customer_of(session: AsyncSession, actor: Actor) -> str | None:
    customer_id: str | None = await session.scalar(
        select(Subscription.stripe_customer_id).where(
            Subscription.organization_id == actor.organization_id
        )
    )
    return customer_id


async def _must_be_payable(session: AsyncSession, actor: Actor) -> None:
    """Raises Complimentary: what would be bought there would not be followed."""
    status = await session.scalar(
        select(Subscription.status).where(
            Subscription.organization_id == actor.organization_id
        )
    )
    if status is SubscriptionStatus.COMPLIMENTARY:
        raise Complimentary("Ask who runs this installation to change it.")


async def _prepare(
    database: Database, settings: Settings, actor: Actor, customer_id: str
) -> _Buyer:
    """Keep the customer before anything is bought for it, so that whatever Stripe says
    of it is known to be this organization's; and claim the person's one trial."""
    tenant = actor.organization_id
    locked = select(Subscription).where(Subscription.organization_id == tenant)
    async with actors.as_user(database, actor.person, tenant) as session:
        await actors.authenticate_again(session, actor)
        row = (await session.scalars(locked.with_for_update())).one()
        is_new = row.stripe_customer_id is None
        if is_new:
            row.stripe_customer_id = customer_id
            await session.flush()
        may_try = settings.trial_days > 0 and row.trial_used_at is None
        claims = may_try and await trials.claim(session, settings, actor.person, tenant)
        if is_new or claims:
            await _record(session, actor, "subscription.prepare", trial=claims)
        has_trial = may_try and await trials.is_open(
            session, settings, actor.person, tenant
        )
        return _Buyer(
            customer_id=str(row.stripe_customer_id),
            trial_days=settings.trial_days if has_trial else 0,
        )


async def _look_again(session: AsyncSession, actor: Actor) -> None:
    """Who has lost the right meanwhile gets no address of a page."""
    present = await actors.authenticate_again(session, actor)
    present.must(Permission.EDIT_BILLING)


async def _record(
    session: AsyncSession, actor: Actor, action: str, **detail: object
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="subscription",
        detail=detail,
    )


# ── what is asked of Stripe ──────────────────────────────────────────────────────


async def _page_of(  # noqa: PLR0917 — what a page is made of
    client: StripeClient,
    settings: Settings,
    actor: Actor,
    buyer: _Buyer,
    price_id: str,
    key: str | None,
) -> CheckoutRead:
    """A page, when all others are closed and nobody has paid on one of them. Until its
    address is told, nobody can pay on it either: it may stay behind."""
    had = await client.subscriptions_of(buyer.customer_id)
    _must_be_over(had)
    trial_days = 0 if any(one.trial_start for one in had) else buyer.trial_days
    order = Order(
        organization_id=actor.organization_id,
        customer_id=buyer.customer_id,
        price_id=price_id,
        trial_days=trial_days,
        success_url=f"{_page(settings)}?checkout=done",
        cancel_url=_page(settings),
        key=_stripe_key(actor, f"checkout {price_id} {trial_days}", key),
    )
    made = await stripe_checkout.open_checkout(client, order)
    try:
        await stripe_checkout.close_others(client, made, buyer.customer_id)
    except StripeRefused as error:
        raise AlreadySubscribed("Somebody has just paid on another page.") from error
    _must_be_over(await client.subscriptions_of(buyer.customer_id))
    return CheckoutRead(url=made.url, expires_at=made.expires_at, trial_days=trial_days)


def _must_be_over(subscriptions: Sequence[StripeSubscription]) -> None:
    if any(one.status not in _ENDED for one in subscriptions):
        raise AlreadySubscribed("Change it in the customer portal.")


def _page(settings: Settings) -> str:
    return f"{settings.public_url}/subscription"


def _stripe_key(actor: Actor, what: str, key: str | None) -> str | None:
    """Of one member's request with a key: Stripe then answers a repeat the same, even
    where our own answer was lost."""
    if key is None:
        return None
    about = f"{actor.organization_id} {actor.signature} {what} {key}"
    return hash_token(about).hex()
