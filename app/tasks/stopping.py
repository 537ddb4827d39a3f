"""How a running execution is asked to stop: between two AWS calls, with a reason."""

from enum import StrEnum

from app.core.clock import monotonic


class StopReason(StrEnum):
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    LEASE_LOST = "lease_lost"
    RELEASED = "released"
    SIBLING_FAILED = "sibling_failed"
    OUTCOME_UNKNOWN = "outcome_unknown"


_OVERRULED = {
    StopReason.LEASE_LOST: frozenset({None, *StopReason}),
    StopReason.OUTCOME_UNKNOWN: frozenset({None, *StopReason})
    - {StopReason.LEASE_LOST},
}


class Stopped(Exception):
    """Raised between two AWS calls of an execution that was asked to stop."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Stop:
    """Asked from any thread; looked at before each AWS call. The first reason stands,
    but that a change's outcome is unknown overrules it, and a lost lease overrules all:
    then nothing may be written."""

    def __init__(self, deadline: float) -> None:
        """`deadline` is an instant of `core.clock.monotonic()`."""
        self._deadline = deadline
        self._reason: StopReason | None = None

    @property
    def reason(self) -> StopReason | None:
        if self._reason is None and monotonic() >= self._deadline:
            self._reason = StopReason.TIMED_OUT
        return self._reason

    def ask(self, reason: StopReason) -> None:
        overruled = _OVERRULED.get(reason, frozenset({None}))
        if self._reason in overruled:
            self._reason = reason

    def check(self) -> None:
        """Raise Stopped if it was asked for, or if the deadline has passed."""
        if self.reason is not None:
            raise Stopped(self.reason)
