"""Ids: UUIDv7 (RFC 9562), made by the application, so that they sort by time on any
PostgreSQL."""

import os
import secrets
import threading
from array import array
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from app.core.clock import unix_milliseconds

_RANDOM_BITS = 74
_RISES_AT_ONCE = 1024
_lock = threading.Lock()
_last = (0, 0)


def _random_rises() -> Iterator[int]:
    """32 random bits each. A question to the system costs more than an id, so that it
    is asked for many at once."""
    while True:
        yield from array("I", os.urandom(4 * _RISES_AT_ONCE))


def _begin_anew() -> None:
    """A process that forks shares no random bits with its child."""
    global _rises  # noqa: PLW0603 — as their order, they are the process's
    _rises = _random_rises()


_rises = _random_rises()
os.register_at_fork(after_in_child=_begin_anew)


def _next() -> tuple[int, int]:
    """The millisecond and 74 bits that only rise within one millisecond of one process
    (RFC 9562, 6.2, method 2)."""
    global _last  # noqa: PLW0603 — their order is the process's
    with _lock:
        milliseconds = unix_milliseconds()
        if milliseconds == _last[0]:
            bits = _last[1] + 1 + next(_rises)
        else:
            # The top bit stays free, so that no rise within a millisecond overflows.
            bits = secrets.randbits(_RANDOM_BITS - 1)
        _last = (milliseconds, bits)
        return _last


def new_id() -> UUID:
    """48 bits of Unix milliseconds, version and variant, and 74 random bits, rising
    within a millisecond."""
    milliseconds, bits = _next()
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (bits >> 62) << 64
    value |= 0b10 << 62 | bits & (1 << 62) - 1
    return UUID(int=value)


def first_id_of(instant: datetime) -> UUID:
    """What no id made since then is smaller than, and each made before is."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)
