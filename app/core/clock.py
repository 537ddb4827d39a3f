"""The one place that reads the process's clock. Leases and schedules do not: they
use the database's `app_now()`."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The current instant, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()


def unix_milliseconds() -> int:
    """Milliseconds since 1970 in UTC."""
    return time.time_ns() // 1_000_000
