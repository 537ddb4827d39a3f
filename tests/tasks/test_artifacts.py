"""Artifacts in a bucket, as the settings say: an execution's file is stored by the job,
sent by the API and deleted in time, at an S3 that checks who asks for what."""

import csv
import gzip
import io
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.session import Endpoint, PlatformSession
from app.core.db import Database, Login
from app.core.embedded.process import LOOPBACK, free_port
from app.core.ids import new_id
from app.core.settings import Settings
from app.models.artifact import Artifact
from app.models.aws_account import AWSAccount
from app.models.outbox import OutboxMessage, OutboxStatus
from app.services.outbox import OutboxKind
from app.tasks import outbox
from app.tasks.worker import Worker
from tests.builders import make_task
from tests.conftest import AWS, Client
from tests.emulator import PLATFORM_ACCOUNT
from tests.personae import People
from tests.tasks.conftest import queue_execution, run_to_end

MoveClock = Callable[[str], Awaitable[None]]
REGION = "eu-central-1"
PREFIX = "kept/"
DAYS = 9
USER = "cloudrota"  # the platform's own
NEEDED = ("s3:PutObject", "s3:GetObject", "s3:DeleteObject")


@dataclass(frozen=True)
class Bucket:
    """A bucket of the platform's account; only its owner may look into it."""

    name: str
    s3: Any

    def keys(self) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.name)
        return [one["Key"] for one in found.get("Contents", [])]

    def content(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()
        return body


@pytest.fixture
def bucket(aws: AWS) -> Iterator[Bucket]:
    """The platform may put, get and delete files below the prefix, and no more."""
    root = PlatformSession(
        aws.emulator.root_of(PLATFORM_ACCOUNT), Endpoint(aws.emulator.url)
    )
    made = Bucket(f"artifacts-{new_id()}", root.client("s3", REGION))
    made.s3.create_bucket(
        Bucket=made.name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    statement = {
        "Effect": "Allow",
        "Action": NEEDED,
        "Resource": f"arn:aws:s3:::{made.name}/{PREFIX}*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = root.client("iam", "us-east-1")
    named = {"UserName": USER, "PolicyName": made.name}
    iam.put_user_policy(**named, PolicyDocument=policy)
    yield made
    iam.delete_user_policy(**named)


@pytest.fixture
def worker_settings(
    worker_settings: Settings, bucket: Bucket, tmp_path: Path
) -> Settings:
    return worker_settings.model_copy(
        update={
            "artifact_bucket": bucket.name,
            "artifact_bucket_region": REGION,
            "artifact_prefix": PREFIX,
            "artifact_days": DAYS,
            "artifact_directory": str(tmp_path),
        }
    )


@pytest.fixture
def app(app: FastAPI, worker_settings: Settings) -> FastAPI:
    app.state.settings = worker_settings
    return app


@pytest.fixture
async def execution_id(
    database: Database, people: People, account: AWSAccount, worker: Worker
) -> UUID:
    """A run that listed the queues of Acme's account."""
    async with database.unit_of_work(Login.OWNER) as session:
        task = await make_task(
            session,
            people.alice.organization_id,
            accounts=(account,),
            services=("sqs",),
            regions=(REGION,),
        )
    id = await queue_execution(database, task, account)
    await run_to_end(worker, id)
    return id


async def ask(client: Client, people: People, execution_id: UUID) -> str:
    """The address of the artifact that was asked for."""
    answer = await client(people.alice).post(
        f"/api/v1/executions/{execution_id}/artifacts", json={}
    )
    assert answer.status_code == 202, answer.text
    return f"/api/v1/artifacts/{answer.json()['id']}"


async def message(owner: AsyncSession, kind: OutboxKind) -> OutboxMessage:
    await owner.rollback()
    found = select(OutboxMessage).where(OutboxMessage.kind == kind)
    return (await owner.scalars(found)).one()


async def make(worker: Worker, owner: AsyncSession) -> None:
    job = await message(owner, OutboxKind.ARTIFACT_MAKE)
    await outbox.deliver(worker, job.id)


def is_unused(folder: Path) -> bool:
    return not any(folder.iterdir())


async def do_what_is_due(worker: Worker) -> None:
    """One message, found without a hint."""

    async def deliver(worker: Worker, id: UUID) -> None:
        await outbox.deliver(worker, id)
        worker.stopping = True

    await outbox.poll(worker, deliver)


async def test_an_execution_is_kept_in_the_bucket_and_sent_from_there(
    client: Client,
    people: People,
    worker: Worker,
    owner: AsyncSession,
    execution_id: UUID,
    bucket: Bucket,
    tmp_path: Path,
) -> None:
    url = await ask(client, people, execution_id)
    assert bucket.keys() == []
    await make(worker, owner)
    artifact = (await owner.scalars(select(Artifact))).one()
    [key] = bucket.keys()
    assert key == f"{PREFIX}{artifact.organization_id}/{artifact.id}.csv.gz"
    answer = await client(people.alice).get(f"{url}/content")
    assert answer.status_code == 200
    assert answer.content == bucket.content(key)
    rows = csv.DictReader(io.StringIO(gzip.decompress(answer.content).decode()))
    assert {f"orders-{REGION}", f"orders-{REGION}-dead-letters"} <= {
        row["name"] for row in rows
    }
    assert is_unused(tmp_path)


async def test_retention_deletes_the_file_from_the_bucket(
    client: Client,
    people: People,
    worker: Worker,
    owner: AsyncSession,
    execution_id: UUID,
    bucket: Bucket,
    move_clock: MoveClock,
) -> None:
    url = await ask(client, people, execution_id)
    await make(worker, owner)
    ready = (await client(people.alice).get(url)).json()
    purge = await message(owner, OutboxKind.ARTIFACT_PURGE)
    made = (await owner.scalars(select(Artifact))).one()
    assert made.ready_at is not None
    assert purge.available_at == made.ready_at + timedelta(days=DAYS)
    assert (ready["status"], len(bucket.keys())) == ("ready", 1)
    await move_clock(f"{DAYS} days 1 minute")
    await do_what_is_due(worker)
    assert bucket.keys() == []
    await move_clock("0 days")  # Alice's session is over by then
    assert (await client(people.alice).get(url)).json()["status"] == "purged"
    answer = await client(people.alice).get(f"{url}/content")
    assert answer.json()["code"] == "artifact-not-ready"


async def test_a_bucket_that_is_away_is_told_and_nothing_is_half_written(
    client: Client,
    people: People,
    worker: Worker,
    owner: AsyncSession,
    execution_id: UUID,
    bucket: Bucket,
    tmp_path: Path,
    move_clock: MoveClock,
) -> None:
    url = await ask(client, people, execution_id)
    there = worker.settings
    nobody = {"aws_emulator_url": f"http://{LOOPBACK}:{free_port()}"}
    worker.settings = there.model_copy(update=nobody)
    await make(worker, owner)
    shown = (await client(people.alice).get(url)).json()
    assert (shown["status"], shown["bytes"]) == ("pending", None)
    assert shown["error"].startswith("S3 PutObject: ")
    job = await message(owner, OutboxKind.ARTIFACT_MAKE)
    assert (job.status, job.attempts) == (OutboxStatus.PENDING, 1)
    assert job.error is not None
    assert job.error.startswith("StorageAway: S3 PutObject: ")
    content = await client(people.alice).get(f"{url}/content")
    assert content.json()["code"] == "artifact-not-ready"
    assert bucket.keys() == []
    assert is_unused(tmp_path)
    worker.settings = there
    await move_clock("1 hour")
    await do_what_is_due(worker)
    shown = (await client(people.alice).get(url)).json()
    assert (shown["status"], shown["error"]) == ("ready", None)
    assert len(bucket.keys()) == 1


async def test_a_file_that_cannot_be_fetched_is_no_answer_of_success(
    client: Client,
    people: People,
    worker: Worker,
    owner: AsyncSession,
    app: FastAPI,
    execution_id: UUID,
    bucket: Bucket,
) -> None:
    url = await ask(client, people, execution_id)
    await make(worker, owner)
    [key] = bucket.keys()
    bucket.s3.put_object(Bucket=bucket.name, Key=key, Body=b"something else")
    changed = await client(people.alice).get(f"{url}/content")
    nobody = {"aws_emulator_url": f"http://{LOOPBACK}:{free_port()}"}
    app.state.settings = worker.settings.model_copy(update=nobody)
    away = await client(people.alice).get(f"{url}/content")
    for answer in (changed, away):
        assert (answer.status_code, answer.json()["code"]) == (503, "storage-away")
