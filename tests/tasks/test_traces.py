"""Traces of a real run: one from the request to AWS's own ids, and in none of its spans
anything that is a tenant's, a secret, a statement or a body."""

import asyncio
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from anyio import to_thread
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.queue import Job, enqueue
from app.core.settings import Settings
from app.integrations import telemetry
from app.integrations.span_filter import ALLOWED
from app.main import create_app
from app.models.aws_account import AWSAccount
from app.models.outbox import OutboxMessage
from app.models.run import TaskExecution
from app.services.outbox import OutboxKind, post
from app.tasks import executions, outbox
from app.tasks.worker import Worker
from tests.builders import make_account, make_task
from tests.collector import SentSpan, TraceReceiver, receiving
from tests.conftest import AWS, EXTERNAL_ID
from tests.dispatching import MINUTE, MINUTELY, SLOT, stop_clock, tick
from tests.personae import People
from tests.tasks.test_executions import task_on

CANARY = "canary4f1c"
OPERATIONS = ["ec2:DescribeInstances", "sqs:GetQueueAttributes"]
STRANGE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def receiver() -> Iterator[TraceReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def traced(worker_settings: Settings, receiver: TraceReceiver) -> Settings:
    more = {"otel_exporter_otlp_endpoint": receiver.url}
    return worker_settings.model_copy(update=more)


async def ask_to_run(traced: Settings, people: People, task_id: UUID) -> list[str]:
    """Over the API, which is traced; the ids of the executions. The asker says more
    than it should, also of a trace of its own."""
    app = create_app(traced)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        headers = {
            "Authorization": f"Bearer {people.alice.token}",
            "User-Agent": CANARY,
            "Traceparent": f"00-{STRANGE}-b7ad6b7169203331-01",
            "Baggage": f"who={CANARY}",
        }
        client.headers.update(headers)
        await client.get("/api/v1/tasks", params={"q": CANARY})
        await client.get(f"/api/v1/{CANARY}")
        await client.post("/api/v1/tasks", json={"name": CANARY})
        answer = await client.post(f"/api/v1/tasks/{task_id}/execute")
        assert answer.status_code == 202, answer.text
        (connected,) = (await client.get("/api/v1/aws-credentials")).json()["items"]
        verify = f"/api/v1/aws-credentials/{connected['id']}/verify"
        assert (await client.post(verify)).status_code == 202
        await client.get("/readyz")
        ids: list[str] = answer.json()["executions"]
        return ids


async def work(traced: Settings, worker: Worker, owner: AsyncSession) -> None:
    """What waits, in a worker that is traced: executions, then messages."""
    traces = telemetry.start(traced, "worker")
    try:
        polling = asyncio.create_task(worker.poll(executions.run))
        unfinished = select(TaskExecution.id).where(TaskExecution.finished_at.is_(None))
        while await owner.scalar(unfinished):  # noqa: ASYNC110 — only it tells
            await asyncio.sleep(0.05)
        polling.cancel()
        for message_id in list(await owner.scalars(select(OutboxMessage.id))):
            await outbox.deliver(worker, message_id)
    finally:
        await to_thread.run_sync(telemetry.stop, traces)


@pytest.fixture
async def executed(
    traced: Settings,
    database: Database,
    people: People,
    account: AWSAccount,
    worker: Worker,
    owner: AsyncSession,
) -> str:
    """The id of an execution that was asked for, run and recorded, all traced."""
    task = await task_on(
        database,
        people,
        account,
        name=CANARY,
        services=("ec2", "sqs"),
        parameters={"operations": OPERATIONS},
    )
    (execution_id,) = await ask_to_run(traced, people, task.id)
    await work(traced, worker, owner)
    return execution_id


def hexadecimal(id: str) -> str:
    return UUID(id).hex


async def test_one_trace_goes_from_the_request_to_each_call_with_its_id(
    executed: str, receiver: TraceReceiver, owner: AsyncSession
) -> None:
    trace = [span for span in receiver.spans if span.trace_id == hexadecimal(executed)]
    by_name = {span.name: span for span in trace}
    began, ran = by_name["execution.record"], by_name["execution.run"]
    assert (began.process, began.parent_id) == ("api", "")
    assert by_name["execution.claim"].parent_id == began.span_id
    assert (ran.process, ran.parent_id) == ("worker", began.span_id)
    assert ran.attributes["cloudrota.execution_id"] == executed
    calls = [span for span in trace if "rpc.service" in span.attributes]
    assert {"ec2.DescribeInstances", "sts.AssumeRole"} <= {one.name for one in calls}
    assert all(one.attributes["aws.request_id"] for one in calls)
    assert {one.parent_id for one in calls} == {ran.span_id}
    assert {"worker"} == {one.attributes.get("cloudrota.login") for one in trace} - {
        None
    }
    assert len({span.span_id for span in trace}) == len(trace)


async def test_the_request_and_the_execution_name_each_other(
    executed: str, receiver: TraceReceiver
) -> None:
    (asked,) = receiver.named("POST /api/v1/tasks/{id}/execute")
    (began,) = receiver.named("execution.record")
    assert asked.attributes["http.response.status_code"] == 202
    assert began.links == {asked.trace_id}
    assert hexadecimal(executed) in asked.links


async def test_a_message_is_delivered_in_the_trace_that_its_poster_names(
    traced: Settings,
    receiver: TraceReceiver,
    executed: str,
) -> None:
    posted = {span.trace_id: span for span in receiver.named("outbox.record")}
    delivered = receiver.named("outbox.deliver")
    (asked,) = receiver.named("POST /api/v1/aws-credentials/{id}/verify")
    assert asked.links <= set(posted)
    assert {span.trace_id for span in delivered} >= set(posted)
    for span in delivered:
        assert UUID(str(span.attributes["cloudrota.message_id"])).hex == span.trace_id
        assert span.attributes["cloudrota.kind"]
    (message,) = asked.links
    assert posted[message].links == {asked.trace_id}
    calls = {one.name for one in receiver.spans if one.trace_id == message}
    assert {"outbox.record", "outbox.deliver", "sts.AssumeRole"} <= calls


async def test_no_span_says_more_than_it_may(
    executed: str,
    receiver: TraceReceiver,
    people: People,
    aws: AWS,
    account: AWSAccount,
    traced: Settings,
) -> None:
    assert len(receiver.spans) > 20
    for span in receiver.spans:
        assert_is_bare(span)
    sent = b"".join(receiver.bodies).decode("latin-1")
    keys = aws.platform.keys
    said = {
        *(CANARY, STRANGE, EXTERNAL_ID, "SELECT", "INSERT", "Bearer", "HTTP/"),
        *(people.alice.token, "alice", "Acme", account.account_id),
        *(keys.access_key_id, keys.secret_access_key.reveal(), str(account.id)),
        *(aws.account.role_arn, "arn:aws", traced.secret_key.get_secret_value()),
    }
    assert [one for one in said if one in sent] == []


def assert_is_bare(span: SentSpan) -> None:
    assert span.attributes.keys() <= ALLOWED.keys(), span.name
    assert not span.raw.events
    assert not span.raw.trace_state
    assert not span.raw.status.message
    assert all(not link.attributes and not link.trace_state for link in span.raw.links)
    assert re.fullmatch(r"[A-Za-z0-9_./{}: -]+", span.name)


async def test_a_second_try_is_in_the_same_trace_and_begins_it_no_second_time(
    traced: Settings,
    executed: str,
    receiver: TraceReceiver,
    database: Database,
) -> None:
    traces = telemetry.start(traced, "beat")
    async with database.system_session("test") as session:
        enqueue(session, Job.RUN_EXECUTION, UUID(executed), queue="read.normal")
    await to_thread.run_sync(telemetry.stop, traces)
    assert len(receiver.named("execution.record")) == 1


async def test_what_is_to_be_done_later_begins_its_trace_when_it_is_recorded(
    traced: Settings,
    receiver: TraceReceiver,
    database: Database,
    people: People,
    owner: AsyncSession,
) -> None:
    """An execution that the schedule's jitter delays, and a message with an instant."""
    await stop_clock(database)
    schedule = {**MINUTELY, "jitter_seconds": 50}
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, people.alice.organization_id)
        for _ in range(8):  # of which one or another waits
            await make_task(
                session,
                people.alice.organization_id,
                accounts=(account,),
                name=str(new_id()),
                schedule=schedule,
                next_run_at=SLOT,
            )
    traces = telemetry.start(traced, "beat")
    try:
        assert await tick(database) == 8
        async with database.system_session("test") as session:
            later = await post(
                session,
                organization_id=people.alice.organization_id,
                kind=OutboxKind.MAIL_INVITATION,
                subject_id=new_id(),
                not_before=SLOT + MINUTE,
            )
    finally:
        await to_thread.run_sync(telemetry.stop, traces)
    found = (await owner.scalars(select(TaskExecution))).all()
    assert any(one.not_before is not None for one in found)
    begun = receiver.named("execution.record")
    assert sorted(one.trace_id for one in begun) == sorted(one.id.hex for one in found)
    assert {one.parent_id for one in begun} == {""}
    [message] = receiver.named("outbox.record")
    assert message.trace_id == later.hex
