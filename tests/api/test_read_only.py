"""An organization whose payment is long overdue: it reads, pays, exports, makes less
and leaves, and nothing else; each route that changes something is asked."""

import pytest
from httpx import AsyncClient
from sqlalchemy import func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.read_only import STAYS_OPEN, STAYS_OPEN_WITH
from app.core.db import Database, Login
from app.core.permissions import Permission
from app.core.settings import Settings
from app.models.subscription import Subscription, SubscriptionStatus
from app.models.task import Task
from app.services import invitations
from tests.api.authenticating import said
from tests.builders import make_task
from tests.conftest import Client
from tests.personae import People, make_key
from tests.tenancy.routes import Endpoint, endpoints

CHANGING = [one for one in endpoints() if one.method not in {"GET", "HEAD"}]
REFUSED = (402, "subscription-read-only")
# Asked for by who is nobody yet: the rule itself refuses it, see below.
BY_A_LINK = "POST /api/v1/auth/accept-invitation"
GUARDED = [
    one for one in CHANGING if str(one) not in STAYS_OPEN and str(one) != BY_A_LINK
]


async def owe(database: Database, people: People, days: int) -> None:
    """Acme's payment is past due since so many days."""
    late = func.app_now() - literal(days) * text("interval '1 day'")
    statement = update(Subscription).where(
        Subscription.organization_id == people.alice.organization_id
    )
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            statement.values(status=SubscriptionStatus.PAST_DUE, past_due_since=late)
        )


@pytest.fixture
async def overdue(database: Database, people: People) -> People:
    await owe(database, people, 8)
    return people


@pytest.fixture
def alice(client: Client, overdue: People) -> AsyncClient:
    return client(overdue.alice)


def url(endpoint: Endpoint, people: People) -> str:
    return endpoint.url(dict.fromkeys(endpoint.nouns, people.alice.user_id))


async def test_each_route_that_changes_something_is_refused_or_in_the_table(
    alice: AsyncClient, overdue: People
) -> None:
    for endpoint in GUARDED:
        body = {} if str(endpoint) in STAYS_OPEN_WITH else endpoint.body
        answer = await alice.request(endpoint.method, url(endpoint, overdue), json=body)
        assert said(answer) == REFUSED, str(endpoint)


async def test_what_the_table_names_is_not_refused_for_it(
    alice: AsyncClient, overdue: People
) -> None:
    """Of those that ask for a permission: who needs none is not asked."""
    open_now = [one for one in CHANGING if str(one) in STAYS_OPEN and one.permission]
    assert open_now
    for endpoint in open_now:
        answer = await alice.request(
            endpoint.method, url(endpoint, overdue), json=endpoint.body
        )
        assert answer.status_code not in {401, 402, 403}, str(endpoint)


def test_the_tables_are_about_routes_that_are_there() -> None:
    named = STAYS_OPEN.keys() | STAYS_OPEN_WITH.keys() | {BY_A_LINK}
    assert named <= {str(one) for one in CHANGING}
    assert not STAYS_OPEN.keys() & STAYS_OPEN_WITH.keys()


def test_a_route_without_a_permission_is_in_the_table() -> None:
    """Nothing else would keep it."""
    without = {str(one) for one in CHANGING if one.permission is None}
    assert without - {BY_A_LINK} <= STAYS_OPEN.keys()


async def test_everything_can_be_read_and_exported(
    alice: AsyncClient, overdue: People
) -> None:
    for endpoint in endpoints():
        if endpoint.method == "GET" and not endpoint.is_stream and not endpoint.nouns:
            answer = await alice.get(url(endpoint, overdue))
            assert answer.status_code != 402, str(endpoint)
    assert (await alice.get("/api/v1/organization/export")).status_code == 200


async def test_a_task_can_be_disabled_and_not_enabled_or_changed(
    alice: AsyncClient, overdue: People, owner: AsyncSession
) -> None:
    task = await make_task(owner, overdue.alice.organization_id)
    await owner.commit()
    path = f"/api/v1/tasks/{task.id}"
    for body in ({"enabled": True}, {"enabled": False, "name": "Other"}, {}):
        assert said(await alice.patch(path, json=body)) == REFUSED, body
    assert said(await alice.patch(path)) == (402, "subscription-read-only")
    assert (await alice.patch(path, json={"enabled": False})).status_code == 200
    enabled = select(Task.enabled).where(Task.id == task.id)
    assert await owner.scalar(enabled) is False


async def test_an_api_key_is_refused_as_well(
    client: Client, database: Database, overdue: People
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        key = await make_key(session, overdue.alice, is_service=True)
    task = next(one for one in GUARDED if one.permission is Permission.EDIT_TASKS)
    answer = await client(key).request(task.method, url(task, overdue), json=task.body)
    assert said(answer) == REFUSED


async def test_the_role_is_asked_first(client: Client, overdue: People) -> None:
    answer = await client(overdue.victor).post("/api/v1/tasks", json={})
    assert said(answer) == (403, "forbidden")


async def test_nobody_joins_it(
    client: Client, configured: Settings, database: Database, people: People
) -> None:
    asked = {"email": "new@example.com", "role": "viewer"}
    made = await client(people.alice).post("/api/v1/invitations", json=asked)
    assert made.status_code == 201, made.text
    await owe(database, people, 8)
    token = invitations.token_of(configured, made.json()["id"])
    accepted = {"token": token, "name": "New", "password": "a walk along the river"}
    answer = await client(None).post("/api/v1/auth/accept-invitation", json=accepted)
    assert said(answer) == REFUSED
    await owe(database, people, 6)
    answer = await client(None).post("/api/v1/auth/accept-invitation", json=accepted)
    assert answer.status_code == 204, answer.text


async def test_for_seven_days_everything_works(
    client: Client, database: Database, people: People
) -> None:
    await owe(database, people, 6)
    answer = await client(people.alice).patch(
        "/api/v1/organization", json={"name": "Ajax"}
    )
    assert answer.status_code == 200


async def test_another_organization_is_not_concerned(
    client: Client, overdue: People
) -> None:
    answer = await client(overdue.mallory).patch(
        "/api/v1/organization", json={"name": "Ajax"}
    )
    assert answer.status_code == 200
