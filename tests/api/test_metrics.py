"""/metrics: for whom, what it counts, and that it names nobody."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.notice import NoticeEvent
from app.core.settings import Settings
from app.models.notice import RecordedNotice
from app.models.outbox import OutboxMessage
from app.models.run import Status, TaskExecution
from app.models.subscription import StripeEvent, StripeEventOutcome, Subscription
from app.models.task import ActionKind
from app.services import claims, dispatch, reaping
from app.services.decisions.retries import MOST_ATTEMPTS
from app.services.outbox import OutboxKind
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.conftest import Client
from tests.personae import People

TOKEN = "a-token-of-the-operator-that-is-long-enough"
MINUTELY = {"kind": "cron", "expression": "* * * * *", "timezone": "UTC"}
Samples = dict[str, float]


async def scrape(client: Client) -> Samples:
    """Each sample by its name and labels."""
    answer = await client(None).get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        f"{one.name}{sorted(one.labels.values())}": one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


async def test_without_a_token_it_is_open_in_development_only(
    client: Client, app: object, configured: Settings
) -> None:
    state = app.state  # type: ignore[attr-defined]  # a FastAPI's
    assert (await client(None).get("/metrics")).status_code == 200
    state.settings = configured.model_copy(update={"environment": "production"})
    assert (await client(None).get("/metrics")).status_code == 404


async def test_with_a_token_it_is_for_who_bears_it(
    client: Client, app: object, configured: Settings, people: People
) -> None:
    state = app.state  # type: ignore[attr-defined]  # a FastAPI's
    state.settings = configured.model_copy(
        update={"environment": "production", "metrics_token": SecretStr(TOKEN)}
    )
    nobody = client(None)
    for wrong in ({}, {"Authorization": "Bearer x"}, {"Authorization": TOKEN}):
        assert (await nobody.get("/metrics", headers=wrong)).status_code == 401
    assert (await client(people.alice).get("/metrics")).status_code == 401
    right = {"Authorization": f"Bearer {TOKEN}"}
    answer = await nobody.get("/metrics", headers=right)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")


def test_a_token_that_can_be_guessed_is_refused(configured: Settings) -> None:
    with pytest.raises(ValueError, match="METRICS_TOKEN needs"):
        Settings(**configured.model_dump() | {"metrics_token": SecretStr("short")})


async def test_it_says_how_the_deployment_stands(
    client: Client, database: Database, people: People, owner: AsyncSession
) -> None:
    empty = await scrape(client)
    assert empty["cloudrota_database_up[]"] == 1
    assert empty["cloudrota_schedule_lag_seconds[]"] == 0
    assert empty["cloudrota_executions_queued['high', 'mutate']"] == 0
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        late = now() - timedelta(minutes=10)
        await make_task(session, tenant, accounts=(account,), next_run_at=late)
        task = await make_task(session, tenant, accounts=(account,), name="Other")
        await make_execution(
            session, task, account, status=Status.QUEUED, created_at=late
        )
        await make_execution(session, task, account)
        long_ago = late - timedelta(days=9)
        for kind, created_at, available_at in (
            (OutboxKind.MAIL_VERIFY_EMAIL, late, late),
            # Those of later wait on purpose.
            ("artifact.purge", long_ago, long_ago),
            (OutboxKind.CREDENTIALS_PROBE, long_ago, long_ago),
            (OutboxKind.CREDENTIALS_VERIFY, long_ago, now() + timedelta(minutes=5)),
        ):
            session.add(
                OutboxMessage(
                    organization_id=tenant,
                    kind=kind,
                    subject_id=task.id,
                    dedupe_key=kind,
                    created_at=created_at,
                    available_at=available_at,
                )
            )
        session.add(
            RecordedNotice(
                organization_id=tenant, event=NoticeEvent.PROBLEM_OPENED, at=late
            )
        )
    seen = await scrape(client)
    assert 600 <= seen["cloudrota_deliveries_oldest_seconds[]"] < 700
    assert 600 <= seen["cloudrota_schedule_lag_seconds[]"] < 700
    assert seen["cloudrota_executions_queued['normal', 'read']"] == 1
    assert 600 <= seen["cloudrota_queue_lag_seconds['read']"] < 700
    assert seen["cloudrota_queue_lag_seconds['mutate']"] == 0
    assert seen["cloudrota_executions_running[]"] == 1
    assert seen["cloudrota_executions_held[]"] == 0
    assert 600 <= seen["cloudrota_executions_stranded_seconds[]"] < 700
    assert seen["cloudrota_outbox_pending[]"] == 4
    assert 600 <= seen["cloudrota_outbox_oldest_seconds[]"] < 700
    lease = update(TaskExecution).values(lease_until=now() + timedelta(seconds=60))
    await owner.execute(lease)
    await owner.commit()
    seen = await scrape(client)
    assert seen["cloudrota_executions_held[]"] == 1
    assert seen["cloudrota_executions_stranded_seconds[]"] == 0


async def test_what_stripe_said_and_was_not_believed_is_counted(
    client: Client, people: People, owner: AsyncSession
) -> None:
    for id, outcome in (("evt_1", "quarantined"), ("evt_2", "noted")):
        owner.add(
            StripeEvent(
                id=id,
                type="invoice.paid",
                livemode=False,
                outcome=StripeEventOutcome(outcome),
                happened_at=now(),
            )
        )
    await owner.commit()
    seen = await scrape(client)
    assert seen["cloudrota_stripe_events_quarantined[]"] == 1
    assert seen["cloudrota_subscriptions_doubted[]"] == 0
    await owner.execute(update(Subscription).values(sync_doubt="any"))
    await owner.commit()
    doubted = (await scrape(client))["cloudrota_subscriptions_doubted[]"]
    subscriptions = select(func.count()).select_from(Subscription)
    there = await owner.scalar(subscriptions)
    assert there
    assert doubted == there


async def test_what_waits_for_a_later_instant_is_no_lag(
    client: Client, database: Database, people: People
) -> None:
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        task = await make_task(
            session, tenant, accounts=(account,), next_run_at=now() + timedelta(hours=1)
        )
        queued = await make_execution(session, task, account, status=Status.QUEUED)
        queued.not_before = now() + timedelta(hours=1)
    seen = await scrape(client)
    assert seen["cloudrota_schedule_lag_seconds[]"] == 0
    assert seen["cloudrota_queue_lag_seconds['read']"] == 0
    assert seen["cloudrota_executions_queued['normal', 'read']"] == 1


async def test_a_database_that_is_away_is_told_and_nothing_is_made_up(
    client: Client, app: object, configured: Settings
) -> None:
    away = SecretStr("postgresql+asyncpg://cloudrota_system:x@127.0.0.1:1/none")
    state = app.state  # type: ignore[attr-defined]  # a FastAPI's
    settings = configured.model_copy(update={"database_system_url": away})
    state.settings = settings
    state.database = Database(settings, publisher=state.database._publisher)  # noqa: SLF001 — the same
    seen = await scrape(client)
    assert seen["cloudrota_database_up[]"] == 0
    assert "cloudrota_schedule_lag_seconds[]" not in seen
    assert (
        "cloudrota_claims_total['read']" in seen
        or "cloudrota_aws_calls_total[]" in seen
    )


async def test_a_process_without_the_system_login_tells_its_own_numbers(
    client: Client, app: object, configured: Settings
) -> None:
    state = app.state  # type: ignore[attr-defined]  # a FastAPI's
    state.settings = configured.model_copy(update={"database_system_url": None})
    seen = await scrape(client)
    assert "cloudrota_database_up[]" not in seen
    assert "cloudrota_aws_calls_total[]" in seen


async def test_it_counts_what_was_committed(
    client: Client, database: Database, people: People, owner: AsyncSession
) -> None:
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        slot = now().replace(second=0, microsecond=0)
        made: dict[str, Any] = {
            "schedule": MINUTELY,
            "next_run_at": slot - timedelta(hours=1),
        }
        await make_task(session, tenant, accounts=(account,), **made)
        await make_task(session, tenant, name="Aimless", **made)
    before = await scrape(client)
    with pytest.raises(ConnectionResetError):
        await dispatch_in_vain(database)
    assert_same(before, await scrape(client), "cloudrota_slots_skipped_total")
    async with database.system_session("test") as session:
        await dispatch.dispatch_due(session, limit=10)
    async with database.system_session("test") as session:
        await claims.claim(
            session, kind=ActionKind.READ, worker="w", running_cap=9, most=1
        )
    await owner.execute(
        update(TaskExecution)
        .where(TaskExecution.status == Status.RUNNING)
        .values(lease_until=now() - timedelta(1), attempt=MOST_ATTEMPTS)
    )
    await owner.commit()
    async with database.system_session("test") as session:
        assert await reaping.reap(session, limit=10) == 1
    after = await scrape(client)

    def grew(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grew("cloudrota_gaps_total['scheduler_down']") == 2
    assert grew("cloudrota_slots_skipped_total['scheduler_down']") > 100
    assert grew("cloudrota_slots_skipped_total['no_targets']") >= 5
    assert grew("cloudrota_executions_dispatched_total[]") >= 1
    assert grew("cloudrota_claims_total['read']") == 1
    assert grew("cloudrota_reaped_total['failed']") == 1
    assert grew("cloudrota_executions_finished_total['failed']") == 1


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        (None, "deleted"),
        ({"enabled": False}, "disabled"),
        ({"schedule": {"kind": "on_demand"}}, "rescheduled"),
    ],
)
async def test_slots_that_a_change_of_their_task_closes_are_counted_once(
    client: Client,
    people: People,
    owner: AsyncSession,
    patch: dict[str, Any] | None,
    reason: str,
) -> None:
    tenant = people.alice.organization_id
    slot = now().replace(microsecond=0) - timedelta(hours=2, minutes=30)
    hourly = {"kind": "cron", "expression": "rate(1 hour)", "timezone": "UTC"}
    task = await make_task(
        owner,
        tenant,
        accounts=(await make_account(owner, tenant),),
        schedule=hourly | {"anchor": slot.isoformat()},
        next_run_at=slot,
    )
    await owner.commit()
    path, olga = f"/api/v1/tasks/{task.id}", client(people.olga)
    before = await scrape(client)
    past = {"schedule": {"kind": "once", "at": "2020-01-01T00:00:00"}}
    assert (await olga.patch(path, json=past)).status_code == 422
    for name in ("cloudrota_slots_skipped_total", "cloudrota_gaps_total"):
        assert_same(before, await scrape(client), name)
    for _ in range(2):
        if patch is None:
            await olga.delete(path)
        else:
            assert (await olga.patch(path, json=patch)).status_code == 200
    after = await scrape(client)
    for name, slots in (("slots_skipped", 3), ("gaps", 1)):
        sample = f"cloudrota_{name}_total['{reason}']"
        assert after[sample] - before.get(sample, 0) == slots


async def dispatch_in_vain(database: Database) -> None:
    async with database.system_session("test") as session:
        await dispatch.dispatch_due(session, limit=10)
        raise ConnectionResetError


def assert_same(before: Samples, after: Samples, name: str) -> None:
    def of(samples: Samples) -> Samples:
        return {key: value for key, value in samples.items() if key.startswith(name)}

    assert of(before) == of(after)


async def test_requests_are_told_by_route_and_hold_no_id(
    client: Client, people: People
) -> None:
    alice = client(people.alice)
    await alice.get(f"/api/v1/executions/{people.mallory.organization_id}")
    await alice.get(f"/nowhere/{people.mallory.organization_id}")
    text = (await client(None).get("/metrics")).text
    route = 'route="/api/v1/executions/{id}",status="404"'
    assert route in text
    assert 'route="none",status="404"' in text
    assert re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}", text) == []
    assert "alice" not in text


async def test_the_page_names_each_of_them_and_no_other(client: Client) -> None:
    answer = await client(None).get("/metrics")
    told = {
        line.split()[2]
        for line in answer.text.splitlines()
        if line.startswith("# TYPE cloudrota_")
    }
    page = (Path(__file__).parents[2] / "docs/metrics.md").read_text()
    named = set(re.findall(r"cloudrota_\w+", page))
    assert {name for name in told if not name.endswith("_created")} == named
