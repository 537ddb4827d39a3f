"""How an organization stands with its subscription: what a banner says, until when it
is so, and what somebody can do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.models.subscription import GRACE, SubscriptionStatus
from app.schemas.subscription import StandingState


@dataclass(frozen=True, slots=True)
class Standing:
    """`until` is when the state ends by itself, None where it does not; `what_to_do`
    is a sentence, empty where there is nothing to do."""

    state: StandingState
    until: datetime | None = None
    what_to_do: str = ""


_STATES: Mapping[SubscriptionStatus, StandingState] = {
    SubscriptionStatus.NONE: StandingState.NONE,
    SubscriptionStatus.TRIALING: StandingState.TRIAL,
    SubscriptionStatus.ACTIVE: StandingState.ACTIVE,
    SubscriptionStatus.PAST_DUE: StandingState.PAYMENT_FAILED,
    SubscriptionStatus.UNPAID: StandingState.UNPAID,
    SubscriptionStatus.PAUSED: StandingState.UNPAID,
    SubscriptionStatus.CANCELED: StandingState.ENDED,
    SubscriptionStatus.INCOMPLETE: StandingState.PAYMENT_INCOMPLETE,
    SubscriptionStatus.INCOMPLETE_EXPIRED: StandingState.ENDED,
    SubscriptionStatus.COMPLIMENTARY: StandingState.UNBILLED,
}
_PAY = "Open the customer portal and settle the invoice or change the card."
_CHOOSE = "Choose a plan to have more than this one."
_WHAT_TO_DO: Mapping[StandingState, str] = {
    StandingState.TRIAL: "From then on it is paid for; who does not want that cancels"
    " it in the customer portal.",
    StandingState.ENDING: "Renew it in the customer portal to keep the plan.",
    StandingState.PAYMENT_INCOMPLETE: "The first payment is not through: finish it in"
    " the customer portal. A day later it is given up, and a plan can be chosen anew.",
    StandingState.PAYMENT_FAILED: _PAY,
    StandingState.READ_ONLY: _PAY,
    StandingState.UNPAID: _PAY,
    StandingState.NONE: _CHOOSE,
    StandingState.ENDED: _CHOOSE,
}


def standing(
    *,
    status: SubscriptionStatus,
    period_end: datetime | None,
    ends_at: datetime | None,
    past_due_since: datetime | None,
    is_read_only: bool,
) -> Standing:
    """`ends_at` is when it was cancelled to, if it was, and read-only what the database
    says of the row. What is to end says so only while it is paid for: before that the
    payment matters more."""
    state = StandingState.READ_ONLY if is_read_only else _STATES[status]
    if ends_at is not None and state in {StandingState.TRIAL, StandingState.ACTIVE}:
        state = StandingState.ENDING
    until = None
    if state is StandingState.ENDING:
        until = ends_at
    elif state is StandingState.TRIAL:
        until = period_end
    elif state is StandingState.PAYMENT_FAILED:
        until = past_due_since and past_due_since + GRACE
    return Standing(state, until, _WHAT_TO_DO.get(state, ""))


def reminder_of(trial_end: datetime) -> datetime:
    """When people are reminded that a trial ends."""
    return trial_end - timedelta(days=3)
