"""A process whose clock is wrong: the ids that it makes tell another time than the
database's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from app.core import ids
from app.core.clock import unix_milliseconds

DAY = timedelta(days=1)


@contextmanager
def clock_wrong_by(difference: timedelta) -> Iterator[None]:
    """What is recorded within is recorded by such a process."""
    wrong = difference // timedelta(milliseconds=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "unix_milliseconds", lambda: unix_milliseconds() + wrong)
        yield
