"""All event streams of one process: one reader asks Postgres for all of them, another
whether their sessions still stand, a third whether the queue is there."""

import asyncio
import secrets
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Collection,
    Iterable,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import anyio
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.clock import monotonic
from app.core.db import AWAY, Database, Login
from app.core.errors import TooMany, Unavailable
from app.core.queue import HintsNotSent, Publisher
from app.core.settings import Settings
from app.models.live_event import EventKind
from app.services import event_frames, live_events
from app.services.live_events import KEPT, PAGE, Cursor, Event, News, Standing
from app.services.live_streams import Stream, by_audience

log = structlog.get_logger(__name__)

# Of the readers' own, so that no request keeps them waiting.
CONNECTIONS = 2
_RECONNECT_MILLISECONDS = 1000, 4000
_REQUEST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. A session that has ended is noticed by the next check. Where none can be
    made, nothing is told after `unchecked`, and all streams end after `away`."""

    look: float = 0.25  # between two looks for news
    look_patience: float = 5.0  # the most that one may wait for Postgres
    check: float = 0.75  # between two checks of all sessions
    check_patience: float = 3.0
    unchecked: float = 4.0
    away: float = 30.0
    heartbeat: float = 15.0  # after so much silence


PACE = Pace()


class TooManyStreams(TooMany):
    """Each holds a connection of its process."""

    code = "too-many-streams"
    title = "Too many event streams are open"


class LiveHub:
    """Nothing is asked while no stream is open, and no stream holds a connection to
    Postgres. `database` is the requests' own."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        publisher: Publisher,
        *,
        pace: Pace = PACE,
    ) -> None:
        self._settings = settings
        self._database = database
        own = settings.model_copy(update={"database_pool_size": CONNECTIONS})
        self._own = Database(own, publisher)
        self._publisher = publisher
        self._pace = pace
        self._streams: set[Stream] = set()
        self._is_wanted = asyncio.Event()
        # Whoever is live is told what is below `_position`, and was told all that is
        # behind `_told`.
        self._position = 0
        self._told = Cursor(0, 0, 0)
        self._checked_at = monotonic()
        self._queue_is_away = False
        self._readers: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._readers = asyncio.create_task(self._read_for_all())
        self._readers.add_done_callback(self._say_if_died)
        try:
            yield
        finally:
            self._end(self._streams, "stopping")
            self._readers.cancel()
            await asyncio.wait({self._readers})
            await self._own.close()

    # ── one stream ───────────────────────────────────────────────────────────────────

    @asynccontextmanager
    async def open(
        self,
        actor: Actor,
        *,
        kinds: Collection[EventKind],
        after: Cursor | None,
        lifetime: float | None,
    ) -> AsyncIterator[Stream]:
        """A stream of what happens from now on, or of all behind `after`; it ends after
        `lifetime` seconds, if that is given. Raises TooManyStreams, and Unavailable."""
        present = await self._present(after)
        self._refuse_too_many(actor)
        if self._readers is None or self._readers.done():
            raise Unavailable("Nobody reads the events.")
        if not self._streams:
            # What was since the last one left is nobody's.
            self._position, self._told = present.xid, present
            self._checked_at = monotonic()  # as all who come are
        stream = Stream(actor, kinds=kinds, after=after or present)
        stream.put(self._opening(stream, after, present))
        timer = None
        if lifetime is not None:
            timer = asyncio.get_running_loop().call_later(
                lifetime, stream.end, "closing", "token_expired"
            )
        self._streams.add(stream)
        self._is_wanted.set()
        try:
            yield stream
        finally:
            if timer is not None:
                timer.cancel()
            self._streams.discard(stream)
            if not self._streams:
                self._is_wanted.clear()

    async def follow(self, stream: Stream) -> AsyncGenerator[bytes]:
        """What the client is to be sent, as it comes, to the end of the stream."""
        yield stream.take()
        async for missed in self._missed(stream):
            yield missed
        while stream.last_words is None:
            await stream.wait(self._pace.heartbeat)
            found = stream.take()
            if stream.last_words is None:
                place = max(stream.after, self._told)
                yield found or event_frames.heartbeat(place)
        yield stream.last_words

    async def _missed(self, stream: Stream) -> AsyncIterator[bytes]:
        """What it has not seen below the reader's position, at the client's own pace;
        from there on the reader tells it."""
        while stream.last_words is None:
            until = self._position
            page: Sequence[Event] = ()
            if stream.after.xid < until:
                page = await self._page_for(stream, until)
            if page:
                stream.after = page[-1].cursor
                told = [one for one in page if one.kind in stream.kinds]
                if told:
                    yield b"".join(event_frames.change(one) for one in told)
            if len(page) < PAGE and until == self._position:
                stream.is_live = True
                return

    async def _page_for(self, stream: Stream, until: int) -> Sequence[Event]:
        try:
            async with self._asking(
                self._database, _REQUEST_SECONDS, stream.actor
            ) as session:
                return await live_events.read(
                    session, stream.actor, after=stream.after, until=until
                )
        except AWAY as error:
            log.warning("events.database_away", error=type(error).__name__)
            stream.end("closing", "unavailable")
            return ()

    def _opening(self, stream: Stream, asked: Cursor | None, present: Cursor) -> bytes:
        """How it stands, and whether it begins where the client left off. If not, it
        begins at present."""
        low, high = _RECONNECT_MILLISECONDS
        retry = event_frames.opening(low + secrets.randbelow(high - low))
        reason = None if asked is None else _why_not(asked, present)
        if reason is not None:
            stream.after = present
        frames = [retry, self._state("opened", stream.after)]
        if reason is not None:
            now = datetime.fromtimestamp(present.seconds, UTC)
            frames.append(
                event_frames.said("reset", present, reason=reason, starts_at=now)
            )
        return b"".join(frames)

    def _state(self, reason: str, cursor: Cursor | None = None) -> bytes:
        if self._queue_is_away:
            return event_frames.said("degraded", cursor, reason="queue_away")
        return event_frames.said("live", cursor, reason=reason)

    def _refuse_too_many(self, actor: Actor) -> None:
        limits = self._settings
        others = [one.actor for one in self._streams]
        mine = sum(_whose(one) == _whose(actor) for one in others)
        ours = sum(one.organization_id == actor.organization_id for one in others)
        for whose, number, most in (
            ("You have", mine, limits.event_streams_per_user),
            ("Your organization has", ours, limits.event_streams_per_organization),
            ("This server has", len(others), limits.event_streams_per_process),
        ):
            if number >= most:
                raise TooManyStreams(f"{whose} {most} open; close one first.")

    @property
    def is_checked(self) -> bool:
        """Whether it is known of every stream that its session stood a moment ago."""
        return monotonic() - self._checked_at <= self._pace.unchecked

    # ── all streams ──────────────────────────────────────────────────────────────────

    async def _read_for_all(self) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._look_for_ever)
            tasks.start_soon(self._check_for_ever)
            tasks.start_soon(self._ask_queue_for_ever)

    async def _look_for_ever(self) -> None:
        while True:
            await self._is_wanted.wait()
            try:
                await self._look()
            except AWAY as error:
                log.warning("events.database_away", error=type(error).__name__)
            await anyio.sleep(self._pace.look)

    async def _look(self) -> None:
        if not self.is_checked:
            return  # who was signed out meanwhile is not known
        after = self._position
        async with self._asking(self._own, self._pace.look_patience) as session:
            news = await live_events.news(session, after)
        if self._position != after:
            return  # the last stream left meanwhile, and another came
        if news.horizon < after:
            log.error("events.order_was_set_back", to=news.horizon, by=after)
            self._end(self._streams, "unavailable")
        live = [one for one in self._streams if one.is_live]
        # From here on a stream that becomes live begins behind these news.
        self._position = news.horizon
        await self._tell(news, after, live)
        self._told = news.cursor

    async def _tell(self, news: News, after: int, live: Iterable[Stream]) -> None:
        left: dict[UUID, list[Stream]] = {}
        for stream in live:
            if stream.actor.organization_id in news.organizations:
                left.setdefault(stream.actor.organization_id, []).append(stream)
        try:
            while left:
                organization_id = next(iter(left))
                await self._tell_organization(
                    left[organization_id], after, news.horizon
                )
                del left[organization_id]
        finally:
            # Its news are behind the position now: to be told them, it must resume.
            for untold in left.values():
                self._end(untold, "unavailable")

    async def _tell_organization(
        self, streams: Sequence[Stream], after: int, until: int
    ) -> None:
        """A page at a time, so that no session is long."""
        behind = [(group, Cursor(after, 0, 0)) for group in by_audience(streams)]
        while behind:
            async with self._asking(
                self._own, self._pace.look_patience, streams[0].actor
            ) as session:
                behind = [
                    (group, last)
                    for group, place in behind
                    if (last := await _tell_page(session, group, place, until))
                ]

    async def _check_for_ever(self) -> None:
        while True:
            await self._is_wanted.wait()
            await anyio.sleep(self._pace.check)
            try:
                await self._check()
            except AWAY as error:
                log.warning("events.sessions_unchecked", error=type(error).__name__)
                if monotonic() - self._checked_at > self._pace.away:
                    self._end(self._streams, "unavailable")

    async def _check(self) -> None:
        began = monotonic()
        streams = list(self._streams)
        async with self._asking(self._own, self._pace.check_patience) as session:
            standing = await live_events.standing(
                session, [one.actor for one in streams]
            )
        for stream in streams:
            now = standing.get(live_events.place(stream.actor))
            if now is None:
                stream.end("closing", "session_ended")
            elif now != Standing.of(stream.actor):
                stream.end("closing", "access_changed")
        self._checked_at = began

    async def _ask_queue_for_ever(self) -> None:
        while True:
            await self._is_wanted.wait()
            is_away = await self._is_queue_away()
            if is_away != self._queue_is_away:
                self._queue_is_away = is_away
                for stream in self._streams:
                    stream.put(self._state("queue_back"))
            await anyio.sleep(self._pace.check)

    async def _is_queue_away(self) -> bool:
        try:
            await self._publisher.ping()
        except HintsNotSent as error:
            if not self._queue_is_away:
                log.warning("events.queue_away", reason=error.detail)
            return True
        return False

    async def _present(self, after: Cursor | None) -> Cursor:
        """Where the order is. The reader knows it, unless it had nobody to read for, or
        the client was told by a faster one."""
        if self._streams and (after is None or after.xid <= self._position):
            return Cursor(self._position, 0, self._told.seconds)
        async with self._asking(self._database, _REQUEST_SECONDS) as session:
            return (await live_events.news(session, None)).cursor

    @asynccontextmanager
    async def _asking(
        self, database: Database, seconds: float, actor: Actor | None = None
    ) -> AsyncIterator[AsyncSession]:
        """A short session of the actor's organization, or of none. A Postgres that is
        silent for so long is away."""
        async with (
            asyncio.timeout(seconds),
            database.unit_of_work(
                Login.APP,
                organization_id=None if actor is None else actor.organization_id,
                user_id=None if actor is None else actor.user_id,
                actor="events",
            ) as session,
        ):
            yield session

    def _end(self, streams: Collection[Stream], reason: str) -> None:
        for stream in streams:
            stream.end("closing", reason)

    def _say_if_died(self, readers: asyncio.Task[None]) -> None:
        if readers.cancelled() or readers.exception() is None:
            return
        log.critical("events.readers_died", exc_info=readers.exception())
        self._end(self._streams, "unavailable")


def _whose(actor: Actor) -> UUID | None:
    """Personal keys are counted with their user's sessions."""
    return actor.user_id or actor.key_id


async def _tell_page(
    session: AsyncSession, group: Sequence[Stream], place: Cursor, until: int
) -> Cursor | None:
    """Where the next page begins; None if this is the last."""
    page = await live_events.read(session, group[0].actor, after=place, until=until)
    told = [(event, event_frames.change(event)) for event in page]
    for stream in group:
        stream.tell(told)
    return page[-1].cursor if len(page) == PAGE else None


def _why_not(asked: Cursor, present: Cursor) -> str | None:
    """Why a stream cannot be resumed from there, if so."""
    if asked.xid > present.xid:
        return "unknown"  # of another database, or of this one before it was restored
    if asked.seconds < present.seconds - KEPT.total_seconds():
        return "expired"
    return None
