"""Roles are proved anew each week: what AWS answers decides, and no answer decides
nothing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.permissions import Role
from app.models.audit import AuditEvent
from app.models.aws_account import AWSAccount, AWSCredentials, CredentialsStatus
from app.models.live_event import EventKind, LiveEvent
from app.models.organization import Organization
from app.models.outbox import OutboxMessage, OutboxStatus
from app.services import credential_reviews
from app.services.outbox import OutboxKind
from app.tasks import housekeeping, outbox
from app.tasks.message import MOST_ATTEMPTS
from tests.aws.fake_aws import Asked
from tests.aws.faults import Bare, Broken, Fault, Refused, WebPage
from tests.builders import make_credentials
from tests.mailbox import Mail, Mailbox
from tests.personae import People, make_persona
from tests.tasks.faked import Faked

MoveClock = Callable[[str], Awaitable[None]]
DENIED = Refused("AccessDenied", 403)
THROTTLED = Refused("ThrottlingException", 400)
PROBES = ("right", "none", "wrong")


@dataclass
class Customer:
    """Acme's role, and what AWS answers: by the ExternalId that is presented (`right`,
    `none`, `wrong`), and to whom we are (`identity`)."""

    faked: Faked
    move_clock: MoveClock
    mailbox: Mailbox
    external_id: str
    role_id: UUID
    faults: dict[str, Fault | None] = field(
        default_factory=lambda: {"none": DENIED, "wrong": DENIED}
    )
    mails_before: int = 0

    def judge(self, asked: Asked) -> Fault | None:
        if asked.operation == "GetCallerIdentity":
            return self.faults.get("identity")
        if asked.operation != "AssumeRole":
            return None
        presented = asked.params.get("ExternalId")
        kinds = {None: "none", self.external_id: "right"}
        return self.faults.get(kinds.get(presented, "wrong"))

    async def row(self) -> AWSCredentials:
        async with self.faked.database.unit_of_work(Login.OWNER) as session:
            return await session.get_one(AWSCredentials, self.role_id)

    async def appoint(self) -> UUID:
        """The message of the probe whose turn has come, a week after the last one."""
        await self.move_clock("7 days")
        await self.review()
        [message] = await self.messages(OutboxKind.CREDENTIALS_PROBE)
        return message.id

    async def review(self) -> None:
        await credential_reviews.review(
            self.faked.database,
            self.faked.worker.settings,
            self.faked.account.organization_id,
        )

    async def probe(self) -> None:
        """By a worker, with all that follows from it."""
        await outbox.deliver(self.faked.worker, await self.appoint())
        for message in await self.messages(OutboxKind.MAIL_CREDENTIALS_LOST):
            await outbox.deliver(self.faked.worker, message.id)

    async def messages(self, kind: OutboxKind) -> Sequence[OutboxMessage]:
        pending = OutboxMessage.status == OutboxStatus.PENDING
        statement = select(OutboxMessage).where(OutboxMessage.kind == kind, pending)
        async with self.faked.database.unit_of_work(Login.OWNER) as session:
            return (await session.scalars(statement)).all()

    async def recorded(self) -> Counter[str]:
        statement = select(AuditEvent.action).where(
            AuditEvent.subject_id == self.role_id
        )
        async with self.faked.database.unit_of_work(Login.OWNER) as session:
            return Counter(await session.scalars(statement))

    def mails(self) -> list[Mail]:
        return self.mailbox.mails(after=self.mails_before)

    def asked_aws(self) -> list[str]:
        return [one.operation for one in self.faked.fake.ledger]


@pytest.fixture
async def customer(
    faked: Faked, owner: AsyncSession, move_clock: MoveClock, mailbox: Mailbox
) -> Customer:
    organization = await owner.get_one(Organization, faked.account.organization_id)
    role = (await owner.scalars(select(AWSCredentials))).one()
    made = Customer(faked, move_clock, mailbox, organization.aws_external_id, role.id)
    made.mails_before = max((mail.number for mail in mailbox.mails()), default=0)
    faked.fake.judge = made.judge
    return made


# ── when ─────────────────────────────────────────────────────────────────────────


async def test_each_role_has_one_turn_a_week_and_not_all_in_one_minute(
    faked: Faked, database: Database, owner: AsyncSession, move_clock: MoveClock
) -> None:
    tenant = faked.account.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        for number in range(99):
            await make_credentials(session, tenant, faked.account, name=f"{number}")
        await session.execute(update(AWSCredentials).values(verified_at=func.app_now()))
    rows = select(AWSCredentials.id, AWSCredentials.verified_at)
    proved: dict[UUID, datetime] = {
        id: at for id, at in await owner.execute(rows) if at
    }
    turns: dict[UUID, datetime] = {}
    for day in range(8):
        await move_clock(f"{day} days")
        # Any number of beats, and a review that is done twice.
        await asyncio.gather(*(housekeeping.tidy(database) for _ in range(3)))
        for message in await _pending(owner, OutboxKind.CREDENTIALS_REVIEW, tenant):
            await outbox.deliver(faked.worker, message.id)
        await asyncio.gather(
            *(
                credential_reviews.review(database, faked.worker.settings, tenant)
                for _ in range(2)
            )
        )
        for message in await _pending(owner, OutboxKind.CREDENTIALS_PROBE, tenant):
            assert message.subject_id not in turns or day == 7
            turns.setdefault(message.subject_id, message.available_at)
    assert turns.keys() == proved.keys()
    for id, turn in turns.items():
        assert timedelta(days=6.5) <= turn - proved[id] < timedelta(days=7.5)
    minutes = Counter(turn.replace(second=0, microsecond=0) for turn in turns.values())
    assert max(minutes.values()) < 10


async def _pending(
    owner: AsyncSession, kind: OutboxKind, tenant: UUID
) -> Sequence[OutboxMessage]:
    await owner.rollback()
    statement = select(OutboxMessage).where(
        OutboxMessage.kind == kind,
        OutboxMessage.organization_id == tenant,
        OutboxMessage.status == OutboxStatus.PENDING,
    )
    return (await owner.scalars(statement)).all()


def test_a_role_that_is_proved_at_its_turn_has_the_next_one_a_week_later() -> None:
    id = UUID("01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10")
    midnight = datetime.fromisoformat("2026-03-02T00:00:00+00:00")
    turn = credential_reviews.turn_of(id, midnight)
    proved = turn + timedelta(minutes=20)
    days = [midnight + timedelta(days=day) for day in range(1, 15)]
    due = [
        next_turn
        for day in days
        if (next_turn := credential_reviews.turn_of(id, day))
        >= proved + credential_reviews.PROBED_AFTER
    ]
    assert due[0] == turn + timedelta(days=7)


@pytest.mark.parametrize("status", ["pending", "failed", "refused"])
async def test_what_is_not_in_use_has_no_turn(customer: Customer, status: str) -> None:
    async with customer.faked.database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(AWSCredentials).values(status=CredentialsStatus(status))
        )
    await customer.move_clock("20 days")
    await customer.review()
    assert await customer.messages(OutboxKind.CREDENTIALS_PROBE) == []


# ── what AWS answers ─────────────────────────────────────────────────────────────


async def test_a_role_that_asks_as_it_should_is_proved_anew(customer: Customer) -> None:
    before = (await customer.row()).verified_at
    await customer.probe()
    row = await customer.row()
    assert row.status == "verified"
    assert row.verified_at is not None
    assert before is not None
    assert row.verified_at > before + timedelta(days=6)
    assert customer.asked_aws().count("AssumeRole") == 3
    assert await customer.recorded() == {"aws_credentials.verified": 1}
    assert customer.mails() == []


@pytest.mark.parametrize("asked_for", ["none", "wrong"])
async def test_a_role_that_asks_no_more_is_refused_and_its_owners_are_told(
    customer: Customer, people: People, owner: AsyncSession, asked_for: str
) -> None:
    async with customer.faked.database.unit_of_work(Login.OWNER) as session:
        for name, label in (("nora", "north"), ("suda", "south")):
            await make_persona(
                session,
                customer.faked.worker.settings,
                name,
                people.alice.organization_id,
                Role.ADMIN,
                label_scope={"client": [label]},
            )
        account = await session.get_one(AWSAccount, customer.faked.account.id)
        account.labels = {"client": "north"}
        await session.execute(
            update(AWSCredentials).values(name="<b>Buy now</b> https://evil.example")
        )
    task = await customer.faked.make_task("sns:ListTopics")
    customer.faults[asked_for] = None
    await customer.probe()
    row = await customer.row()
    assert (row.status, row.reason) == ("refused", "external_id_not_enforced")
    mails = customer.mails()
    told = {address for mail in mails for address in mail.recipients}
    assert told == {f"{one}@example.com" for one in ("alice", "adam", "nora")}
    assert len(mails) == 3
    assert mails[0].subject == "A role no longer asks for its ExternalId"
    assert customer.faked.account.account_id in mails[0].text
    assert mails[0].link.endswith(f"/aws-credentials/{customer.role_id}")
    assert "Buy now" not in mails[0].message.as_string()
    assert await customer.recorded() == {"aws_credentials.refused": 1}
    live = select(LiveEvent.facts).where(LiveEvent.kind == EventKind.CREDENTIALS)
    facts = (await owner.scalars(live.order_by(LiveEvent.id))).all()[-1]
    assert (facts["status"], facts["reason"]) == ("refused", row.reason)
    execution = await customer.faked.run(task)
    assert execution.status == "failed"
    assert execution.error is not None
    assert execution.error["code"] == "no_verified_credentials"
    assert "refused (external_id_not_enforced)" in execution.error["message"]


async def test_a_role_that_lets_nobody_in_fails_and_its_owners_are_told(
    customer: Customer,
) -> None:
    customer.faults["right"] = DENIED
    await customer.probe()
    row = await customer.row()
    assert (row.status, row.reason) == ("failed", "AccessDenied")
    subjects = {mail.subject for mail in customer.mails()}
    assert subjects == {"A role lets Cloudrota in no more"}


async def test_a_role_that_opens_another_account_fails(customer: Customer) -> None:
    customer.faked.fake.answers["sts:GetCallerIdentity"] = {"Account": "999999999999"}
    await customer.probe()
    row = await customer.row()
    assert (row.status, row.reason) == ("failed", "account_mismatch")


NO_ANSWERS = [
    THROTTLED,
    Refused("ServiceUnavailable", 503),
    Refused("InvalidClientTokenId", 403),  # our own key, not the role
    Bare("a bare 403", 403),
    WebPage("a proxy", 503),
    Broken("EndpointConnectionError"),
    Broken("ReadTimeoutError"),
]


@pytest.mark.parametrize("fault", NO_ANSWERS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("asked_for", PROBES)
async def test_no_answer_turns_nothing_off_and_is_asked_for_again(
    customer: Customer, asked_for: str, fault: Fault
) -> None:
    before = await customer.row()
    customer.faults[asked_for] = fault
    await customer.probe()
    row = await customer.row()
    assert (row.status, row.verified_at) == ("verified", before.verified_at)
    assert (row.checks, row.error) == (before.checks, before.error)
    assert await customer.recorded() == {}
    [message] = await customer.messages(OutboxKind.CREDENTIALS_PROBE)
    assert message.attempts == 1
    assert (message.error or "").startswith("AWSGaveNoAnswer")
    customer.faults = {"none": DENIED, "wrong": DENIED}
    await outbox.deliver(customer.faked.worker, message.id)
    assert await customer.recorded() == {"aws_credentials.verified": 1}
    assert customer.mails() == []


async def test_no_answer_about_whose_role_it_is_turns_nothing_off(
    customer: Customer,
) -> None:
    customer.faults["identity"] = THROTTLED
    await customer.probe()
    assert (await customer.row()).status == "verified"


async def test_after_the_last_try_it_is_said_to_be_unproven_and_tried_tomorrow(
    customer: Customer,
) -> None:
    before = await customer.row()
    customer.faults["wrong"] = THROTTLED
    message = await customer.appoint()
    for _ in range(MOST_ATTEMPTS):
        await outbox.deliver(customer.faked.worker, message)
    row = await customer.row()
    assert (row.status, row.verified_at) == ("verified", before.verified_at)
    outcomes = {one["check"]: one["outcome"] for one in row.checks}
    assert outcomes == {
        "external_id_accepted": "passed",
        "missing_external_id_refused": "passed",
        "wrong_external_id_refused": "unknown",
    }
    assert await customer.recorded() == {"aws_credentials.unproven": 1}
    assert customer.mails() == []
    assert await customer.messages(OutboxKind.CREDENTIALS_PROBE) == []
    await customer.move_clock("8 days")
    await customer.review()
    assert len(await customer.messages(OutboxKind.CREDENTIALS_PROBE)) == 1


# ── meanwhile ────────────────────────────────────────────────────────────────────


async def test_a_worker_that_is_lost_after_it_tells_nobody_twice(
    customer: Customer,
) -> None:
    customer.faults["none"] = None
    message = await customer.appoint()
    await outbox.deliver(customer.faked.worker, message)
    async with customer.faked.database.unit_of_work(Login.OWNER) as session:
        again = await session.get_one(OutboxMessage, message)
        again.status, again.lease_until = OutboxStatus.PENDING, None
    await outbox.deliver(customer.faked.worker, message)
    assert len(await customer.messages(OutboxKind.MAIL_CREDENTIALS_LOST)) == 1
    assert await customer.recorded() == {"aws_credentials.refused": 1}


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"status": CredentialsStatus.REFUSED},
        {"status": CredentialsStatus.PENDING},
        {"status": CredentialsStatus.DELETED, "deleted_at": func.app_now()},
        {"verified_at": func.app_now()},
    ],
    ids=["refused", "replaced", "deleted", "proved"],
)
async def test_what_changed_before_its_turn_is_not_probed(
    customer: Customer, meanwhile: dict[str, object]
) -> None:
    message = await customer.appoint()
    async with customer.faked.database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(AWSCredentials).values(**meanwhile))
    await outbox.deliver(customer.faked.worker, message)
    assert customer.asked_aws() == []


async def test_who_verified_it_again_in_time_is_not_told_that_it_was_lost(
    customer: Customer,
) -> None:
    customer.faults["none"] = None
    await outbox.deliver(customer.faked.worker, await customer.appoint())
    async with customer.faked.database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(AWSCredentials).values(status=CredentialsStatus.VERIFIED)
        )
    [mail] = await customer.messages(OutboxKind.MAIL_CREDENTIALS_LOST)
    await outbox.deliver(customer.faked.worker, mail.id)
    assert customer.mails() == []
