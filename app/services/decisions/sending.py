"""What is sent to a recipient next, and when it is left alone: singly and in order, or
as one digest where more is waiting than somebody would read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

WINDOW = timedelta(minutes=1)
MOST_SINGLE = 5  # messages within a window; what is more is gathered until its end
MOST_TRIES = 10
LONGEST = timedelta(days=3)  # after which nothing is tried any more
BREAKS_AFTER = 5  # failures in a row
_FIRST_PAUSE = timedelta(seconds=10)
_FIRST_BREAK = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
_JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Waiting:
    """One delivery that may be sent since `ready_at`. `bundle_id` is of the message in
    which that was begun; `digest_of` the rule that gathers it."""

    id: UUID
    ready_at: datetime
    bundle_id: UUID | None = None
    digest_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """How many messages were sent since `began_at`."""

    began_at: datetime | None = None
    sent: int = 0

    def is_open(self, now: datetime) -> bool:
        return self.began_at is not None and now < self.began_at + WINDOW

    def with_one_more(self, now: datetime) -> "Window":
        if self.is_open(now):
            return Window(self.began_at, self.sent + 1)
        return Window(now, 1)


@dataclass(frozen=True, slots=True)
class Message:
    """These deliveries, in this order, as one. `bundle_id` is its id where it was begun
    before: it may have arrived, so it is the same again."""

    ids: tuple[UUID, ...]
    bundle_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """More is waiting than is sent singly: it is gathered until then."""

    until: datetime


def next_message(
    waiting: Sequence[Waiting], *, window: Window, now: datetime
) -> Message | Hold | None:
    """What a channel is sent next of what waits, the oldest first.

    The first of a storm goes at once; the rest of it is one message when the window
    ends. Whatever has waited for a whole window needs no other one.
    """
    if not waiting:
        return None
    head = waiting[0]
    if head.bundle_id is not None:
        return Message(_bundle(waiting, head.bundle_id), head.bundle_id)
    messages = _messages(waiting)
    if window.is_open(now):
        assert window.began_at is not None
        if messages + window.sent > MOST_SINGLE:
            return Hold(window.began_at + WINDOW)
    elif messages > MOST_SINGLE and _was_held(head, window, now):
        return Message(tuple(one.id for one in waiting if one.bundle_id is None))
    return Message(_gathered(waiting, head))


def _was_held(head: Waiting, window: Window, now: datetime) -> bool:
    began_at = window.began_at
    in_window = began_at is not None and head.ready_at < began_at + WINDOW
    return in_window or head.ready_at <= now - WINDOW


def _bundle(waiting: Sequence[Waiting], bundle_id: UUID) -> tuple[UUID, ...]:
    return tuple(one.id for one in waiting if one.bundle_id == bundle_id)


def _messages(waiting: Sequence[Waiting]) -> int:
    """How many there would be, one of them for each rule that gathers."""
    single = sum(one.digest_of is None for one in waiting)
    return single + len({one.digest_of for one in waiting if one.digest_of})


def _gathered(waiting: Sequence[Waiting], head: Waiting) -> tuple[UUID, ...]:
    if head.digest_of is None:
        return (head.id,)
    return tuple(
        one.id
        for one in waiting
        if one.digest_of == head.digest_of and one.bundle_id is None
    )


def pause_after(failures: int, *, asked: timedelta | None, chance: float) -> timedelta:
    """How long a recipient is left alone after so many failures in a row: ever longer,
    and from the fifth on by minutes up to an hour, each time for one try. `asked` is
    what it asked for itself; `chance` of 0 to 1 keeps recipients apart."""
    if failures < BREAKS_AFTER:
        pause = _FIRST_PAUSE * float(2 ** max(0, failures - 1))
    else:
        # Beyond so many doublings it is the longest anyway.
        pause = _FIRST_BREAK * float(2 ** min(failures - BREAKS_AFTER, 10))
    longer = max(pause, asked or timedelta())
    return min(longer, LONGEST_PAUSE) * (1 + _JITTER * chance)
