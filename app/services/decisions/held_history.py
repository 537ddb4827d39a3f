"""History that a larger plan kept, and that is held for some weeks after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class HeldHistory:
    """All of `days` is there until `until`, null days being all that there ever was;
    from then on the plan's `then_days` are."""

    until: datetime
    days: int | None
    then_days: int

    @property
    def goes_before(self) -> datetime:
        """What ended before this is deleted from then on."""
        return self.until - timedelta(days=self.then_days)

    def in_words(self) -> str:
        kept = "All history" if self.days is None else f"History of {self.days:,} days"
        return (
            f"{kept} is kept until {self.until:%d %B %Y, %H:%M} UTC. Then the plan"
            f" keeps {self.then_days:,} days: what ended before"
            f" {self.goes_before:%d %B %Y} is deleted for good, unless a larger plan is"
            " chosen before."
        )


def held_history(
    *,
    until: datetime | None,
    days: int | None,
    then_days: int | None,
    now: datetime,
) -> HeldHistory | None:
    """What is on record of it; None where the plan itself says what is kept."""
    if until is None or until <= now or then_days is None:
        return None
    return HeldHistory(until, days, then_days)
