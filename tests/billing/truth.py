"""What an organization must have, by the raw words of Stripe and nothing of our code:
the table of the plan's rules, written a second time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Raw = Mapping[str, Any]

# So long what is past due works in full.
_DAYS_OF_GRACE = 7

# What the status of a subscription gives right to. What is not here gives nothing.
_IN_FULL = {"active", "trialing"}
_FOR_A_WEEK = {"past_due"}
_SIZES = ("free", "team", "business")


@dataclass(frozen=True)
class Right:
    """`status` is None where any will do that gives nothing."""

    plan: str
    status: str | None
    period_end: int | None
    ends: bool | None
    invoice: tuple[str, int, int] | None  # currency, total, tax

    def is_read_only(self, days: float) -> bool:
        """So many days after it was first seen so."""
        return self.status in _FOR_A_WEEK and days > _DAYS_OF_GRACE


def right(subscriptions: Sequence[Raw], plans: Mapping[str, str]) -> Right:
    """By all that a customer ever had, and the plan that each price buys."""
    for statuses in (_IN_FULL, _FOR_A_WEEK):
        giving = [one for one in subscriptions if one["status"] in statuses]
        if giving:
            return _by(max(giving, key=lambda one: _worth(one, plans)), plans)
    return Right("free", None, None, None, None)


def _worth(sub: Raw, plans: Mapping[str, str]) -> tuple[int, int, str]:
    """The larger plan, and of equals the newest."""
    [item] = sub["items"]["data"]
    size = _SIZES.index(plans[item["price"]["id"]])
    return size, sub["created"], sub["id"]


def _by(sub: Raw, plans: Mapping[str, str]) -> Right:
    [item] = sub["items"]["data"]
    made = sub["latest_invoice"]
    return Right(
        plan=plans[item["price"]["id"]],
        status=sub["status"],
        period_end=item["current_period_end"],
        ends=sub["cancel_at_period_end"],
        invoice=(made["currency"], made["total"], made["total"] - made["subtotal"]),
    )
