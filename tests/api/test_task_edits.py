"""Changes of tasks: versions, races, enabling, and slots that fall due meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import delete, select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.aws_account import AWSAccount, AWSCredentials, CredentialsStatus
from app.models.run import Status, TaskRun
from app.models.task import Task, TaskTarget, TaskVersion
from tests.builders import a_task, make_account, make_task
from tests.conftest import Client
from tests.personae import People

TASKS = "/api/v1/tasks"


@pytest.fixture
async def account(people: People, owner: AsyncSession) -> AWSAccount:
    account = await make_account(owner, people.alice.organization_id)
    await owner.commit()
    return account


@pytest.fixture
async def olga(client: Client, people: People) -> AsyncClient:
    return client(people.olga)


async def make(olga: AsyncClient, account: AWSAccount, **changes: Any) -> str:
    answer = await olga.post(TASKS, json=a_task(account, **changes))
    assert answer.status_code == 201, answer.text
    return f"{TASKS}/{answer.json()['id']}"


async def versions(olga: AsyncClient, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await olga.get(f"{path}/versions")).json()["items"]
    return items


async def test_the_list_shows_each_task_as_it_is_read_alone(
    olga: AsyncClient, account: AWSAccount
) -> None:
    """Its present version, and its targets as they are now."""
    path = await make(olga, account)
    selector = {"selector": {"client": ["north"]}}
    await olga.post(TASKS, json=a_task(name="By label", targets=selector))
    await olga.patch(path, json={"services": ["sqs"], "timeout_seconds": 60})
    listed = (await olga.get(TASKS)).json()["items"]
    assert [one["version"] for one in listed] == [1, 2]
    for one in listed:
        assert one == (await olga.get(f"{TASKS}/{one['id']}")).json()


async def test_each_change_makes_a_version_and_the_old_one_stays(
    olga: AsyncClient, client: Client, people: People, account: AWSAccount
) -> None:
    path = await make(olga, account)
    answer = await client(people.alice).patch(
        path, json={"name": "Both", "services": ["ec2", "rds"]}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == 2
    assert answer.json()["services"] == ["ec2", "rds"]
    second, first = await versions(olga, path)
    assert (second["version"], second["name"]) == (2, "Both")
    assert (first["version"], first["name"]) == (1, "Nightly list")
    assert first["services"] == ["ec2"]
    assert second["author_id"] == str(people.alice.user_id)
    assert first["author_id"] == str(people.olga.user_id)
    assert second["schedule_in_words"] == "Every day at 03:00, Europe/Berlin."


async def test_the_versions_come_in_pages(
    olga: AsyncClient, account: AWSAccount
) -> None:
    path = await make(olga, account)
    for name in ("Two", "Three"):
        await olga.patch(path, json={"name": name})
    first = (await olga.get(f"{path}/versions?limit=2")).json()
    rest = (
        await olga.get(f"{path}/versions?limit=2&cursor={first['next_cursor']}")
    ).json()
    numbers = [item["version"] for item in first["items"] + rest["items"]]
    assert numbers == [3, 2, 1]


async def test_enabling_and_disabling_make_no_version(
    olga: AsyncClient, account: AWSAccount
) -> None:
    path = await make(olga, account)
    disabled = (await olga.patch(path, json={"enabled": False})).json()
    assert disabled["next_run_at"] is None
    assert disabled["disabled_reason"] == "by_user"
    enabled = (await olga.patch(path, json={"enabled": True})).json()
    assert datetime.fromisoformat(enabled["next_run_at"]) > datetime.now(UTC)
    assert enabled["disabled_reason"] is None
    assert enabled["version"] == 1
    assert len(await versions(olga, path)) == 1


async def test_sending_back_what_was_read_changes_nothing(
    olga: AsyncClient, account: AWSAccount
) -> None:
    schedule = {"kind": "cron", "expression": "rate(1 hour)"}
    path = await make(olga, account, schedule=schedule)
    read = (await olga.get(path)).json()
    echo = {name: read[name] for name in (*a_task(), "retry_policy", "enabled")}
    answer = await olga.patch(path, json=echo)
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == 1
    assert answer.json()["next_run_at"] == read["next_run_at"]


async def test_another_schedule_starts_at_its_first_slot_after_now(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    path = await make(olga, account)
    schedule = {"kind": "cron", "expression": "* * * * *", "timezone": "Asia/Tokyo"}
    changed = (await olga.patch(path, json={"schedule": schedule})).json()
    first = datetime.fromisoformat(changed["next_run_at"])
    assert timedelta() < first - datetime.now(UTC) <= timedelta(minutes=1)
    assert (await owner.scalars(select(Task.timezone))).one() == "Asia/Tokyo"
    assert (await owner.scalars(select(TaskRun))).all() == []


async def test_another_name_leaves_the_next_run_alone(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    task = await hourly_task(owner, account, missed=2)
    answer = await olga.patch(f"{TASKS}/{task.id}", json={"name": "Other"})
    assert datetime.fromisoformat(answer.json()["next_run_at"]) == task.next_run_at
    assert (await owner.scalars(select(TaskRun))).all() == []


async def hourly_task(owner: AsyncSession, account: AWSAccount, *, missed: int) -> Task:
    """A task of which so many slots are due and were not turned into runs."""
    slot = datetime.now(UTC).replace(microsecond=0) - timedelta(
        hours=missed - 1, minutes=30
    )
    task = await make_task(
        owner,
        account.organization_id,
        accounts=(account,),
        schedule={
            "kind": "cron",
            "expression": "rate(1 hour)",
            "anchor": slot.isoformat(),
            "timezone": "UTC",
        },
        next_run_at=slot,
    )
    await owner.commit()
    return task


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        ({"enabled": False}, "disabled"),
        ({"schedule": {"kind": "on_demand"}}, "rescheduled"),
    ],
)
async def test_due_slots_are_accounted_for_before_the_schedule_stops(
    olga: AsyncClient,
    account: AWSAccount,
    owner: AsyncSession,
    patch: dict[str, Any],
    reason: str,
) -> None:
    task = await hourly_task(owner, account, missed=3)
    answer = await olga.patch(f"{TASKS}/{task.id}", json=patch)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_run_at"] is None
    gap = (await owner.scalars(select(TaskRun))).one()
    assert (gap.status, gap.reason, gap.slots) == (Status.SKIPPED, reason, 3)
    assert gap.scheduled_for == task.next_run_at
    assert task.next_run_at is not None
    assert gap.scheduled_until == task.next_run_at + timedelta(hours=2)


async def test_two_changes_at_once_make_two_versions(
    olga: AsyncClient, account: AWSAccount
) -> None:
    path = await make(olga, account)
    answers = await asyncio.gather(
        *(olga.patch(path, json={"timeout_seconds": 60 + n}) for n in range(4)),
        *(olga.patch(path, json={"misfire_grace_seconds": n}) for n in range(4)),
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(a.json()["version"] for a in answers) == list(range(2, 10))
    newest, before, *_ = await versions(olga, path)
    differing = {name for name in newest if newest[name] != before[name]}
    assert differing - {"id", "version", "created_at"} <= {
        "timeout_seconds",
        "misfire_grace_seconds",
    }
    assert len(differing - {"id", "version", "created_at"}) == 1


async def test_of_two_changes_of_one_version_one_is_stale(
    olga: AsyncClient, account: AWSAccount
) -> None:
    path = await make(olga, account)
    answers = await asyncio.gather(
        olga.patch(path, json={"name": "One"}, headers={"If-Match": '"1"'}),
        olga.patch(path, json={"name": "Two"}, headers={"If-Match": "1"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    stale = next(answer for answer in answers if answer.status_code == 412)
    assert stale.json()["code"] == "stale-version"
    assert '"2"' in stale.json()["detail"]


async def test_the_tag_of_a_task_is_its_version(
    olga: AsyncClient, account: AWSAccount
) -> None:
    path = await make(olga, account)
    assert (await olga.get(path)).headers["etag"] == '"1"'
    answer = await olga.patch(path, json={"name": "One"})
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"' == '"2"'


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"name": None}, "/name"),
        ({"enabled": None}, "/enabled"),
        ({"version": 7}, "/version"),
        ({"services": ["ec3"]}, "/services/0"),
        ({"parameters": {"checks": []}}, "/parameters/checks"),
        ({"schedule": {"kind": "daily"}}, "/schedule/time"),
        ({"targets": {}}, "/targets"),
    ],
)
async def test_refuses_a_bad_change_and_keeps_the_task(
    olga: AsyncClient, account: AWSAccount, patch: dict[str, Any], pointer: str
) -> None:
    path = await make(olga, account)
    before = (await olga.get(path)).json()
    answer = await olga.patch(path, json=patch)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await olga.get(path)).json() == before


async def test_another_type_needs_its_own_parameters(
    olga: AsyncClient, account: AWSAccount
) -> None:
    parameters = {"operations": ["ec2:DescribeInstances"]}
    path = await make(olga, account, parameters=parameters)
    answer = await olga.patch(path, json={"type": "health_check"})
    assert answer.json()["errors"][0]["pointer"] == "/parameters/operations"
    both = {"type": "health_check", "parameters": {"checks": ["ec2:volume"]}}
    answer = await olga.patch(path, json=both)
    assert answer.json()["type"] == "health_check"


async def test_a_name_of_another_task_is_taken(
    olga: AsyncClient, account: AWSAccount
) -> None:
    await make(olga, account, name="Taken")
    path = await make(olga, account)
    answer = await olga.patch(path, json={"name": "Taken"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "name-taken"


async def test_targets_are_replaced_as_a_whole(
    olga: AsyncClient, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    path = await make(olga, account)
    other = await make_account(
        owner, people.alice.organization_id, account_id="222222222222", name="Other"
    )
    await owner.commit()
    ids = {"account_ids": [str(other.id)]}
    assert (await olga.patch(path, json={"targets": ids})).status_code == 200
    named = select(TaskTarget.aws_account_id)
    assert list(await owner.scalars(named)) == [other.id]
    for values in (["north"], ["north", "south"]):
        selector = {"selector": {"client": values}}
        answer = await olga.patch(path, json={"targets": selector})
        assert answer.json()["targets"]["selector"] == {"client": values}
    assert list(await owner.scalars(named)) == []
    assert answer.json()["version"] == 4
    back = await olga.patch(path, json={"targets": ids})
    assert back.json()["targets"] == {**ids, "selector": None}
    assert (await owner.scalars(select(Task.selector))).one() is None


async def test_lost_credentials_do_not_stop_another_change(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    path = await make(olga, account)
    credentials = (await owner.scalars(select(AWSCredentials))).one()
    credentials.status = CredentialsStatus.FAILED
    await owner.commit()
    assert (await olga.patch(path, json={"name": "Other"})).status_code == 200
    again = {"account_ids": [str(account.id)]}
    assert (await olga.patch(path, json={"targets": again})).status_code == 200


async def test_a_task_without_accounts_is_not_enabled(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    path = await make(olga, account, enabled=False)
    await owner.execute(delete(TaskTarget))
    await owner.commit()
    answer = await olga.patch(path, json={"enabled": True})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/targets/account_ids"
    ids = {"account_ids": [str(account.id)]}
    answer = await olga.patch(path, json={"enabled": True, "targets": ids})
    assert answer.json()["enabled"] is True


async def test_a_task_whose_time_is_over_is_not_enabled(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    task = await make_task(
        owner,
        account.organization_id,
        accounts=(account,),
        schedule={"kind": "once", "at": "2020-01-01T00:00:00Z", "timezone": "UTC"},
        enabled=False,
    )
    await owner.commit()
    path = f"{TASKS}/{task.id}"
    answer = await olga.patch(path, json={"enabled": True})
    assert answer.status_code == 422
    assert answer.json()["code"] == "impossible-schedule"
    assert answer.json()["errors"][0]["pointer"] == "/schedule"
    assert (await olga.patch(path, json={"name": "Other"})).status_code == 200


async def test_the_api_cannot_change_a_version(
    olga: AsyncClient, account: AWSAccount, database: Database
) -> None:
    await make(olga, account)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.unit_of_work(
            Login.APP, organization_id=account.organization_id
        ) as session:
            await session.execute(update(TaskVersion).values(version=7))


async def test_the_beat_does_not_see_the_parameters_of_a_single_run(
    olga: AsyncClient, account: AWSAccount, database: Database
) -> None:
    parameters = {"operations": ["ec2:DescribeVpcs"]}
    once = {"kind": "once", "at": "2099-01-01T00:00:00", "parameters": parameters}
    path = await make(
        olga, account, type="resource_list", services=["ec2"], schedule=once
    )
    read = (await olga.get(path)).json()
    assert read["schedule"]["parameters"] == parameters
    answer = await olga.patch(
        path, json={"name": "Other", "schedule": read["schedule"]}
    )
    assert answer.json()["schedule"] == read["schedule"]
    assert answer.json()["version"] == read["version"] + 1
    async with database.system_session("test") as session:
        seen = await session.scalar(select(Task.schedule))
    assert seen == {k: v for k, v in once.items() if k != "parameters"} | {
        "timezone": "UTC"
    }
