"""The inventory over HTTP."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.aws.unit import Item
from app.core.clock import now
from app.core.db import Database, Login
from app.models.inventory import Resource
from tests.conftest import Client
from tests.personae import People
from tests.services.reading import LISTING, Reader, instance, judged, make_reader

URL = "/api/v1/resources"


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    return await make_reader(database, people.alice, labels={"client": "south"})


async def identities(client: Client, persona: Any, **params: str) -> list[str]:
    answer = await client(persona).get(URL, params=params)
    assert answer.status_code == 200, answer.text
    return sorted(item["identity"] for item in answer.json()["items"])


async def only_id(reader: Reader) -> Any:
    async with reader.database.unit_of_work(Login.OWNER) as session:
        return (await session.scalars(select(Resource.id))).one()


async def test_lists_what_is_there_without_documents(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.list(instance("i-1", name="web"), instance("i-2"))
    await reader.list(instance("i-1", name="web"))
    answer = await client(people.victor).get(URL)
    (item,) = answer.json()["items"]
    assert item["account_id"] == reader.account.account_id
    assert (item["name"], item["state"], item["gone_at"]) == ("web", "running", None)
    assert "document" not in item
    assert await identities(client, people.alice, presence="gone") == ["i-2"]
    assert await identities(client, people.alice, presence="any") == ["i-1", "i-2"]


async def test_filters_narrow_the_list(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    other = await make_reader(database, people.alice, account_id="222222222222")
    await reader.list(instance("i-1", state="stopped"))
    await other.list(instance("i-2"))
    for params, expected in (
        ({"account_id": str(other.account.id)}, ["i-2"]),
        ({"service": "ec2"}, ["i-1", "i-2"]),
        ({"service": "s3"}, []),
        ({"type": "ec2:instance"}, ["i-1", "i-2"]),
        ({"region": "us-east-1"}, []),
        ({"region": "eu-central-1"}, ["i-1", "i-2"]),
        ({"state": "stopped"}, ["i-1"]),
    ):
        assert await identities(client, people.alice, **params) == expected, params


async def test_tags_are_searched_by_key_and_by_value(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.list(
        tagged("i-1", stage="live", team="a=b"),
        tagged("i-2", stage="test"),
        tagged("i-3"),
    )
    for tag, expected in (
        ("stage", ["i-1", "i-2"]),
        ("stage=live", ["i-1"]),
        ("team=a=b", ["i-1"]),
        ("stage=", []),
        ("live", []),
    ):
        assert await identities(client, people.alice, tag=tag) == expected, tag
    answer = await client(people.alice).get(f"{URL}?tag=stage&tag=team")
    assert [item["identity"] for item in answer.json()["items"]] == ["i-1"]
    assert answer.json()["items"][0]["tags"] == {"stage": "live", "team": "a=b"}


def tagged(id: str, **tags: str) -> Item:
    return replace(instance(id), tags=tags)


async def test_resources_are_found_by_what_a_check_says_of_them_now(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    other = await make_reader(database, people.alice, account_id="222222222222")
    both = [instance("i-1"), instance("i-2")]
    await reader.list(*both)
    await other.list(*both)
    fresh = now() + timedelta(hours=1)
    await reader.check(judged("i-1"), judged("i-2", "unhealthy"), stale_at=fresh)
    for verdict, expected in (
        ("healthy", ["i-1"]),
        ("unhealthy", ["i-2"]),
        ("unknown", []),
    ):
        assert await identities(client, people.alice, verdict=verdict) == expected
    await reader.fail()
    assert await identities(client, people.alice, verdict="healthy") == []
    assert await identities(client, people.alice, verdict="unknown") == ["i-1", "i-2"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("100%", ["i-1"]),
        ("%", ["i-1"]),
        ("a_b", ["i-2"]),
        ("_", ["i-2"]),
        ("WEB", ["i-1"]),
        ("instance/i-3", ["i-3"]),
        ("i-", ["i-1", "i-2", "i-3"]),
        ("\\", []),
    ],
)
async def test_a_search_takes_its_text_literally(
    client: Client, people: People, reader: Reader, q: str, expected: list[str]
) -> None:
    await reader.list(
        instance("i-1", name="web 100%"),
        instance("i-2", name="a_b"),
        instance("i-3", name="axb"),
    )
    assert await identities(client, people.alice, q=q) == expected


@pytest.mark.parametrize("q", ["", "\x00", "x" * 257])
async def test_refuses_a_search_that_cannot_be(
    client: Client, people: People, q: str
) -> None:
    answer = await client(people.alice).get(URL, params={"q": q})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/q"


async def test_pages_hold_each_resource_once(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.list(*(instance(f"i-{n}") for n in range(5)))
    seen: list[str] = []
    params: dict[str, str] = {"limit": "2"}
    for _ in range(3):
        body = (await client(people.alice).get(URL, params=params)).json()
        seen += [item["identity"] for item in body["items"]]
        params["cursor"] = body["next_cursor"]
    assert sorted(seen) == [f"i-{n}" for n in range(5)]
    assert body["next_cursor"] is None


async def test_other_tenants_and_scopes_see_nothing(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.list(instance("i-1"))
    resource_id = await only_id(reader)
    for persona in (people.mallory, people.clara):
        assert await identities(client, persona, presence="any") == []
        unknown = await client(persona).get(f"{URL}/{uuid4()}")
        for part in ("", "/history"):
            answer = await client(persona).get(f"{URL}/{resource_id}{part}")
            assert answer.status_code == 404
            assert answer.content == unknown.content


async def test_a_resource_has_its_document_now_and_then(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.list(instance("i-1"))
    await reader.list(instance("i-1", state="stopped"))
    alice, url = client(people.alice), f"{URL}/{await only_id(reader)}"
    present = (await alice.get(url)).json()
    assert present["document"] == {"InstanceId": "i-1", "State": "stopped"}
    history = (await alice.get(f"{url}/history")).json()["items"]
    assert [one["until_at"] is None for one in history] == [True, False]
    assert history[0]["from_at"] == history[1]["until_at"]
    assert history[0]["from_execution_id"] == history[1]["until_execution_id"]
    assert all("document" not in one for one in history)
    past = await alice.get(url, params={"at": history[1]["from_at"]})
    assert past.json()["document"]["State"] == "running"
    before = datetime.fromisoformat(history[1]["from_at"]) - timedelta(seconds=1)
    never = await alice.get(url, params={"at": before.isoformat()})
    assert never.status_code == 404


async def test_a_gone_resource_keeps_its_last_document(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.list(instance("i-1"))
    await reader.list()
    url = f"{URL}/{await only_id(reader)}"
    answer = (await client(people.alice).get(url)).json()
    assert answer["gone_at"] == answer["version"]["until_at"]
    assert answer["document"]["InstanceId"] == "i-1"


async def test_what_goes_and_comes_back_shows_both_dates(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.list(instance("i-1"))
    await reader.list()
    await reader.list(instance("i-1"))
    alice = client(people.alice)
    [item] = (await alice.get(URL)).json()["items"]
    history = (await alice.get(f"{URL}/{item['id']}/history")).json()["items"]
    now_again, at_first = history
    assert (now_again["until_at"], item["gone_at"]) == (None, None)
    assert at_first["from_at"] == item["first_seen_at"]
    assert at_first["from_at"] < at_first["until_at"] < now_again["from_at"]


async def test_says_how_fresh_it_is(
    client: Client, people: People, reader: Reader
) -> None:
    async def freshness() -> tuple[str, str]:
        (item,) = (await client(people.alice).get(URL)).json()["items"]
        return item["freshness"], item["as_of"]

    await reader.list(instance("i-1"), stale_at=now() + timedelta(days=1))
    fresh, _ = await freshness()
    assert fresh == "fresh"
    await reader.list(instance("i-1"), stale_at=now() - timedelta(seconds=1))
    stale, last_read = await freshness()
    assert stale == "stale"
    await reader.fail(kind="list", key=LISTING)
    assert await freshness() == ("unknown", last_read)
