"""What is used of the plan, for those who see all of the organization."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, update

from app.core.db import Database, Login
from app.models.organization import Member
from app.models.usage import UsageMonth
from app.services.usage import this_month
from tests.builders import a_task, make_account
from tests.conftest import Client
from tests.personae import People
from tests.plans import UNLIMITED
from tests.using import limit, use

USAGE = "/api/v1/usage"


async def shown(asker: AsyncClient) -> dict[str, dict[str, Any]]:
    answer = await asker.get(USAGE)
    assert answer.status_code == 200
    return {item["metric"]: item for item in answer.json()["items"]}


async def test_each_limit_is_shown_with_what_is_used_of_it(
    client: Client, people: People, database: Database
) -> None:
    tenant = people.alice.organization_id
    limits = {"executions_per_month": 1000, "aws_calls_per_month": 50_000, "members": 6}
    await limit(database, tenant, **limits)
    await use(database, tenant, executions=799, aws_calls=40_000)
    found = await shown(client(people.victor))
    assert set(found) == {
        *("aws_accounts", "enabled_tasks", "members", "stored_resources"),
        *("executions_per_month", "aws_calls_per_month"),
    }
    executions = found["executions_per_month"]
    assert (executions["used"], executions["limit"]) == (799, 1000)
    assert executions["state"] == "within"
    assert executions["resets_at"].endswith("-01T00:00:00Z")
    assert found["aws_calls_per_month"]["state"] == "near"
    members = found["members"]
    assert (members["used"], members["limit"], members["resets_at"]) == (5, 6, None)
    assert members["state"] == "near"
    assert found["aws_accounts"]["state"] == "unlimited"


async def test_what_is_used_up_is_reached_and_what_was_refused_is_told(
    client: Client, people: People, database: Database
) -> None:
    tenant = people.alice.organization_id
    await limit(database, tenant, executions_per_month=10)
    await use(database, tenant, executions=10, executions_refused=4)
    found = await shown(client(people.victor))
    assert found["executions_per_month"]["state"] == "reached"
    answer = await client(people.victor).get(USAGE)
    assert answer.json()["executions_refused"] == 4


async def test_nobody_is_shown_what_another_organization_uses(
    client: Client, people: People, database: Database
) -> None:
    await use(database, people.alice.organization_id, executions=10)
    found = await shown(client(people.mallory))
    assert found["executions_per_month"]["used"] == 0


async def test_who_sees_some_accounts_only_is_not_told_of_all(
    client: Client, people: People
) -> None:
    assert (await client(people.clara).get(USAGE)).status_code == 403


@pytest.mark.parametrize(("used", "left"), [(0, 1000), (900, 100), (1200, 0)])
async def test_a_preview_says_how_many_executions_are_left(
    client: Client, people: People, database: Database, used: int, left: int
) -> None:
    tenant = people.alice.organization_id
    await limit(database, tenant, executions_per_month=1000)
    await use(database, tenant, executions=used)
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
    answer = await client(people.olga).post(
        "/api/v1/tasks/preview", json=a_task(account)
    )
    assert answer.status_code == 200
    effects = {one["name"]: one for one in answer.json()["plan"]["limits"]}
    assert effects["executions_per_month"]["left"] == left
    assert effects["aws_calls_per_month"]["left"] is None


async def test_limits_that_nothing_uses_up_are_shown_too(
    client: Client, people: People, database: Database
) -> None:
    tenant = people.alice.organization_id
    await limit(database, tenant, history_days=90, units_per_execution=200)
    told = (await client(people.victor).get(USAGE)).json()
    assert {one["name"]: one["limit"] for one in told["bounds"]} == {
        "shortest_interval_seconds": None,
        "units_per_execution": 200,
        "history_days": 90,
    }
    shown = {*(one["metric"] for one in told["items"])}
    assert shown | {one["name"] for one in told["bounds"]} == set(UNLIMITED)


async def test_a_member_whose_time_is_over_uses_no_place(
    client: Client, people: People, database: Database
) -> None:
    before = (await shown(client(people.alice)))["members"]["used"]
    async with database.unit_of_work(Login.OWNER) as session:
        over = update(Member).where(
            Member.user_id == people.victor.user_id,
            Member.organization_id == people.alice.organization_id,
        )
        await session.execute(over.values(expires_at=func.app_now()))
    assert (await shown(client(people.alice)))["members"]["used"] == before - 1


async def test_months_are_shown_from_the_first_that_is_counted(
    client: Client, people: People, database: Database
) -> None:
    tenant = people.alice.organization_id
    months = f"{USAGE}/months"
    found = (await client(people.victor).get(months)).json()["months"]
    assert [one["executions"] for one in found] == [0]
    await use(database, tenant, executions=5, aws_calls=50)
    async with database.unit_of_work(Login.OWNER) as session:
        this = (await session.execute(select(this_month()))).scalar_one()
        for before, executions in ((60, 3), (800, 9)):
            month = (this - timedelta(days=before)).replace(day=1)
            counted = {"month": month, "executions": executions}
            session.add(UsageMonth(organization_id=tenant, **counted))
    found = (await client(people.victor).get(months)).json()["months"]
    assert [one["executions"] for one in found] == [3, 0, 5]
    assert (found[-1]["month"], found[-1]["aws_calls"]) == (str(this), 50)
    assert (await client(people.clara).get(months)).status_code == 403
