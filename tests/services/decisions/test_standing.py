"""What a banner says of a subscription, by a table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.models.subscription import SubscriptionStatus
from app.schemas.subscription import StandingState
from app.services.decisions.standing import reminder_of, standing

END = datetime(2026, 3, 31, 12, tzinfo=UTC)
LATE = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOING = {"ends_at": None, "past_due_since": None, "is_read_only": False}
OWING = {"ends_at": None, "past_due_since": LATE, "is_read_only": False}
TABLE: dict[str, tuple[str, dict[str, Any], str, datetime | None]] = {
    "a plan that is paid for": ("active", GOING, "active", None),
    "a trial": ("trialing", GOING, "trial", END),
    "cancelled, and paid until": ("active", GOING | {"ends_at": END}, "ending", END),
    "a cancelled trial": ("trialing", GOING | {"ends_at": END}, "ending", END),
    "owing": ("past_due", OWING, "payment_failed", LATE + timedelta(days=7)),
    "owing, and to end": (
        *("past_due", OWING | {"ends_at": END}),
        *("payment_failed", LATE + timedelta(days=7)),
    ),
    "owing for long": ("past_due", OWING | {"is_read_only": True}, "read_only", None),
    "never paid": ("incomplete", GOING, "payment_incomplete", None),
    "never paid, given up": ("incomplete_expired", GOING, "ended", None),
    "given up by Stripe": ("unpaid", GOING, "unpaid", None),
    "over": ("canceled", GOING | {"ends_at": END}, "ended", None),
    "a trial without a card, over": ("paused", GOING, "unpaid", None),
    "nothing bought": ("none", GOING, "none", None),
    "a gift": ("complimentary", GOING, "unbilled", None),
}


@pytest.mark.parametrize(
    ("status", "facts", "state", "until"), TABLE.values(), ids=TABLE
)
def test_the_banner_says_how_it_is_and_until_when(
    status: str, facts: dict[str, Any], state: str, until: datetime | None
) -> None:
    said = standing(status=SubscriptionStatus(status), period_end=END, **facts)
    assert (said.state, said.until) == (state, until)


def test_every_status_is_in_the_table() -> None:
    assert {status for status, *_ in TABLE.values()} == set(SubscriptionStatus)
    assert {state for *_, state, _ in TABLE.values()} == set(StandingState)


def test_who_could_do_something_is_told_what() -> None:
    told = {
        standing(
            status=SubscriptionStatus(status), period_end=END, **facts
        ).what_to_do: state
        for status, facts, state, _ in TABLE.values()
    }
    assert told[""] in {"active", "unbilled"}
    assert not {"active", "unbilled"} & {told[text] for text in told if text}


def test_one_is_reminded_three_days_before_a_trial_ends() -> None:
    assert reminder_of(END) == datetime(2026, 3, 28, 12, tzinfo=UTC)
