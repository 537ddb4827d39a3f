"""Ways into an account that are rotated or deleted while an execution is at work: it
ends, by the key it opened or with an error that says what became of it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.core.db import Login
from app.models.aws_account import (
    AWSCredentials,
    AWSCredentialVersion,
)
from app.services import credential_opening
from tests.claiming import take_one
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.personae import People
from tests.tasks.faked import REGION, Faked
from tests.tasks.meanwhile import FIRST, SECOND, Meanwhile, Started

OLD, NEW = "AKIAOLDKEYOFTHETESTS", "AKIANEWKEYOFTHETESTS"
CREDENTIALS = "aws-credentials"
UNVERIFIED = ("AWSConfigurationError", "no_verified_credentials")
REVOKED = ("AWSAuthenticationError", "InvalidClientTokenId")
BOTH_READ = {FIRST: "succeeded", SECOND: "succeeded"}


@pytest.fixture
async def meanwhile(faked: Faked, client: Client, people: People) -> Meanwhile:
    faked.worker.settings = faked.worker.settings.model_copy(
        update={"units_at_once": 1}
    )
    return Meanwhile(faked, client(people.alice))


def entry(key: str) -> dict[str, str]:
    return {"access_key_id": key, "secret_access_key": "s" * 40}


async def connect(meanwhile: Meanwhile, key: str) -> str:
    """An access key of the account that is verified; its id."""
    made = {"kind": "access_key", "name": f"Key {key[4:7]}", **entry(key)}
    answer = await meanwhile.api.post(f"/api/v1/{CREDENTIALS}", json=made)
    assert answer.status_code == 201, answer.text
    await meanwhile.deliver()
    shown = await meanwhile.get(f"{CREDENTIALS}/{answer.json()['id']}")
    assert (shown["status"], shown["aws_account_id"]) == (
        "verified",
        str(meanwhile.faked.account.id),
    )
    return str(shown["id"])


async def replace(meanwhile: Meanwhile, credentials_id: str, key: str) -> None:
    """Enter the new key; it is not verified yet."""
    path = f"/api/v1/{CREDENTIALS}/{credentials_id}"
    answer = await meanwhile.api.patch(path, json=entry(key))
    assert (answer.json()["version"], answer.json()["status"]) == (2, "pending")


@pytest.fixture
async def old(meanwhile: Meanwhile) -> str:
    """The id of the one way in that the account has: a verified access key."""
    made = await connect(meanwhile, OLD)
    async with meanwhile.faked.database.unit_of_work(Login.OWNER) as session:
        [role] = await session.scalars(
            select(AWSCredentials.id).where(AWSCredentials.id != UUID(made))
        )
    await meanwhile.delete(f"{CREDENTIALS}/{role}")
    await meanwhile.deliver()
    meanwhile.faked.fake.ledger.clear()
    return made


def used(meanwhile: Meanwhile) -> set[str]:
    """The keys that the units' calls were signed by."""
    return {
        *meanwhile.signers("ListTopics"),
        *meanwhile.signers("DescribeLogGroups"),
    }


async def succeeded(started: Started) -> bool:
    execution, run = await started.execution(), await started.run()
    assert await started.problems() == []
    return (execution["status"], run["status"]) == ("succeeded", "succeeded")


async def failed_with(started: Started) -> tuple[str, str]:
    """Category and code of what it failed with, whose one problem names them, too."""
    execution, run = await started.execution(), await started.run()
    assert (execution["status"], run["status"]) == ("failed", "failed")
    error = execution["error"]["category"], execution["error"]["code"]
    assert await started.problems() == [error]
    assert (await started.result()).coverage["not_read"]
    assert not await take_one(started.meanwhile.faked.worker)
    return error


# ── rotated ──────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("old")
async def test_a_second_key_verified_after_the_claim_is_the_one_that_is_used(
    meanwhile: Meanwhile,
) -> None:
    """Beside the old key: so a rotation has no gap, whatever is at work."""
    started = await meanwhile.start(await meanwhile.make_task(FIRST, SECOND))
    async with meanwhile.once_claimed():
        await connect(meanwhile, NEW)
    assert await succeeded(started)
    assert used(meanwhile) == {NEW}


async def test_a_key_replaced_and_verified_after_the_claim_is_used_in_its_new_version(
    meanwhile: Meanwhile, old: str
) -> None:
    started = await meanwhile.start(await meanwhile.make_task(FIRST, SECOND))
    async with meanwhile.once_claimed():
        await replace(meanwhile, old, NEW)
        await meanwhile.deliver()
        meanwhile.revoked.add(OLD)
    assert await succeeded(started)
    assert used(meanwhile) == {NEW}


async def test_what_begins_before_a_replaced_key_is_verified_runs_by_the_old_one(
    meanwhile: Meanwhile, old: str
) -> None:
    """So a rotation has no gap; the next run finds the new version."""
    task_id = await meanwhile.make_task(FIRST, SECOND)
    started = await meanwhile.start(task_id)
    async with meanwhile.once_claimed():
        await replace(meanwhile, old, NEW)
    assert await succeeded(started)
    assert used(meanwhile) == {OLD}
    meanwhile.faked.fake.ledger.clear()
    await meanwhile.deliver()
    again = await meanwhile.start(task_id)
    assert await take_one(meanwhile.faked.worker)
    assert await succeeded(again)
    assert used(meanwhile) == {NEW}


async def test_once_a_replaced_key_is_found_wanting_nothing_runs_by_the_old_one(
    meanwhile: Meanwhile, old: str
) -> None:
    """Somebody replaced it for a reason, and is told that the new one does not work;
    nor does it while a third one waits."""
    task_id = await meanwhile.make_task(FIRST, SECOND)
    started = await meanwhile.start(task_id)
    async with meanwhile.once_claimed():
        meanwhile.revoked.add(NEW)
        await replace(meanwhile, old, NEW)
        await meanwhile.deliver()
    assert await failed_with(started) == UNVERIFIED
    message = (await started.execution())["error"]["message"]
    assert "Key OLD is failed (InvalidClientTokenId)" in message
    path, third = f"/api/v1/{CREDENTIALS}/{old}", entry("AKIATHIRDKEYOFTESTSA")
    assert (await meanwhile.api.patch(path, json=third)).status_code == 200
    again = await meanwhile.start(task_id)
    assert await take_one(meanwhile.faked.worker)
    execution = await again.execution()
    assert "Key OLD is pending" in execution["error"]["message"]
    assert used(meanwhile) == set()


async def test_a_key_that_waits_for_its_successor_stands_behind_a_verified_one(
    meanwhile: Meanwhile, old: str
) -> None:
    await connect(meanwhile, "AKIATHIRDKEYOFTESTSA")
    started = await meanwhile.start(await meanwhile.make_task(FIRST, SECOND))
    async with meanwhile.once_claimed():
        await replace(meanwhile, old, NEW)
    assert await succeeded(started)
    assert used(meanwhile) == {"AKIATHIRDKEYOFTESTSA"}


async def test_a_key_replaced_between_two_units_is_used_to_the_end_while_it_works(
    meanwhile: Meanwhile, old: str
) -> None:
    started = await meanwhile.start(await meanwhile.make_task(FIRST, SECOND))
    async with meanwhile.while_asked("ListTopics"):
        await replace(meanwhile, old, NEW)
        await meanwhile.deliver()
    assert await succeeded(started)
    assert await started.statuses() == BOTH_READ
    assert used(meanwhile) == {OLD}


@pytest.mark.parametrize(
    ("page", "statuses"),
    [
        (1, {FIRST: "failed", SECOND: "not_attempted"}),
        (2, {FIRST: "succeeded", SECOND: "failed"}),
    ],
)
async def test_a_key_replaced_and_revoked_at_work_fails_as_not_believed(
    meanwhile: Meanwhile, old: str, page: int, statuses: dict[str, str]
) -> None:
    """Within a unit, or between two; the next run is by the new one."""
    task_id = await meanwhile.make_task(FIRST, SECOND)
    started = await meanwhile.start(task_id)
    async with meanwhile.while_asked("ListTopics", nth=page):
        await replace(meanwhile, old, NEW)
        await meanwhile.deliver()
        meanwhile.revoked.add(OLD)
    assert await failed_with(started) == REVOKED
    assert await started.statuses() == statuses
    again = await meanwhile.start(task_id)
    assert await take_one(meanwhile.faked.worker)
    assert await succeeded(again)


# ── deleted ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("regions", [[REGION], ["all_enabled"]])
@pytest.mark.usefixtures("old")
async def test_what_begins_once_the_credentials_are_deleted_fails_and_asks_nothing(
    meanwhile: Meanwhile, regions: Sequence[str]
) -> None:
    task_id = await meanwhile.make_task(FIRST, SECOND, regions=regions)
    started = await meanwhile.start(task_id)
    async with meanwhile.once_claimed():
        await meanwhile.disconnect()
    assert await failed_with(started) == UNVERIFIED
    assert "connect the account" in (await started.execution())["error"]["message"]
    assert meanwhile.faked.fake.ledger == []


async def test_what_begins_once_the_credentials_are_found_wanting_asks_nothing(
    meanwhile: Meanwhile, old: str
) -> None:
    started = await meanwhile.start(await meanwhile.make_task(FIRST, SECOND))
    async with meanwhile.once_claimed():
        meanwhile.revoked.add(OLD)
        await meanwhile.api.post(f"/api/v1/{CREDENTIALS}/{old}/verify")
        await meanwhile.deliver()
    assert await failed_with(started) == UNVERIFIED
    message = (await started.execution())["error"]["message"]
    assert "Key OLD is failed (InvalidClientTokenId)" in message
    assert used(meanwhile) == set()


async def test_a_key_destroyed_in_the_moment_it_is_opened_fails_like_a_deleted_one(
    meanwhile: Meanwhile, old: str
) -> None:
    faked = meanwhile.faked
    started = await meanwhile.start(await meanwhile.make_task(FIRST, SECOND))
    async with faked.database.unit_of_work(Login.OWNER) as holder:
        table = AWSCredentialVersion.__tablename__
        await holder.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        working = asyncio.create_task(take_one(faked.worker))
        await until_it_waits(faked.database, working)
        assert not working.done()
        await meanwhile.delete(f"{CREDENTIALS}/{old}")
        whose = faked.account.organization_id
        await credential_opening.destroy(holder, whose, UUID(old))
    assert await working
    assert await failed_with(started) == UNVERIFIED
    assert faked.fake.ledger == []


@pytest.mark.usefixtures("old")
async def test_credentials_deleted_between_two_units_serve_what_has_opened_them(
    meanwhile: Meanwhile,
) -> None:
    started = await meanwhile.start(await meanwhile.make_task(FIRST, SECOND))
    async with meanwhile.while_asked("ListTopics"):
        await meanwhile.disconnect()
    assert await succeeded(started)
    assert await started.statuses() == BOTH_READ
