"""What pauses and what resumes, for every number of things and every limit."""

from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.room import fitted

NUMBERS = st.lists(st.integers(), unique=True, max_size=12).map(sorted)


@given(NUMBERS, NUMBERS, st.none() | st.integers(0, 15))
def test_fills_the_room_and_no_more(
    running: list[int], paused: list[int], allowed: int | None
) -> None:
    pause, resume = fitted(running, paused, allowed)
    assert not (pause and resume)
    left = len(running) - len(pause) + len(resume)
    wanted = len(running) + len(paused)
    if allowed is not None:
        wanted = min(allowed, wanted)
    assert left == wanted
    # The newest pause, the oldest resume.
    assert list(pause) == running[len(running) - len(pause) :]
    assert list(resume) == paused[: len(resume)]
