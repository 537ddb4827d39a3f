"""An open event stream: what waits to be sent to its client, and how it ends."""

import asyncio
import json
from collections import deque
from collections.abc import Collection, Iterable, Sequence

import anyio

from app.core.actor import Actor
from app.models.live_event import EventKind
from app.services import event_frames
from app.services.live_events import PERMISSIONS, Cursor, Event

# What waits for one client at most. Frames are shared by all who are told the same.
MOST_WAITING_BYTES = 512 * 1024

Told = Sequence[tuple[Event, bytes]]


class Stream:
    """One client's: what waits for it, and how it ends. `after` is the last that it was
    told while it caught up; once it `is_live`, the reader tells it the rest."""

    def __init__(
        self, actor: Actor, *, kinds: Collection[EventKind], after: Cursor
    ) -> None:
        self.actor = actor
        self.kinds = frozenset(one for one in kinds if actor.may(PERMISSIONS[one]))
        self.after = after
        self.is_live = False
        self.last_words: bytes | None = None
        self._waiting: deque[bytes] = deque()
        self.waiting_bytes = 0
        self._changed = asyncio.Event()

    def tell(self, told: Told) -> None:
        for event, frame in told:
            if event.cursor > self.after and event.kind in self.kinds:
                self.put(frame)

    def put(self, frame: bytes) -> None:
        """A client that does not read enough is told so and ended: nothing is lost, for
        it can resume from the last that it read."""
        if self.last_words is not None:
            return
        self.waiting_bytes += len(frame)
        if self.waiting_bytes > MOST_WAITING_BYTES:
            self.end("overflow", "slow")
            return
        self._waiting.append(frame)
        self._changed.set()

    def end(self, event: str, reason: str) -> None:
        """The first end counts. What waits is not sent any more."""
        if self.last_words is None:
            self.last_words = event_frames.said(event, reason=reason)
            self._waiting.clear()
            self.waiting_bytes = 0
            self._changed.set()

    async def wait(self, seconds: float) -> None:
        """Until something waits, it has ended, or so many seconds are over."""
        with anyio.move_on_after(seconds):
            await self._changed.wait()

    def take(self) -> bytes:
        """All that waits."""
        self._changed.clear()
        taken = b"".join(self._waiting)
        self._waiting.clear()
        self.waiting_bytes = 0
        return taken


def by_audience(streams: Iterable[Stream]) -> list[list[Stream]]:
    """Streams of one organization, those together that see the same accounts."""
    groups: dict[str, list[Stream]] = {}
    for stream in streams:
        scope = json.dumps(stream.actor.label_scope, sort_keys=True)
        groups.setdefault(scope, []).append(stream)
    return list(groups.values())
