"""The readers behind all streams of a process: what they do when they cannot read, and
what a stream is told then."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.core.actor import Actor
from app.core.clock import now
from app.core.db import Database, Login
from app.core.embedded.process import free_port
from app.core.errors import Unavailable
from app.core.settings import Settings
from app.models.live_event import EventKind
from app.services import event_frames
from app.services.live_events import Cursor, Event
from app.services.live_hub import LiveHub, Pace
from app.services.live_streams import MOST_WAITING_BYTES, Stream
from app.tasks.publisher import RedisPublisher
from tests.api.events_ground import Ground, make_ground
from tests.personae import People, Persona

PATIENCE = 20
QUICK = Pace(look=0.01, check=0.01, heartbeat=0.05)
KINDS = list(EventKind)
_SIGN_OUT = "UPDATE user_sessions SET revoked_at = app_now() WHERE id = '{}'"


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


class Hubs:
    """Makes hubs that run until the test ends."""

    def __init__(
        self, settings: Settings, database: Database, publisher: RedisPublisher
    ) -> None:
        self._made = settings, database, publisher
        self._open = AsyncExitStack()

    async def run(self, pace: Pace = QUICK, **changes: object) -> LiveHub:
        settings, database, publisher = self._made
        changed = settings.model_copy(update=changes)
        hub = LiveHub(changed, database, publisher, pace=pace)
        await self._open.enter_async_context(hub.running())
        return hub

    async def aclose(self) -> None:
        await self._open.aclose()


@pytest.fixture
async def hubs(
    configured: Settings, database: Database, publisher: RedisPublisher
) -> AsyncIterator[Hubs]:
    made = Hubs(configured, database, publisher)
    yield made
    await made.aclose()


@asynccontextmanager
async def following(
    hub: LiveHub, persona: Persona, *, after: Cursor | None = None
) -> AsyncIterator[tuple[Stream, AsyncGenerator[bytes]]]:
    async with hub.open(
        persona.actor, kinds=KINDS, after=after, lifetime=600
    ) as stream:
        frames = hub.follow(stream)
        yield stream, frames
        await frames.aclose()


async def until(frames: AsyncGenerator[bytes], wanted: str) -> str:
    """All that is sent up to what holds that."""
    said = ""
    async with asyncio.timeout(PATIENCE):
        while wanted not in said:
            said += (await anext(frames)).decode()
    return said


async def test_a_silent_stream_says_that_it_lives_and_where_it_is(
    hubs: Hubs, people: People, ground: Ground
) -> None:
    """Where it is moves on with everybody's events, so that whoever was told nothing
    all day can still resume."""
    hub = await hubs.run()
    async with following(hub, people.mallory) as (_, frames):
        opened = await until(frames, "event: live")
        assert ": heartbeat\n" in await until(frames, ": heartbeat")
        await ground.start("north")
        places = [_places(opened)[0]]
        async with asyncio.timeout(PATIENCE):
            while places[-1] == places[0]:
                places += _places(await until(frames, "id: "))
    assert places == sorted(places, key=lambda one: one.xid)


async def test_goes_on_from_the_place_of_a_heartbeat(
    hubs: Hubs, people: People, ground: Ground
) -> None:
    hub = await hubs.run()
    async with following(hub, people.alice) as (_, frames):
        await ground.start("north")
        await until(frames, "execution.changed")
        last = _places(await until(frames, ": heartbeat"))[-1]
    await ground.end("north")
    async with following(hub, people.alice, after=last) as (_, frames):
        said = await until(frames, "execution.changed")
    assert '"status":"succeeded"' in said
    assert '"status":"running"' not in said


async def test_nobody_is_told_what_was_before(
    hubs: Hubs, people: People, ground: Ground
) -> None:
    """A stream without a place begins at present, also if none was open for long."""
    hub = await hubs.run()
    async with following(hub, people.alice) as (_, frames):
        await until(frames, "event: live")
    await ground.start("north")
    await ground.start("south")
    async with following(hub, people.alice) as (_, frames):
        await until(frames, "event: live")
        await ground.end("south")
        said = await until(frames, "execution.changed")
    assert said.count("execution.changed") == 2  # the event and its kind
    assert '"status":"succeeded"' in said


async def test_two_servers_tell_the_same(
    hubs: Hubs, people: People, ground: Ground
) -> None:
    """A client that the faster one has told goes on at the slower, which does not tell
    it again."""
    quick, slow = await hubs.run(), await hubs.run(Pace(look=2.0, heartbeat=60))
    async with following(slow, people.olga) as (_, waiting):
        await until(waiting, "event: live")
        async with following(quick, people.alice) as (_, frames):
            await until(frames, "event: live")
            await ground.start("north")
            said = await until(frames, "execution.changed")
        place = _places(said)[-1]
        async with following(slow, people.alice, after=place) as (_, frames):
            opening = await until(frames, "event: live")
            await ground.start("south")
            said = await until(frames, "execution.changed")
    assert "reset" not in opening
    assert ground.id_of("south") in said
    assert ground.id_of("north") not in said


async def test_all_streams_end_when_nobody_can_say_whether_they_may_go_on(
    hubs: Hubs, people: People, ground: Ground, configured: Settings
) -> None:
    """Postgres is away: who was signed out meanwhile is not known."""
    url = configured.database_url
    assert url is not None
    gone = SecretStr(f"postgresql+asyncpg://nobody:x@127.0.0.1:{free_port()}/gone")
    hub = await hubs.run(Pace(look=0.01, check=0.01, away=0.1), database_url=gone)
    async with following(hub, people.alice) as (_, frames):
        said = await until(frames, "event: closing")
    assert _last_data(said) == {"reason": "unavailable"}


async def test_nothing_is_told_while_nobody_can_say_who_may_be_told(
    hubs: Hubs, people: People, ground: Ground
) -> None:
    """Who was signed out meanwhile is told nothing, and who was not misses nothing."""
    function = "EXECUTE ON FUNCTION lookup.standing(uuid[], uuid[])"
    hub = await hubs.run(Pace(look=0.01, check=0.01, unchecked=0.1, heartbeat=0.05))
    async with (
        following(hub, people.alice) as (_, alice),
        following(hub, people.olga) as (_, olga),
    ):
        await until(alice, "event: live")
        await until(olga, "event: live")
        await _execute(ground, f"REVOKE {function} FROM cloudrota_app")
        async with asyncio.timeout(PATIENCE):
            while hub.is_checked:
                await anext(alice)
        await _execute(ground, _SIGN_OUT.format(people.olga.actor.session_id))
        await ground.start("north")
        said = "".join([(await anext(alice)).decode() for _ in range(5)])
        assert "execution.changed" not in said
        await _execute(ground, f"GRANT {function} TO cloudrota_app")
        assert ground.id_of("north") in await until(alice, "execution.changed")
        assert "execution.changed" not in await until(olga, "event: closing")


async def test_a_stream_that_its_readers_could_not_tell_has_to_resume(
    hubs: Hubs, people: People, ground: Ground
) -> None:
    """The news of one organization cannot be read: it misses nothing, for it ends."""
    hub = await hubs.run(Pace(look=0.01, check=60, heartbeat=60))
    async with following(hub, people.alice) as (_, frames):
        opened = await until(frames, "event: live")
        await _execute(ground, "REVOKE SELECT ON live_events FROM cloudrota_app")
        await ground.start("north")
        said = await until(frames, "event: closing")
        await _execute(ground, "GRANT SELECT ON live_events TO cloudrota_app")
    assert _last_data(said) == {"reason": "unavailable"}
    last = _places(opened)[-1]
    async with following(hub, people.alice, after=last) as (_, frames):
        assert ground.id_of("north") in await until(frames, "execution.changed")


async def test_no_stream_is_opened_once_its_readers_are_gone(
    configured: Settings,
    database: Database,
    publisher: RedisPublisher,
    people: People,
) -> None:
    hub = LiveHub(configured, database, publisher, pace=QUICK)
    async with hub.running(), following(hub, people.alice) as (_, frames):
        await until(frames, "event: live")
    with pytest.raises(Unavailable):
        async with following(hub, people.alice):
            raise AssertionError("it was opened")


async def test_says_goodbye_when_the_server_stops(
    configured: Settings,
    database: Database,
    publisher: RedisPublisher,
    people: People,
) -> None:
    hub = LiveHub(configured, database, publisher, pace=QUICK)
    async with AsyncExitStack() as open:
        async with hub.running():
            _, frames = await open.enter_async_context(following(hub, people.alice))
            await until(frames, "event: live")
        assert _last_data(await until(frames, "event: closing")) == {
            "reason": "stopping"
        }


# ── what waits for a client ──────────────────────────────────────────────────────


def _stream(actor: Actor) -> Stream:
    return Stream(actor, kinds=KINDS, after=Cursor(0, 0, 0))


async def test_what_waits_is_bounded(people: People) -> None:
    stream = _stream(people.alice.actor)
    frame = b"x" * 1000
    sizes = []
    for _ in range(MOST_WAITING_BYTES // len(frame) + 1):
        assert stream.last_words is None
        stream.put(frame)
        sizes.append(stream.waiting_bytes)
    assert max(sizes) <= MOST_WAITING_BYTES
    assert sizes[-1] == 0
    stream.put(frame)
    assert stream.take() == b""
    assert stream.last_words == event_frames.said("overflow", reason="slow")


async def test_a_client_that_reads_may_be_told_any_amount(people: People) -> None:
    stream = _stream(people.alice.actor)
    frame = b"x" * (MOST_WAITING_BYTES // 2)
    for _ in range(10):
        stream.put(frame)
        stream.put(frame)
        assert len(stream.take()) == MOST_WAITING_BYTES
    assert stream.last_words is None


async def test_nothing_is_told_that_is_not_behind_its_place(people: People) -> None:
    place = Cursor(10, 5, 0)
    stream = Stream(people.alice.actor, kinds=KINDS, after=place)
    for xid, id, frame in ((9, 8, b"a"), (10, 5, b"b"), (10, 6, b"c"), (11, 1, b"d")):
        event = Event(Cursor(xid, id, 0), EventKind.UNIT, now(), None, {})
        stream.tell([(event, frame)])
    assert stream.take() == b"cd"


async def test_the_first_end_counts(people: People) -> None:
    stream = _stream(people.alice.actor)
    stream.put(b"not sent any more")
    stream.end("closing", "session_ended")
    stream.end("closing", "token_expired")
    assert stream.take() == b""
    assert stream.last_words == event_frames.said("closing", reason="session_ended")


def _places(said: str) -> list[Cursor]:
    lines = said.splitlines()
    return [Cursor.parse(one[4:]) for one in lines if one.startswith("id: ")]


def _last_data(said: str) -> object:
    lines = [one for one in said.splitlines() if one.startswith("data: ")]
    return json.loads(lines[-1][6:]) if lines else None


async def _execute(ground: Ground, statement: str) -> None:
    async with ground.database.unit_of_work(Login.OWNER) as session:
        await session.execute(text(statement))
