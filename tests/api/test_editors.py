"""Two editors: whoever read before the other's edit is told, whatever they edit."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.aws_account import AWSAccount, AWSCredentials
from app.models.notification import NotificationChannel, WebhookEndpoint
from app.models.notification_rule import NotificationRule
from app.models.problem import Problem
from app.models.task import Task
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.personae import People
from tests.tenancy.routes import endpoints
from tests.tenancy.world import Holdings, fill

# Two edits of each thing that can be edited, by the path of its PATCH.
EDITS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "/api/v1/aws-accounts/{id}": ({"name": "One"}, {"labels": {"a": "b"}}),
    "/api/v1/aws-credentials/{id}": ({"name": "One"}, {"name": "Two"}),
    "/api/v1/notification-channels/{id}": ({"name": "One"}, {"enabled": False}),
    "/api/v1/notification-rules/{id}": ({"name": "One"}, {"enabled": False}),
    "/api/v1/problems/{id}": ({"note": "One"}, {"status": "acknowledged"}),
    "/api/v1/tasks/{id}": ({"name": "One"}, {"priority": "high"}),
    "/api/v1/webhook-endpoints/{id}": ({"name": "One"}, {"enabled": False}),
}
# Of which there is one each, or not one's own to edit: where they are tested.
ELSEWHERE = {
    "/api/v1/auth/me": "tests/api/test_own_zone.py",
    "/api/v1/members/{id}": "tests/api/test_members.py",
    "/api/v1/organization": "tests/api/test_organization_mfa.py",
}
# What another editor writes, below the API.
OTHERS: dict[str, tuple[type[Any], str, Any]] = {
    "/api/v1/aws-accounts/{id}": (AWSAccount, "name", "Other"),
    "/api/v1/aws-credentials/{id}": (AWSCredentials, "name", "Other"),
    "/api/v1/notification-channels/{id}": (NotificationChannel, "name", "Other"),
    "/api/v1/notification-rules/{id}": (NotificationRule, "name", "Other"),
    "/api/v1/problems/{id}": (Problem, "note", "Other"),
    "/api/v1/tasks/{id}": (Task, "version", 7),
    "/api/v1/webhook-endpoints/{id}": (WebhookEndpoint, "name", "Other"),
}
# What happens by itself, and takes nobody's edit away.
HAPPENS: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "/api/v1/problems/{id}": (Problem, {"count": 7}),
    "/api/v1/aws-credentials/{id}": (AWSCredentials, {"reason": "other"}),
}


def test_everything_that_can_be_edited_is_here() -> None:
    assert {one.path for one in endpoints() if one.method == "PATCH"} == (
        EDITS.keys() | ELSEWHERE.keys()
    )


@pytest.fixture
async def acme(owner: AsyncSession, people: People) -> Holdings:
    holdings = Holdings(
        mark="ACME",
        label="north",
        account_id="123456789012",
        organization_id=people.alice.organization_id,
        user_id=people.alice.user_id,
    )
    await fill(owner, holdings)
    await owner.commit()
    return holdings


@pytest.fixture
def alice(client: Client, people: People) -> AsyncClient:
    return client(people.alice)


@pytest.fixture(params=EDITS)
def edited(request: pytest.FixtureRequest, acme: Holdings) -> tuple[str, str]:
    """The route, and the path of one such thing."""
    (one,) = (e for e in endpoints() if (e.method, e.path) == ("PATCH", request.param))
    return one.path, one.url(acme.ids_for(one.nouns))


async def test_an_edit_of_what_another_has_edited_is_refused(
    alice: AsyncClient, edited: tuple[str, str]
) -> None:
    route, path = edited
    first, second = EDITS[route]
    read = (await alice.get(path)).headers["etag"]
    mine = await alice.patch(path, json=first, headers={"If-Match": read})
    assert mine.status_code == 200, mine.text
    theirs = await alice.patch(path, json=second, headers={"If-Match": read})
    assert (theirs.status_code, theirs.json()["code"]) == (412, "stale-version")
    now = await alice.get(path)
    assert now.json() == mine.json(), "nothing of it was saved"
    assert now.headers["etag"] == mine.headers["etag"] != read
    again = await alice.patch(
        path, json=second, headers={"If-Match": now.headers["etag"]}
    )
    assert again.status_code == 200


async def test_an_edit_waits_for_another_that_has_begun_and_then_sees_it(
    alice: AsyncClient, edited: tuple[str, str], acme: Holdings, database: Database
) -> None:
    """Otherwise both would find the tag they have read, and the later one win."""
    route, path = edited
    model, column, value = OTHERS[route]
    read = {"If-Match": (await alice.get(path)).headers["etag"]}
    async with database.unit_of_work(Login.OWNER) as session:
        held = select(model).filter_by(id=acme.id_of(model.__tablename__))
        row = (await session.scalars(held.with_for_update())).one()
        edit = alice.patch(path, json=EDITS[route][0], headers=read)
        asked = asyncio.create_task(edit)
        await until_it_waits(database, asked)
        setattr(row, column, value)
    assert (await asked).status_code == 412


@pytest.mark.parametrize("edited", HAPPENS, indirect=True)
async def test_what_happens_meanwhile_takes_no_edit_away(
    alice: AsyncClient, edited: tuple[str, str], acme: Holdings, owner: AsyncSession
) -> None:
    route, path = edited
    model, change = HAPPENS[route]
    read = {"If-Match": (await alice.get(path)).headers["etag"]}
    row = await owner.get_one(model, acme.id_of(model.__tablename__))
    for name, value in change.items():
        setattr(row, name, value)
    await owner.commit()
    answer = await alice.patch(path, json=EDITS[route][0], headers=read)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ("*", 200),
        ('"other", {tag}', 200),
        ("W/{tag}", 412),
        ('"other"', 412),
        ("other", 422),
        ('"', 422),
        ('"' + "x" * 900 + '"', 422),
    ],
)
async def test_if_match_is_read_as_the_standard_says(
    alice: AsyncClient, edited: tuple[str, str], if_match: str, status: int
) -> None:
    route, path = edited
    tag = (await alice.get(path)).headers["etag"]
    headers = {"If-Match": if_match.replace("{tag}", tag)}
    answer = await alice.patch(path, json=EDITS[route][0], headers=headers)
    assert answer.status_code == status


async def test_without_if_match_the_last_editor_is_heard(
    alice: AsyncClient, edited: tuple[str, str]
) -> None:
    route, path = edited
    for entry in EDITS[route]:
        assert (await alice.patch(path, json=entry)).status_code == 200


async def test_what_is_not_ones_own_is_not_found_whatever_its_tag(
    client: Client, people: People, edited: tuple[str, str]
) -> None:
    route, path = edited
    for tag in ("*", f'"{new_id()}"'):
        answer = await client(people.mallory).patch(
            path, json=EDITS[route][0], headers={"If-Match": tag}
        )
        assert answer.status_code == 404
        assert "etag" not in answer.headers
