"""What an organization may have by what Stripe says of its customer."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.integrations.stripe_client import StripeSubscription
from app.models.subscription import SubscriptionStatus

# Of several subscriptions the one that gives most counts: what gives a plan comes
# first, what has ended last; of those that give one the larger plan, of equals the
# newest.
_RANKS: Mapping[SubscriptionStatus, int] = {
    SubscriptionStatus.ACTIVE: 4,
    SubscriptionStatus.TRIALING: 4,
    SubscriptionStatus.PAST_DUE: 3,
    SubscriptionStatus.UNPAID: 2,
    SubscriptionStatus.PAUSED: 2,
    SubscriptionStatus.INCOMPLETE: 1,
    SubscriptionStatus.INCOMPLETE_EXPIRED: 0,
    SubscriptionStatus.CANCELED: 0,
}
# Past due gives the plan, too: that it becomes read-only after a week is a matter of
# the clock (Subscription.is_read_only).
_GIVING = 3


# How much a plan allows, to compare it with another.
Size = tuple[float, ...]
_MEASURES = ("aws_accounts", "enabled_tasks", "executions_per_month", "history_days")


def size_of(limits: Mapping[str, int | None]) -> Size:
    """By the first of the limits in which two plans differ; none is the largest."""
    found = (limits[name] for name in _MEASURES)
    return tuple(math.inf if limit is None else limit for limit in found)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The plan, how it stands, the subscription that it comes from, and when the first
    trial of all began."""

    plan_code: str
    status: SubscriptionStatus
    source: StripeSubscription | None = None
    trial_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What cannot be believed or understood: nothing is changed until it can."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ours:
    """What is known here: whose subscriptions they must be, which of them was there
    before, their mode, what each price buys, how large each plan is, and the plan of
    who has none."""

    customer_id: str
    known_id: str | None
    livemode: bool
    plan_of_price: Mapping[str, str]
    size_of_plan: Mapping[str, Size]
    default_plan: str


def entitlement(said: Sequence[StripeSubscription], ours: Ours) -> Entitlement | Doubt:
    """By all that the customer ever had, whatever its order."""
    if (doubt := _doubt(said, ours)) is not None:
        return doubt
    if not said:
        return Entitlement(ours.default_plan, SubscriptionStatus.NONE)
    rank = max(_RANKS[SubscriptionStatus(one.status)] for one in said)
    equals = [one for one in said if _RANKS[SubscriptionStatus(one.status)] == rank]
    if rank < _GIVING:
        best, plan = max(equals, key=_age), ours.default_plan
    else:
        # One that is not understood may be the largest.
        plans = {one.id: _plan_of(one, ours.plan_of_price) for one in equals}
        sizes: dict[str, Size] = {}
        for id, found in sorted(plans.items()):
            if isinstance(found, Doubt):
                return found
            sizes[id] = ours.size_of_plan[found]
        best = max(equals, key=lambda one: (sizes[one.id], _age(one)))
        plan = str(plans[best.id])
    trials = [one.trial_start for one in said if one.trial_start is not None]
    status = SubscriptionStatus(best.status)
    return Entitlement(plan, status, best, min(trials, default=None))


def _doubt(said: Sequence[StripeSubscription], ours: Ours) -> Doubt | None:
    for one in sorted(said, key=lambda one: one.id):
        if one.customer_id != ours.customer_id:
            return Doubt(f"{one.id} is of another customer")
        if one.livemode is not ours.livemode:
            return Doubt(f"{one.id} is of {'live' if one.livemode else 'test'} mode")
        if one.status not in _RANKS:
            return Doubt(f"{one.id} has the unknown status {one.status[:40]!r}")
    if ours.known_id not in {None, *(one.id for one in said)}:
        # Stripe forgets none: this is another account, or another customer.
        return Doubt(f"{ours.known_id} is not among them")
    return None


def _age(one: StripeSubscription) -> tuple[datetime, str]:
    return one.created_at, one.id


def _plan_of(one: StripeSubscription, plan_of_price: Mapping[str, str]) -> str | Doubt:
    unknown = sorted(price for price in one.price_ids if price not in plan_of_price)
    if unknown:
        return Doubt(f"{one.id} has the unknown price {unknown[0][:80]!r}")
    plans = {plan_of_price[price] for price in one.price_ids}
    if len(plans) != 1:
        return Doubt(f"{one.id} has the prices of {len(plans)} plans")
    return plans.pop()
