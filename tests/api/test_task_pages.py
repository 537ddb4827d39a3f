"""The page of tasks is written by its own means: it must say what each task itself
says, whatever was remembered before."""

from typing import Any
from uuid import UUID

import pytest

from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.schemas.base import PageOf
from app.schemas.tasks import TaskRead
from app.services import task_pages
from tests.builders import a_task, make_account
from tests.conftest import Client
from tests.personae import People, Persona

TASKS = "/api/v1/tasks"


@pytest.fixture
async def accounts(people: People, database: Database) -> list[AWSAccount]:
    """Acme's: one that Clara sees, and one that she does not."""
    async with database.unit_of_work(Login.OWNER) as session:
        return [
            await make_account(
                session,
                people.alice.organization_id,
                account_id=f"{number}" * 12,
                name=client,
                labels={"client": client},
            )
            for number, client in enumerate(("north", "south"), 1)
        ]


async def make(client: Client, people: People, body: dict[str, Any]) -> str:
    made = await client(people.olga).post(TASKS, json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def must_agree(client: Client, who: Persona) -> list[dict[str, Any]]:
    """The page, which says of each task what the task says, twice."""
    pages = [await client(who).get(TASKS) for _ in range(2)]
    for page in pages:
        assert page.headers["content-type"] == "application/json"
        items: list[dict[str, Any]] = page.json()["items"]
        alone = [(await client(who).get(f"{TASKS}/{one['id']}")) for one in items]
        assert items == [one.json() for one in alone]
        read = PageOf[TaskRead].model_validate_json(page.content)
        assert read.model_dump(mode="json") == page.json()
    return items


async def pieces(client: Client, who: Persona, **asked: Any) -> list[Any]:
    """The same tasks, two at a time."""
    items: list[Any] = []
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        page = await client(who).get(TASKS, params={"limit": 2, **asked, **cursor})
        items += page.json()["items"]
        following = page.json()["next_cursor"]
        cursor = {"cursor": following} if following else None
    return items


async def test_says_of_each_task_what_the_task_says(
    client: Client, people: People, accounts: list[AWSAccount]
) -> None:
    north, south = accounts
    bodies = [
        a_task(north, name='Größe "½" \\ </b> 🦊', misfire_grace_seconds=0),
        a_task(north, south, name="disabled", enabled=False),
        a_task(name="selector", targets={"selector": {"client": ["north", "south"]}}),
        a_task(
            north,
            name="once",
            schedule={"kind": "once", "at": "2099-01-31T09:00:00Z"},
            retry_policy={"categories": ["AWSServiceError"], "retries": 2},
            notifications={"mute": True, "channel_ids": []},
        ),
        a_task(north, name="on demand", schedule={"kind": "on_demand"}),
    ]
    for body in bodies:
        await make(client, people, body)
    items = await must_agree(client, people.victor)
    assert [one["name"] for one in reversed(items)] == [one["name"] for one in bodies]
    assert await pieces(client, people.victor) == items
    enabled = [one for one in items if one["enabled"]]
    assert await pieces(client, people.victor, enabled=True) == enabled != items


async def test_shows_a_change_at_once(
    client: Client, people: People, accounts: list[AWSAccount]
) -> None:
    task_id = await make(client, people, a_task(accounts[0]))
    assert (await must_agree(client, people.olga))[0]["version"] == 1
    for change in ({"name": "Other", "services": ["rds"]}, {"enabled": False}):
        await client(people.olga).patch(f"{TASKS}/{task_id}", json=change)
        (shown,) = await must_agree(client, people.olga)
        assert change.items() <= shown.items()
    assert shown["version"] == 2


async def test_a_task_without_its_version_is_no_page_with_less_on_it(
    client: Client,
    people: People,
    accounts: list[AWSAccount],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor one on which the next task has taken its place."""
    for name in ("one", "two"):
        await make(client, people, a_task(accounts[0], name=name))

    def gone(_: str, /) -> UUID:
        return UUID(int=0)

    monkeypatch.setattr(task_pages, "_written", {})
    monkeypatch.setattr(task_pages, "UUID", gone)
    assert (await client(people.olga).get(TASKS)).status_code == 500


async def test_what_one_remembers_shows_nobody_else_more(
    client: Client, people: People, accounts: list[AWSAccount]
) -> None:
    north, south = accounts
    hidden = await make(client, people, a_task(south, name="hidden"))
    await make(client, people, a_task(north, name="shown", after=[{"task_id": hidden}]))
    newest, _ = await must_agree(client, people.olga)
    assert newest["after"] == [{"task_id": hidden, "on": "succeeded"}]
    (seen,) = await must_agree(client, people.clara)
    assert seen["after"] == []
    assert await must_agree(client, people.mallory) == []
