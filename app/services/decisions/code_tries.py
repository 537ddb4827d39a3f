"""How often the codes of a second factor may be guessed: decided from the wrong ones in
a row."""

from datetime import timedelta

FREE_TRIES = 5
_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=1)
_DOUBLINGS = 10  # enough for the longest


def pause_after(wrong_codes: int) -> timedelta:
    """So long no code is accepted after so many wrong ones in a row: at first not at
    all, then ever longer. Of a million codes three are right at a time, and in the end
    24 may be tried a day."""
    if wrong_codes < FREE_TRIES:
        return timedelta(0)
    times: int = 2 ** min(wrong_codes - FREE_TRIES, _DOUBLINGS)
    return min(_FIRST_PAUSE * times, _LONGEST_PAUSE)
