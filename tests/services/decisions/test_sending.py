"""What a recipient is sent next: at once, singly, or as one digest; and when not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.sending import (
    BREAKS_AFTER,
    LONGEST_PAUSE,
    MOST_SINGLE,
    WINDOW,
    Hold,
    Message,
    Waiting,
    Window,
    next_message,
    pause_after,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RULE = UUID(int=99)


def _waiting(
    count: int, *, age: timedelta = SECOND, first: int = 1, rule: UUID | None = None
) -> list[Waiting]:
    ids = range(first, first + count)
    return [Waiting(UUID(int=id), NOW - age, digest_of=rule) for id in ids]


def _ids(*numbers: int) -> tuple[UUID, ...]:
    return tuple(UUID(int=number) for number in numbers)


def _open(sent: int, *, ago: timedelta = 10 * SECOND) -> Window:
    return Window(NOW - ago, sent)


@pytest.mark.parametrize(
    ("waiting", "window", "expected"),
    [
        ([], Window(), None),
        (_waiting(1), Window(), Message(_ids(1))),
        (_waiting(5), Window(), Message(_ids(1))),
        # The first of a storm goes at once, the rest at the end of the window.
        (_waiting(6), Window(), Message(_ids(1))),
        (_waiting(5), _open(1), Hold(NOW + 50 * SECOND)),
        (_waiting(1), _open(4), Message(_ids(1))),
        (_waiting(1), _open(5), Hold(NOW + 50 * SECOND)),
        (_waiting(6), _open(1, ago=WINDOW), Message(_ids(1, 2, 3, 4, 5, 6))),
        (_waiting(5), _open(1, ago=WINDOW), Message(_ids(1))),
        # A window that ended before it began to wait has held nothing.
        (_waiting(6), _open(1, ago=WINDOW + 5 * SECOND), Message(_ids(1))),
        # After an outage it has waited long enough.
        (_waiting(7, age=WINDOW), Window(), Message(_ids(1, 2, 3, 4, 5, 6, 7))),
    ],
)
def test_a_channel_is_told_singly_until_that_is_too_much(
    waiting: list[Waiting], window: Window, expected: Message | Hold | None
) -> None:
    assert next_message(waiting, window=window, now=NOW) == expected


def test_what_was_begun_is_the_same_message_again() -> None:
    begun = UUID(int=7)
    waiting = [Waiting(UUID(int=id), NOW - WINDOW, begun) for id in (1, 2)]
    waiting += _waiting(20, first=3, age=WINDOW)
    for window in (Window(), _open(5)):
        message = next_message(waiting, window=window, now=NOW)
        assert message == Message(_ids(1, 2), begun)


def test_the_digest_of_a_rule_is_one_message_however_few_it_gathers() -> None:
    gathered = _waiting(30, rule=RULE)
    [single] = _waiting(1, first=31)
    message = next_message([*gathered, single], window=Window(), now=NOW)
    assert message == Message(tuple(one.id for one in gathered))
    assert next_message(gathered, window=_open(4), now=NOW) is not None


@given(
    st.lists(st.integers(0, 180), max_size=40),
    st.integers(1, 8),
)
def test_everything_is_sent_once_in_order_and_seldom(
    arrivals: list[int], pace: int
) -> None:
    """Whatever arrives when: no id twice, none lost, none before another that came
    first, and of a window no more messages than are allowed and a digest."""
    window, sent, times = Window(), list[UUID](), list[datetime]()
    instants = [NOW + timedelta(seconds=at) for at in sorted(arrivals)]
    left = [Waiting(UUID(int=n), at) for n, at in enumerate(instants, 1)]
    now = NOW
    while left:
        ready = [one for one in left if one.ready_at <= now]
        message = next_message(ready, window=window, now=now)
        if isinstance(message, Message):
            sent += message.ids
            times.append(now)
            left = [one for one in left if one.id not in message.ids]
            window = window.with_one_more(now)
        else:
            now += timedelta(seconds=pace)
    assert sent == [UUID(int=n) for n in range(1, len(arrivals) + 1)]
    for at in times:
        within = [one for one in times if at <= one < at + WINDOW]
        assert len(within) <= 2 * MOST_SINGLE


def test_pauses_grow_and_end_at_an_hour() -> None:
    pauses = [pause_after(n, asked=None, chance=0) for n in range(1, 40)]
    assert [one.total_seconds() for one in pauses[:7]] == [10, 20, 40, 80, 60, 120, 240]
    assert max(pauses) == LONGEST_PAUSE
    assert pause_after(BREAKS_AFTER, asked=None, chance=1) == 72 * SECOND


def test_who_asks_to_be_left_alone_is_for_up_to_an_hour() -> None:
    assert pause_after(1, asked=timedelta(minutes=5), chance=0) == timedelta(minutes=5)
    assert pause_after(1, asked=timedelta(days=9), chance=0) == LONGEST_PAUSE
