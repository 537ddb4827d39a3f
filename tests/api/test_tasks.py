"""Tasks over HTTP: made, read, found, deleted; by whom, and by whom not."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.audit import AuditEvent
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskRun
from app.models.task import Task, TaskTarget
from tests.builders import a_task, make_account, make_task
from tests.conftest import Client
from tests.personae import People

TASKS = "/api/v1/tasks"


@pytest.fixture
async def account(people: People, database: Database) -> AWSAccount:
    """Acme's account, labelled for Clara to see."""
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_account(
            session,
            people.alice.organization_id,
            labels={"client": "north", "stage": "live"},
        )


@pytest.fixture
async def south(people: People, database: Database) -> AWSAccount:
    """Acme's other account, which Clara does not see."""
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_account(
            session,
            people.alice.organization_id,
            account_id="222222222222",
            name="South",
            labels={"client": "south"},
        )


@pytest.fixture
async def foreign(people: People, database: Database) -> AWSAccount:
    """Mallory's account."""
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_account(
            session,
            people.mallory.organization_id,
            account_id="666666666666",
            labels={"client": "north"},
        )


async def test_makes_a_task_that_runs_at_its_first_slot_after_now(
    client: Client, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    answer = await client(people.olga).post(TASKS, json=a_task(account))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["version"] == 1
    assert made["kind"] == "read"
    assert made["enabled"] is True
    assert made["created_by"] == str(people.olga.user_id)
    assert made["targets"] == {"account_ids": [str(account.id)], "selector": None}
    assert made["schedule_in_words"] == "Every day at 03:00, Europe/Berlin."
    first = datetime.fromisoformat(made["next_run_at"])
    now = datetime.now(UTC)
    assert now < first <= now + timedelta(days=1, hours=1)

    read = await client(people.victor).get(f"{TASKS}/{made['id']}")
    assert read.json() == made
    targets = await owner.scalars(select(TaskTarget.aws_account_id))
    assert list(targets) == [account.id]


async def test_the_databases_time_decides_the_first_slot(
    client: Client,
    people: People,
    account: AWSAccount,
    move_clock: Callable[[str], Awaitable[None]],
) -> None:
    await move_clock("20 hours")
    schedule = {"kind": "cron", "expression": "rate(1 minute)"}
    answer = await client(people.olga).post(
        TASKS, json=a_task(account, schedule=schedule)
    )
    first = datetime.fromisoformat(answer.json()["next_run_at"])
    late = datetime.now(UTC) + timedelta(hours=20)
    assert abs(first - late) < timedelta(minutes=2)


@pytest.mark.parametrize(
    "changes", [{"schedule": {"kind": "on_demand"}}, {"enabled": False}]
)
async def test_plans_nothing_on_demand_or_while_disabled(
    client: Client, people: People, account: AWSAccount, changes: dict[str, Any]
) -> None:
    made = await client(people.olga).post(TASKS, json=a_task(account, **changes))
    assert made.json()["next_run_at"] is None


async def test_a_rate_is_counted_from_now(
    client: Client, people: People, account: AWSAccount
) -> None:
    schedule = {"kind": "cron", "expression": "rate(1 hour)"}
    answer = await client(people.olga).post(
        TASKS, json=a_task(account, schedule=schedule)
    )
    made = answer.json()
    anchor = datetime.fromisoformat(made["schedule"]["anchor"])
    first = datetime.fromisoformat(made["next_run_at"])
    assert first - anchor == timedelta(hours=1)


async def test_a_selector_needs_no_account_yet(client: Client, people: People) -> None:
    targets = {"selector": {"client": "north", "stage": ["live", "test"]}}
    answer = await client(people.olga).post(TASKS, json=a_task(targets=targets))
    assert answer.status_code == 201, answer.text
    assert answer.json()["targets"]["selector"] == {
        "client": ["north"],
        "stage": ["live", "test"],
    }


async def test_a_name_is_taken_once_among_the_living(
    client: Client, people: People, account: AWSAccount
) -> None:
    olga = client(people.olga)
    first = (await olga.post(TASKS, json=a_task(account))).json()
    second = await olga.post(TASKS, json=a_task(account))
    assert second.status_code == 409
    assert second.json()["code"] == "name-taken"
    assert second.json()["errors"][0]["pointer"] == "/name"
    await olga.delete(f"{TASKS}/{first['id']}")
    assert (await olga.post(TASKS, json=a_task(account))).status_code == 201


async def test_a_deleted_task_is_gone_but_its_versions_are_read(
    client: Client, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    olga = client(people.olga)
    made = (await olga.post(TASKS, json=a_task(account))).json()
    path = f"{TASKS}/{made['id']}"
    answer = await olga.delete(path)
    assert answer.status_code == 204
    assert answer.content == b""
    assert (await olga.get(path)).status_code == 404
    assert (await olga.patch(path, json={"enabled": True})).status_code == 404
    assert (await olga.delete(path)).status_code == 404
    assert (await olga.get(TASKS)).json()["items"] == []
    assert len((await olga.get(f"{path}/versions")).json()["items"]) == 1
    task = (await owner.scalars(select(Task))).one()
    assert (task.enabled, task.next_run_at) == (False, None)
    assert task.deleted_at is not None


async def test_a_due_slot_is_accounted_for_when_its_task_is_deleted(
    client: Client, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    slot = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2, minutes=30)
    task = await make_task(
        owner,
        people.alice.organization_id,
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
    answer = await client(people.olga).delete(f"{TASKS}/{task.id}")
    assert answer.status_code == 204, answer.text
    run = (await owner.scalars(select(TaskRun))).one()
    assert (run.status, run.reason, run.slots) == (Status.SKIPPED, "deleted", 3)
    assert run.scheduled_for == slot
    assert run.scheduled_until == slot + timedelta(hours=2)


async def test_each_act_is_in_the_audit_log(
    client: Client, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    olga = client(people.olga)
    made = (await olga.post(TASKS, json=a_task(account))).json()
    path = f"{TASKS}/{made['id']}"
    await olga.patch(path, json={"name": "Other", "enabled": False})
    await olga.patch(path, json={"enabled": True})
    await olga.delete(path)
    events = (await owner.scalars(select(AuditEvent).order_by(AuditEvent.at))).all()
    assert [event.action for event in events] == [
        "task.create",
        "task.edit",
        "task.disable",
        "task.enable",
        "task.delete",
    ]
    assert {event.actor for event in events} == {f"user:{people.olga.user_id}"}
    assert events[1].detail == {"version": 2, "changed": ["name"]}


# ── who may ──────────────────────────────────────────────────────────────────────


async def test_a_viewer_reads_and_changes_nothing(
    client: Client, people: People, account: AWSAccount
) -> None:
    made = (await client(people.olga).post(TASKS, json=a_task(account))).json()
    victor, path = client(people.victor), f"{TASKS}/{made['id']}"
    assert (await victor.get(path)).status_code == 200
    assert (await victor.get(f"{path}/versions")).status_code == 200
    for refused in (
        await victor.post(TASKS, json=a_task(account)),
        await victor.post(f"{TASKS}/preview", json=a_task(account)),
        await victor.patch(path, json={"enabled": False}),
        await victor.delete(path),
        # Role comes before existence.
        await victor.delete(f"{TASKS}/{new_id()}"),
    ):
        assert refused.status_code == 403
        assert refused.json()["code"] == "forbidden"


async def test_another_tenants_task_does_not_exist(
    client: Client, people: People, account: AWSAccount
) -> None:
    made = (await client(people.olga).post(TASKS, json=a_task(account))).json()
    mallory = client(people.mallory)
    assert (await mallory.get(TASKS)).json()["items"] == []
    for path, unknown in (
        (f"{TASKS}/{made['id']}", f"{TASKS}/{new_id()}"),
        (f"{TASKS}/{made['id']}/versions", f"{TASKS}/{new_id()}/versions"),
    ):
        foreign, none = await mallory.get(path), await mallory.get(unknown)
        assert foreign.status_code == 404
        assert foreign.content == none.content
    path = f"{TASKS}/{made['id']}"
    assert (await mallory.patch(path, json={"name": "Mine"})).status_code == 404
    assert (await mallory.delete(path)).status_code == 404
    replacing = a_task(targets={"selector": {"a": "b"}}, replaces=made["id"])
    preview = await mallory.post(f"{TASKS}/preview", json=replacing)
    assert preview.json()["errors"][0]["pointer"] == "/replaces"


async def test_another_tenants_account_is_unknown(
    client: Client, people: People, account: AWSAccount, foreign: AWSAccount
) -> None:
    answers = [
        await client(people.olga).post(
            TASKS, json=a_task(targets={"account_ids": [str(account.id), str(other)]})
        )
        for other in (foreign.id, new_id())
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/targets/account_ids/1"
        assert answer.json()["errors"][0]["code"] == "unknown"
    assert answers[0].content == answers[1].content


async def test_clara_sees_only_tasks_whose_every_account_she_sees(
    client: Client, people: People, account: AWSAccount, south: AWSAccount
) -> None:
    olga, clara = client(people.olga), client(people.clara)
    bodies = {
        "north": a_task(account, name="north"),
        "both": a_task(account, south, name="both"),
        "selector": a_task(name="selector", targets={"selector": {"client": "north"}}),
    }
    made = {
        name: (await olga.post(TASKS, json=body)).json()["id"]
        for name, body in bodies.items()
    }
    seen = (await clara.get(TASKS)).json()["items"]
    assert [task["name"] for task in seen] == ["north"]
    for name in ("both", "selector"):
        path = f"{TASKS}/{made[name]}"
        assert (await clara.get(path)).status_code == 404
        assert (await clara.get(f"{path}/versions")).status_code == 404
        assert (await clara.patch(path, json={"name": "x"})).status_code == 404
        assert (await clara.delete(path)).status_code == 404


async def test_clara_targets_only_accounts_she_sees_and_selects_none(
    client: Client, people: People, account: AWSAccount, south: AWSAccount
) -> None:
    clara = client(people.clara)
    made = await clara.post(TASKS, json=a_task(account))
    assert made.status_code == 201
    selector = {"selector": {"client": "north"}}
    for path in (TASKS, f"{TASKS}/preview"):
        hidden = await clara.post(path, json=a_task(south, name="b"))
        assert hidden.json()["errors"][0]["pointer"] == "/targets/account_ids/0"
        assert hidden.json()["errors"][0]["code"] == "unknown"
        wide = await clara.post(path, json=a_task(name="c", targets=selector))
        assert wide.status_code == 422
        assert wide.json()["errors"][0]["pointer"] == "/targets/selector"
    moved = await clara.patch(
        f"{TASKS}/{made.json()['id']}", json={"targets": selector}
    )
    assert moved.json()["errors"][0]["pointer"] == "/targets/selector"


# ── finding ──────────────────────────────────────────────────────────────────────


async def names(client: Client, people: People, query: str) -> list[str]:
    answer = await client(people.victor).get(f"{TASKS}?{query}")
    assert answer.status_code == 200, answer.text
    return sorted(task["name"] for task in answer.json()["items"])


async def test_finds_tasks_by_state_type_account_and_text(
    client: Client,
    people: People,
    account: AWSAccount,
    south: AWSAccount,
    owner: AsyncSession,
) -> None:
    olga = client(people.olga)
    for body in (
        a_task(account, name="100% list"),
        a_task(south, name="1000 lists", enabled=False),
        a_task(account, name="Health", type="health_check"),
        a_task(name="north", targets={"selector": {"client": ["x", "north"]}}),
        a_task(
            name="north test",
            targets={"selector": {"client": "north", "stage": "test"}},
        ),
        a_task(name="none", targets={"selector": {"team": "a"}}),
    ):
        assert (await olga.post(TASKS, json=body)).status_code == 201
    assert await names(client, people, "enabled=false") == ["1000 lists"]
    assert await names(client, people, "type=health_check") == ["Health"]
    assert await names(client, people, "q=00%25") == ["100% list"]
    assert await names(client, people, "q=_") == []
    assert await names(client, people, "q=HEAL") == ["Health"]
    on_account = f"account_id={account.id}"
    assert await names(client, people, on_account) == ["100% list", "Health", "north"]
    on_south = f"account_id={south.id}&enabled=false"
    assert await names(client, people, on_south) == ["1000 lists"]


async def test_another_tenants_account_is_no_filter(
    client: Client, people: People, foreign: AWSAccount
) -> None:
    answer = await client(people.victor).get(f"{TASKS}?account_id={foreign.id}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/account_id"


async def test_pages_show_each_task_once(
    client: Client, people: People, account: AWSAccount
) -> None:
    for number in range(5):
        body = a_task(account, name=f"Task {number}")
        await client(people.olga).post(TASKS, json=body)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"limit=2&cursor={cursor}" if cursor else "limit=2"
        page = (await client(people.victor).get(f"{TASKS}?{query}")).json()
        seen += [task["name"] for task in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"Task {number}" for number in reversed(range(5))]


async def test_a_broken_cursor_is_named(client: Client, people: People) -> None:
    answer = await client(people.victor).get(f"{TASKS}?cursor=broken")
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid-cursor"


async def test_shows_the_targets_that_are_left(
    client: Client,
    people: People,
    account: AWSAccount,
    south: AWSAccount,
    owner: AsyncSession,
) -> None:
    body = a_task(account, south)
    made = (await client(people.olga).post(TASKS, json=body)).json()
    gone = await owner.get(
        TaskTarget, (people.olga.organization_id, UUID(made["id"]), south.id)
    )
    await owner.delete(gone)
    await owner.commit()
    read = (await client(people.olga).get(f"{TASKS}/{made['id']}")).json()
    assert read["targets"]["account_ids"] == [str(account.id)]
