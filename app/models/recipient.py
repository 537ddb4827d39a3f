"""What sending keeps of whoever is told: who is at it, and how it went."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column


class Recipient:
    """A channel or a webhook endpoint, as the sender sees it.

    `due_at` is when something is to be sent next, null where nothing waits. `failures`
    counts those in a row, `failing_since` is the first of an outage that was told
    elsewhere. Of the messages since `window_from`, `window_sent` were sent.
    """

    due_at: Mapped[datetime | None] = mapped_column(index=True)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(server_default="0", default=0)
    failures: Mapped[int] = mapped_column(server_default="0", default=0)
    failing_since: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    window_from: Mapped[datetime | None]
    window_sent: Mapped[int] = mapped_column(server_default="0", default=0)
    last_delivered_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
