"""Live events over a real server: who is told what, and from where."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text, update

from app.core.db import Database, Login
from app.core.embedded import Valkey
from app.core.settings import Settings
from app.models.aws_account import AWSAccount, CredentialsKind, CredentialsStatus
from app.models.live_event import EventKind
from tests.api.events_ground import Ground, make_ground
from tests.api.listening import Said, listening, serving
from tests.builders import make_credentials
from tests.personae import People

MoveClock = Callable[[str], Awaitable[None]]


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
async def url(
    configured: Settings, ground: Ground, template_app: FastAPI
) -> AsyncIterator[str]:
    async with serving(configured, template_app) as url:
        yield url


def subjects(changes: Sequence[Said]) -> list[tuple[str, str]]:
    return [(id, one.data["status"]) for one in changes for id in one.data["ids"]]


async def test_tells_of_a_change(url: str, people: People, ground: Ground) -> None:
    async with listening(url, people.alice.token) as alice:
        live = await alice.event("live")
        await ground.start("north")
        (change,) = await alice.changes(1)
    assert live.data == {"reason": "opened"}
    assert live.id is not None
    assert change.event == "execution.changed"
    execution = ground.executions["north"]
    assert change.data == {
        "id": change.data["id"],
        "at": change.data["at"],
        "aws_account_id": str(execution.aws_account_id),
        "count": 1,
        "ids": [str(execution.id)],
        "kind": "execution.changed",
        "status": "running",
        "reason": None,
        "cancel_requested": False,
        "task_id": str(execution.task_id),
        "run_id": str(execution.run_id),
    }
    headers = alice.response.headers
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"


async def test_tells_nobody_of_another_organization(
    url: str, people: People, ground: Ground
) -> None:
    async with listening(url, people.mallory.token) as mallory:
        await mallory.event("live")
        await ground.start("north", "south")
        await ground.start("evil")
        assert subjects(await mallory.changes(1)) == [(ground.id_of("evil"), "running")]
    async with listening(url, people.alice.token, after="1-0-9999999999") as alice:
        told = subjects(await alice.changes(5))
    assert ground.id_of("evil") not in {id for id, _ in told}


async def test_tells_a_limited_member_of_its_accounts_alone(
    url: str, people: People, ground: Ground
) -> None:
    """As they are labelled when it is told: live, and where it resumes."""
    clara = people.clara.token
    async with listening(url, clara) as listener:
        place = (await listener.event("live")).id
        await ground.start("south")
        await ground.start("north")
        assert subjects(await listener.changes(1)) == [
            (ground.id_of("north"), "running")
        ]
    async with listening(url, clara, after=place) as listener:
        assert subjects(await listener.changes(1)) == [
            (ground.id_of("north"), "running")
        ]
        async with ground.database.unit_of_work(Login.OWNER) as session:
            for name, label in (("north", "south"), ("south", "north")):
                await session.execute(
                    update(AWSAccount)
                    .where(AWSAccount.id == ground.accounts[name].id)
                    .values(labels={"client": label})
                )
        await ground.end("north")
        await ground.end("south")
        assert subjects(await listener.changes(1)) == [
            (ground.id_of("south"), "succeeded")
        ]


async def test_tells_of_credentials_without_an_account_to_who_sees_all(
    url: str, people: People, ground: Ground
) -> None:
    """An access key's account is not known before its first verification."""
    async with (
        listening(url, people.victor.token) as victor,
        listening(url, people.clara.token) as clara,
    ):
        await victor.event("live")
        await clara.event("live")
        async with ground.database.unit_of_work(Login.OWNER) as session:
            made = await make_credentials(
                session,
                people.alice.organization_id,
                None,
                kind=CredentialsKind.ACCESS_KEY,
                status=CredentialsStatus.PENDING,
            )
        await ground.start("north")
        first, second = await victor.changes(2)
        (only,) = await clara.changes(1)
    assert (first.event, first.data["ids"]) == ("credentials.changed", [str(made.id)])
    assert first.data["aws_account_id"] is None
    assert second.event == only.event == "execution.changed"


async def test_tells_of_the_kinds_that_are_asked_for(
    url: str, people: People, ground: Ground
) -> None:
    kinds = ("credentials.changed", "problem.changed")
    async with listening(url, people.alice.token, kinds=kinds) as alice:
        place = (await alice.event("live")).id
        await ground.start("north")
        async with ground.database.unit_of_work(Login.OWNER) as session:
            await make_credentials(
                session, people.alice.organization_id, ground.accounts["south"]
            )
        (live,) = await alice.changes(1)
    async with listening(url, people.alice.token, kinds=kinds, after=place) as alice:
        (missed,) = await alice.changes(1)
    assert live.event == "credentials.changed"
    assert missed == live


async def test_goes_on_behind_the_last_event_id(
    url: str, people: People, ground: Ground
) -> None:
    """Also in the midst of a transaction: nothing is told twice, and nothing missed."""
    token = people.alice.token
    north, south = ground.id_of("north"), ground.id_of("south")
    async with listening(url, token) as alice:
        await alice.event("live")
        await ground.start("north", "south")
        first, _ = await alice.changes(2)
    await ground.end("south")
    await ground.end("north")
    async with listening(url, token, after=first.id) as alice:
        missed = await alice.changes(3)
    assert subjects([first, *missed]) == [
        (north, "running"),
        (south, "running"),
        (south, "succeeded"),
        (north, "succeeded"),
    ]
    numbers = [one.data["id"] for one in (first, *missed)]
    assert numbers == sorted(numbers)


async def test_reads_page_by_page_what_was_missed(
    url: str, people: People, ground: Ground
) -> None:
    """More than one page, and what happens meanwhile comes behind it."""
    token, many = people.alice.token, 1203
    async with listening(url, token) as alice:
        place = (await alice.event("live")).id
    async with ground.database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            text(
                "INSERT INTO live_events (organization_id, aws_account_id, kind, facts)"
                " SELECT organization_id, aws_account_id, kind, facts FROM live_events,"
                " generate_series(1, :many) WHERE kind = 'execution.changed'"
                " AND facts -> 'ids' ->> 0 = :id"
            ),
            {"many": many, "id": ground.id_of("north")},
        )
    async with listening(url, token, after=place) as alice:
        await ground.start("north")
        told = await alice.changes(many + 1)
    numbers = [one.data["id"] for one in told]
    assert numbers == sorted(set(numbers))
    assert told[-1].data["status"] == "running"


@pytest.mark.parametrize("place", ["yesterday", "1-2", "1-2-3-4", "-1-2-3", "1-2-x"])
async def test_refuses_a_place_that_is_none_of_ours(
    place: str, url: str, people: People
) -> None:
    async with listening(url, people.alice.token, after=place) as alice:
        problem = alice.response.json()
    assert (alice.response.status_code, problem["code"]) == (422, "invalid-cursor")


@pytest.mark.parametrize(
    ("place", "reason"),
    [("1-1-1000000000", "expired"), ("99999999999-1-9999999999", "unknown")],
)
async def test_says_that_it_cannot_go_on_from_there(
    place: str, reason: str, url: str, people: People, ground: Ground
) -> None:
    """And begins at present."""
    async with listening(url, people.alice.token, after=place) as alice:
        reset = await alice.event("reset")
        await ground.start("south")
        (change,) = await alice.changes(1)
    assert reset.data["reason"] == reason
    begins, changed = (
        datetime.fromisoformat(text) for text in (reset.data["from"], change.data["at"])
    )
    assert begins <= changed
    assert subjects([change]) == [(ground.id_of("south"), "running")]


async def test_a_day_later_it_still_goes_on_and_then_no_more(
    url: str, people: People, ground: Ground, move_clock: MoveClock
) -> None:
    async with listening(url, people.alice.token) as alice:
        place = (await alice.event("live")).id
        await ground.start("north")
        await alice.changes(1)
    await move_clock("23 hours 59 minutes")
    async with ground.database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            text("UPDATE user_sessions SET expires_at = app_now() + interval '1 day'")
        )
    async with listening(url, people.alice.token, after=place) as alice:
        assert len(await alice.changes(1)) == 1
    await move_clock("24 hours 1 minute")
    async with listening(url, people.alice.token, after=place) as alice:
        assert (await alice.event("reset")).data["reason"] == "expired"


async def test_says_when_the_queue_is_away_and_goes_on_telling(
    configured: Settings,
    people: People,
    ground: Ground,
    tmp_path: Path,
    template_app: FastAPI,
) -> None:
    valkey = Valkey(tmp_path / "valkey", durable=False)
    server = valkey.start()
    settings = configured.model_copy(update={"redis_url": SecretStr(server.url)})
    async with (
        serving(settings, template_app) as url,
        listening(url, people.alice.token) as alice,
    ):
        await alice.event("live")
        server.stop()
        assert (await alice.event("degraded")).data == {"reason": "queue_away"}
        await ground.start("north")
        await alice.changes(1)
        async with listening(url, people.olga.token) as olga:
            assert (await olga.event("degraded")).data == {"reason": "queue_away"}
        Valkey(tmp_path / "valkey", port=server.port, durable=False).start()
        assert (await alice.event("live")).data == {"reason": "queue_back"}
        await ground.end("north")
        await alice.changes(1)
    valkey.remove()


async def test_streams_hold_no_connection_to_the_database(
    url: str, configured: Settings, people: People, ground: Ground
) -> None:
    """More streams than connections, each of which is told."""
    async with AsyncExitStack() as open:
        streams = [
            await open.enter_async_context(listening(url, token))
            for token in [people.alice.token, people.olga.token] * 8
        ]
        for stream in streams:
            await stream.event("live")
        await ground.start("north")
        for stream in streams:
            await stream.changes(1)
        async with ground.database.unit_of_work(Login.OWNER) as session:
            held = await session.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database()"
                    " AND usename = 'cloudrota_app'"
                )
            )
    assert held is not None
    assert held <= configured.database_pool_size + 2 < len(streams)


def test_the_document_shows_every_kind(template_app: FastAPI) -> None:
    document = template_app.openapi()
    answer = document["paths"]["/api/v1/events"]["get"]["responses"]["200"]
    content = answer["content"]["text/event-stream"]
    shapes = content["schema"]["x-data"]
    assert {kind.value for kind in EventKind} < set(shapes)
    for kind in EventKind:
        name = shapes[kind.value]["$ref"].rpartition("/")[2]
        shape = document["components"]["schemas"][name]
        assert shape["properties"]["kind"]["const"] == kind.value
    for line in content["example"].splitlines():
        if line.startswith("data: "):
            json.loads(line.removeprefix("data: "))
