"""Which of the things that a plan limits must pause, and which may go on again."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

Thing = TypeVar("Thing")


class Fitted(NamedTuple, Generic[Thing]):
    pause: Sequence[Thing]
    resume: Sequence[Thing]


def fitted(
    running: Sequence[Thing], paused: Sequence[Thing], allowed: int | None
) -> Fitted[Thing]:
    """Of what runs the newest pause that are too many; of what was paused the oldest
    resume that there is room for. Both are in order, the oldest first; None is no
    limit."""
    if allowed is None:
        return Fitted([], paused)
    room = allowed - len(running)
    if room < 0:
        return Fitted(running[allowed:], [])
    return Fitted([], paused[:room])
