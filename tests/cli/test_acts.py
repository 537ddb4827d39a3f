"""What a command of the operator does to the end: sends once more, judges anew, finds
what was tampered with, wraps anew, tells how it went."""

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli import ground
from app.core.clock import now
from app.core.db import Database, Login
from app.core.embedded import PostgresServer
from app.core.ids import new_id
from app.core.notice import NoticeEvent
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.notification import Delivery, DeliveryStatus
from app.models.outbox import OutboxMessage
from app.models.restore import Restore
from app.models.run import Status, TaskExecution
from app.models.subscription import StripeEvent, StripeEventOutcome, Subscription
from app.services.outbox import OutboxKind
from app.tasks import operator, pulse
from tests.builders import make_account, make_task
from tests.builders_notices import a_notice, make_channel
from tests.builders_runs import make_execution
from tests.cli.conftest import Command
from tests.personae import People
from tests.services.chained import record, seal, tampering
from tests.services.sealed import (
    AFTER,
    NEW_BYTES,
    OLD_BYTES,
    make_factor,
    make_version,
    opened,
)


async def audited(owner: AsyncSession, action: str) -> list[AuditEvent]:
    await owner.rollback()
    found = (
        select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
    )
    return list(await owner.scalars(found))


@pytest.fixture
async def dead(database: Database, people: People) -> Delivery:
    """A delivery of Acme's that was given up."""
    tenant = people.alice.organization_id
    notice = a_notice(tenant, event=NoticeEvent.PROBLEM_OPENED)
    async with database.unit_of_work(Login.OWNER) as session:
        channel = await make_channel(session, tenant)
        given_up = Delivery(
            id=new_id(),
            organization_id=tenant,
            channel_id=channel.id,
            at=now() - timedelta(minutes=1),
            dedupe_key="1",
            event=notice.event.value,
            payload=notice.model_dump(mode="json"),
            notice_id=notice.id,
            status=DeliveryStatus.DEAD,
            attempts=8,
            tries=[],
        )
        session.add(given_up)
    return given_up


async def test_a_delivery_is_sent_once_more_and_that_is_on_record(
    command: Command, people: People, dead: Delivery, owner: AsyncSession
) -> None:
    tenant = people.alice.organization_id
    done = await command("replay", "delivery", tenant, dead.id, "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["status"] == "pending"
    found = select(Delivery).where(Delivery.replay_of == dead.id)
    [again] = await owner.scalars(found)
    assert str(again.id) == told["delivery"]
    assert (again.status, again.payload) == (DeliveryStatus.PENDING, dead.payload)
    [event] = await audited(owner, "operator.replay_delivery")
    assert (event.organization_id, event.subject_id) == (tenant, dead.id)
    assert event.actor == operator.name()


async def test_a_delivery_of_somebody_else_or_one_that_waits_is_refused(
    command: Command, people: People, dead: Delivery, owner: AsyncSession
) -> None:
    other = people.mallory.organization_id
    assert (await command("replay", "delivery", other, dead.id)).exit_code == 1
    mine = people.alice.organization_id
    told = await command("replay", "delivery", mine, dead.id, "--json")
    waiting = json.loads(told.stdout)["delivery"]
    refused = await command("replay", "delivery", mine, waiting)
    assert refused.exit_code == 1
    assert "It is still being tried." in refused.stderr
    assert len(await audited(owner, "operator.replay_delivery")) == 1


@pytest.fixture
async def quarantined(owner: AsyncSession, people: People) -> str:
    """An event that came before its customer was known, who is Acme's by now."""
    acme = Subscription.organization_id == people.alice.organization_id
    known = update(Subscription).where(acme).values(stripe_customer_id="cus_acme")
    await owner.execute(known)
    owner.add(
        StripeEvent(
            id="evt_1",
            type="customer.subscription.updated",
            livemode=False,
            customer_id="cus_acme",
            outcome=StripeEventOutcome.QUARANTINED,
            reason="unknown_customer",
            happened_at=func.app_now(),
            received_at=func.app_now(),
        )
    )
    await owner.commit()
    return "evt_1"


async def test_an_event_of_stripes_is_judged_anew_and_its_subscription_fetched(
    command: Command,
    configured: Settings,
    people: People,
    quarantined: str,
    owner: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = {"stripe_api_key": SecretStr("sk_test_1")}
    selling = configured.model_copy(update=key)
    monkeypatch.setattr(ground, "settings", lambda: selling)
    tenant = people.alice.organization_id
    done = await command("replay", "stripe-events", quarantined)
    assert done.exit_code == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"fetched_soon": str(tenant)},
        {"events": 1, "followed": 1, "organizations": 1},
    ]
    await owner.rollback()
    event = await owner.get_one(StripeEvent, quarantined, populate_existing=True)
    assert (event.outcome, event.reason) == (StripeEventOutcome.FOLLOWED, None)
    fetched = select(OutboxMessage.organization_id).where(
        OutboxMessage.kind == OutboxKind.SUBSCRIPTION_SYNC
    )
    assert (await owner.scalars(fetched)).all() == [tenant]
    [told] = await audited(owner, "operator.replay_stripe_events")
    assert (told.organization_id, told.actor) == (tenant, operator.name())


async def test_a_log_that_was_tampered_with_is_named_with_what_does_not_fit(
    command: Command,
    database: Database,
    configured: Settings,
    postgres_server: PostgresServer,
    people: People,
) -> None:
    for persona in (people.alice, people.mallory):
        await record(database, persona, "task.create", "task.edit")
    await seal(database)
    whole = await command("verify-audit")
    assert whole.exit_code == 0, whole.stdout
    assert json.loads(whole.stdout)["linked"] == 4

    tenant = people.alice.organization_id
    async with tampering(postgres_server.superuser_dsn, configured) as thief:
        changed = await thief.fetchval(
            "UPDATE audit_events SET actor = 'user:somebody'"
            " WHERE organization_id = $1 AND action = 'task.edit' RETURNING id",
            tenant,
        )
    found = await command("verify-audit")
    assert found.exit_code == 1
    fault, last = found.stdout.splitlines()
    assert fault.startswith(f"{tenant}: ")
    assert str(changed) in fault
    assert "changed" in fault
    assert json.loads(last)["faults"] == 1
    assert (await command("verify-audit", tenant)).exit_code == 1
    other = people.mallory.organization_id
    assert (await command("verify-audit", other)).exit_code == 0


async def test_keys_are_rotated_to_the_end_and_the_old_one_is_needed_no_more(
    command: Command,
    configured: Settings,
    database: Database,
    people: People,
    owner: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tenant = people.alice.organization_id
    await make_version(database, tenant, "hush of acme")
    await make_factor(database, people.alice.user_id, "hush of alice")
    keys = {"old": OLD_BYTES, "new": NEW_BYTES}

    def hold(*names: str) -> None:
        held = {name: SecretStr(b64encode(keys[name]).decode()) for name in names}
        changed = {"credential_keys": held, "credential_active_key": "new"}
        its_own = configured.model_copy(update=changed)
        monkeypatch.setattr(ground, "settings", lambda: its_own)

    hold("old", "new")
    before = await command("rotate-keys", "--count", "--json")
    assert (before.exit_code, json.loads(before.stdout)["left"]) == (1, 2)
    done = await command("rotate-keys", "--json")
    assert done.exit_code == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["left"], told["unopened"]) == (0, [])
    assert told["rewrapped"] == {"authenticators": 1, "aws_credential_versions": 1}
    assert await opened(owner, AFTER) == {"hush of acme": 1, "hush of alice": 1}
    assert "hush" not in done.output

    hold("new")
    after = await command("rotate-keys", "--count", "--json")
    assert after.exit_code == 0, after.stdout
    assert json.loads(after.stdout)["missing_keys"] == []


async def test_what_became_of_an_execution_its_run_and_its_task_is_told(
    command: Command, database: Database, people: People, owner: AsyncSession
) -> None:
    tenant = people.mallory.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        task = await make_task(session, tenant, accounts=(account,))
        execution = await make_execution(session, task, account)
        ended = {"status": Status.SUCCEEDED, "finished_at": now(), "fence": 1}
        mine = TaskExecution.id == execution.id
        await session.execute(update(TaskExecution).where(mine).values(**ended))
    asked = {"execution": execution.id, "run": execution.run_id, "task": task.id}
    for about, id in asked.items():
        told = await command("explain-execution", id, "--json")
        assert told.exit_code == 0, told.stderr
        answer = json.loads(told.stdout)
        assert (answer["about"], answer["organization"]) == (about, str(tenant))
        assert answer["sentences"][0].startswith(f"{about} {id} is ")
    of_execution = (await command("explain-execution", execution.id)).stdout
    first, *_ = of_execution.splitlines()
    assert first == (f"execution {execution.id} is succeeded; organization {tenant}")
    looked = await audited(owner, "operator.explain")
    assert [one.subject_id for one in looked] == [*asked.values(), execution.id]
    assert {(one.organization_id, one.actor) for one in looked} == {
        (tenant, operator.name())
    }


async def given(answer: Callable[..., Awaitable[Any]], tenant: UUID) -> list[Any]:
    """What the overview says of the tenant's gift."""
    lines = (await answer("overview"))["organizations"]
    return [
        line
        for line in lines
        if line["organization_id"] == str(tenant) and line["status"] == "complimentary"
    ]


async def test_plans_are_shown_changed_given_and_charged(
    command: Command, people: People
) -> None:
    tenant = people.alice.organization_id

    async def answer(*words: object) -> dict[str, Any]:
        told = await command("plans", *words)
        assert told.exit_code == 0, told.stderr
        answered: dict[str, Any] = json.loads(told.stdout)
        return answered

    await answer("set", "free", "members=7")
    assert (await answer("show"))["free"]["limits"]["members"] == 7
    await answer("give", tenant, "team")
    assert [line["plan_code"] for line in await given(answer, tenant)] == ["team"]
    await answer("charge", tenant)
    assert await given(answer, tenant) == []
    for words in (("set", "free", "cats=3"), ("charge", tenant), ("give", tenant, "x")):
        refused = await command("plans", *words)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert refused.stderr


async def test_a_database_that_only_moved_goes_on_with_nothing_ended(
    command: Command, database: Database, configured: Settings, owner: AsyncSession
) -> None:
    await pulse.judge(database, configured, as_beat=True)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text("UPDATE pulses SET server = server + 1"))
    assert await pulse.judge(database, configured, as_beat=True)
    done = await command("resume-after-restore", "--nothing-lost", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["executions"] == 0
    [resumed] = await owner.scalars(select(Restore))
    assert resumed.counts["nothing_lost"] is True
    assert not await pulse.judge(database, configured, as_beat=True)
    again = await command("resume-after-restore", "--nothing-lost")
    assert again.exit_code == 1
    assert again.stderr.startswith("Nothing is paused: no restore is open")
