"""Old access keys: how old one is and who says so, and that it is told once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Login
from app.models.audit import AuditEvent
from app.models.aws_account import AWSCredentials, CredentialsStatus
from app.models.outbox import OutboxMessage, OutboxStatus
from app.services import credential_reviews
from app.tasks import outbox
from tests.aws.fake_aws import Asked
from tests.aws.faults import Fault, Refused
from tests.conftest import Client
from tests.mailbox import Mail, Mailbox
from tests.personae import People
from tests.tasks.faked import Faked

MoveClock = Callable[[str], Awaitable[None]]
PATH = "/api/v1/aws-credentials"
FIRST, SECOND = "AKIAFIRSTKEYOFTESTS0", "AKIASECONDKEYOFTESTS"
ALLOWED = 90


def entry(key: str) -> dict[str, str]:
    return {"access_key_id": key, "secret_access_key": "s" * 40}


@dataclass
class Customer:
    """An access key of Acme's, and what IAM says of it."""

    faked: Faked
    alice: AsyncClient
    mailbox: Mailbox
    mails_before: int
    denied: bool = False

    def judge(self, asked: Asked) -> Fault | None:
        if asked.operation == "ListAccessKeys" and self.denied:
            return Refused("AccessDenied", 403)
        return None

    def made(self, days_ago: int, *keys: str) -> None:
        """What IAM lists from now on, to whoever asks."""
        at = now() - timedelta(days=days_ago)
        listed = [{"AccessKeyId": key, "CreateDate": at} for key in keys]
        self.faked.fake.answers["iam:ListAccessKeys"] = {"AccessKeyMetadata": listed}

    async def connect(self) -> str:
        body = {"kind": "access_key", "name": "Reports", **entry(FIRST)}
        answer = await self.alice.post(PATH, json=body)
        assert answer.status_code == 201
        await self.deliver()
        return str(answer.json()["id"])

    async def show(self, id: str) -> Mapping[str, Any]:
        shown: Mapping[str, Any] = (await self.alice.get(f"{PATH}/{id}")).json()
        return shown

    async def deliver(self) -> None:
        pending = OutboxMessage.status == OutboxStatus.PENDING
        async with self.faked.database.unit_of_work(Login.OWNER) as session:
            waiting = list(
                await session.scalars(select(OutboxMessage.id).where(pending))
            )
        for id in waiting:
            await outbox.deliver(self.faked.worker, id)

    async def review(self) -> list[Mail]:
        """Once more; the mails that came of it."""
        await credential_reviews.review(
            self.faked.database,
            self.faked.worker.settings.model_copy(
                update={"access_key_warn_days": ALLOWED}
            ),
            self.faked.account.organization_id,
        )
        await self.deliver()
        mails = self.mailbox.mails(after=self.mails_before)
        self.mails_before += len(mails)
        return mails


@pytest.fixture
def customer(
    faked: Faked, client: Client, people: People, mailbox: Mailbox
) -> Customer:
    before = max((mail.number for mail in mailbox.mails()), default=0)
    made = Customer(faked, client(people.alice), mailbox, before)
    faked.fake.judge = made.judge
    return made


async def test_iam_says_how_old_a_key_is(customer: Customer) -> None:
    customer.made(40, SECOND, FIRST)
    shown = await customer.show(await customer.connect())
    assert (shown["age_days"], shown["age_known_by"]) == (40, "iam")
    assert shown["warning"] is None
    [check] = [one for one in shown["checks"] if one["check"] == "key_age"]
    assert check["outcome"] == "passed"


@pytest.mark.parametrize("denied", [True, False])
async def test_where_iam_does_not_say_the_age_counts_from_storing(
    customer: Customer,
    denied: bool,
) -> None:
    customer.made(40, SECOND)
    customer.denied = denied
    shown = await customer.show(await customer.connect())
    assert shown["status"] == "verified"
    assert (shown["age_days"], shown["age_known_by"]) == (0, "stored")
    assert shown["key_created_at"] is None
    [check] = [one for one in shown["checks"] if one["check"] == "key_age"]
    assert check["outcome"] == "unknown"
    assert "counts from when it was stored" in check["detail"]
    assert ("iam:ListAccessKeys" in check["detail"]) is denied


async def test_a_role_has_no_age(customer: Customer) -> None:
    [role] = (await customer.alice.get(PATH)).json()["items"]
    assert (role["age_days"], role["age_known_by"]) == (None, None)


async def test_an_old_key_is_told_of_once_to_those_who_run_the_organization(
    customer: Customer, owner: AsyncSession, move_clock: MoveClock
) -> None:
    customer.made(ALLOWED - 2, FIRST)
    id = await customer.connect()
    assert await customer.review() == []
    await move_clock("3 days")
    mails = await customer.review()
    told = {address for mail in mails for address in mail.recipients}
    assert told == {"alice@example.com", "adam@example.com"}
    assert f"is {ALLOWED + 1} days old, as IAM says" in " ".join(mails[0].text.split())
    assert f"ends in {FIRST[-4:]}" in " ".join(mails[0].text.split())
    assert "Reports" not in mails[0].text
    await move_clock("30 days")
    assert await customer.review() == []
    actions = select(AuditEvent.action).where(AuditEvent.subject_id == UUID(id))
    recorded = (await owner.scalars(actions)).all()
    assert recorded.count("aws_credentials.key_old") == 1
    await move_clock("0 days")  # in which her session lives
    assert (await customer.show(id))["warning"] == "key_is_old"


async def test_what_only_we_know_the_age_of_is_told_of_as_such(
    customer: Customer, move_clock: MoveClock
) -> None:
    customer.denied = True
    await customer.connect()
    await move_clock(f"{ALLOWED} days 1 minute")
    mails = await customer.review()
    assert len(mails) == 2
    assert "IAM did not say" in " ".join(mails[0].text.split())


async def test_a_new_key_is_young_again_and_told_of_when_it_is_old(
    customer: Customer, move_clock: MoveClock
) -> None:
    customer.made(ALLOWED + 10, FIRST)
    id = await customer.connect()
    assert len(await customer.review()) == 2
    customer.made(1, SECOND)
    answer = await customer.alice.patch(f"{PATH}/{id}", json=entry(SECOND))
    assert answer.json()["warning"] is None
    assert answer.json()["age_known_by"] == "stored"
    await customer.deliver()
    assert (await customer.show(id))["age_known_by"] == "iam"
    assert await customer.review() == []
    await move_clock(f"{ALLOWED} days")
    assert len(await customer.review()) == 2


@pytest.mark.parametrize(
    "gone",
    [
        {"status": CredentialsStatus.DELETED, "deleted_at": func.app_now()},
        {"status": CredentialsStatus.FAILED, "verified_version": None},
    ],
    ids=["deleted", "failed"],
)
async def test_a_key_that_is_not_in_use_is_not_told_of(
    customer: Customer, gone: dict[str, object]
) -> None:
    customer.made(ALLOWED + 10, FIRST)
    id = UUID(await customer.connect())
    async with customer.faked.database.unit_of_work(Login.OWNER) as session:
        of_key = update(AWSCredentials).where(AWSCredentials.id == id)
        await session.execute(of_key.values(**gone))
    assert await customer.review() == []
    async with customer.faked.database.unit_of_work(Login.OWNER) as session:
        row = await session.get_one(AWSCredentials, id)
    assert row.key_warned_at is None
