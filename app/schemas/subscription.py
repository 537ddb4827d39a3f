"""The subscription as it crosses the edge. Invoices, cards and addresses are Stripe's:
the customer portal shows them, and nothing of them is here."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

from app.models.subscription import SubscriptionStatus
from app.schemas.base import Input, Output


class StandingState(StrEnum):
    UNBILLED = "unbilled"  # nobody pays here, or the operator gave the plan away
    NONE = "none"  # nothing was bought; the smallest plan holds
    ACTIVE = "active"
    TRIAL = "trial"
    ENDING = "ending"  # it was cancelled, and goes on until what was paid for is over
    PAYMENT_INCOMPLETE = "payment_incomplete"
    PAYMENT_FAILED = "payment_failed"  # everything works on, until the given time
    READ_ONLY = "read_only"
    UNPAID = "unpaid"  # Stripe has given up asking; the same
    ENDED = "ended"  # it was cancelled, or never begun; the same


class StandingRead(Output):
    """What a banner shows."""

    state: StandingState
    until: datetime | None = Field(
        description="When this ends by itself; null: it does not."
    )
    what_to_do: str = Field(description="A sentence; empty: nothing.")


class HeldHistoryRead(Output):
    """What a larger plan kept of the history, and for how long it is there still."""

    until: datetime
    days: int | None = Field(description="How much is kept until then; null: all.")
    then_days: int = Field(description="What the plan keeps from then on.")
    goes_before: datetime = Field(
        description="What ended before this is deleted from `until` on."
    )


class CheckoutOrder(Input):
    """The plan that is wanted, as `GET /plans` names it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"plan_code": "team"}]})

    plan_code: Annotated[str, Field(min_length=1, max_length=50)]


class CheckoutRead(Output):
    """Where to pay. Having been there grants nothing: what Stripe then says does."""

    url: str
    expires_at: datetime
    trial_days: int = Field(description="0: it is paid for from the first day.")


class PortalRead(Output):
    """Stripe's page with the invoices, the cards and the plan; it works for a few
    minutes, for whoever has its address."""

    url: str


class SubscriptionRead(Output):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan_code": "team",
                    "plan_name": "Team",
                    "status": "trialing",
                    "current_period_end": "2026-03-16T08:15:30Z",
                    "cancel_at_period_end": False,
                    "is_billed": True,
                    "has_customer": True,
                    "trial_days_offered": 0,
                    "standing": {
                        "state": "trial",
                        "until": "2026-03-16T08:15:30Z",
                        "what_to_do": "From then on it is paid for; who does not want"
                        " that cancels it in the customer portal.",
                    },
                    "held_history": None,
                }
            ]
        }
    )

    plan_code: str = Field(description="The plan whose limits hold now.")
    plan_name: str
    status: SubscriptionStatus
    current_period_end: datetime | None
    cancel_at_period_end: bool
    is_billed: bool = Field(
        description="Whether this deployment takes money. False: it is not set up for"
        " Stripe, and everybody has the plan that its operator gives."
    )
    has_customer: bool = Field(description="Whether there is a customer portal.")
    trial_days_offered: int = Field(
        description="How long a plan could be tried if you chose one now."
    )
    standing: StandingRead
    held_history: HeldHistoryRead | None = Field(
        description="After a change to a plan that keeps less; null: the plan's own"
        " `history_days` say what is kept."
    )
