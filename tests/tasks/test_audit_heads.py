"""The end of each audit log leaves the database once a day: as a file and as a mail to
who owns the organization; and the command holds the log against it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.organization import Member
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.user import User
from app.services.audit_heads import read_line
from app.services.outbox import OutboxKind
from app.tasks import outbox
from app.tasks.worker import Worker
from tests.mailbox import Mailbox
from tests.personae import People
from tests.services.chained import heads, record, seal, take_heads
from tests.tasks.processes import ROOT, environment

SUBJECT = "The end of your audit log"


@pytest.fixture
async def asked(database: Database, people: People) -> Sequence[OutboxMessage]:
    """The jobs of the day, by kind."""
    await record(database, people.alice, "task.create", "task.edit")
    await seal(database)
    await take_heads(database)
    async with database.unit_of_work(Login.OWNER) as session:
        found = select(OutboxMessage).order_by(OutboxMessage.kind)
        return (await session.scalars(found)).all()


def storing(worker: Worker, folder: Path, smtp_url: SecretStr | None) -> Worker:
    changes = {"artifact_directory": str(folder), "smtp_url": smtp_url}
    worker.settings = worker.settings.model_copy(update=changes)
    return worker


async def state(database: Database, kind: OutboxKind) -> tuple[OutboxStatus, str]:
    async with database.unit_of_work(Login.OWNER) as session:
        found = select(OutboxMessage).where(OutboxMessage.kind == kind)
        message = (await session.scalars(found)).one()
    return message.status, message.error or ""


async def test_leaves_as_a_file_and_as_a_mail_to_the_owner(
    asked: Sequence[OutboxMessage],
    worker: Worker,
    people: People,
    database: Database,
    mailbox: Mailbox,
    tmp_path: Path,
) -> None:
    before = len(mailbox.mails())
    there = storing(worker, tmp_path, worker.settings.smtp_url)
    for message in asked:
        await outbox.deliver(there, message.id)
        await outbox.deliver(there, message.id)
    (head,) = await heads(database)
    assert str(people.alice.organization_id) in head.key
    assert read_line((tmp_path / head.key).read_text()) == head
    mails = [one for one in mailbox.mails(before) if SUBJECT in one.subject]
    assert [one.recipients for one in mails] == [["alice@example.com"]]
    assert read_line(mails[0].find(r"\{.*\}")) == head
    assert "Acme" not in mails[0].text, "what somebody typed is in no mail"


async def test_a_store_that_is_away_keeps_no_mail_back(
    asked: Sequence[OutboxMessage],
    worker: Worker,
    database: Database,
    mailbox: Mailbox,
    tmp_path: Path,
) -> None:
    (tmp_path / "a-file").touch()
    before = len(mailbox.mails())
    there = storing(worker, tmp_path / "a-file", worker.settings.smtp_url)
    for message in asked:
        await outbox.deliver(there, message.id)
    status, error = await state(database, OutboxKind.AUDIT_HEAD_STORE)
    assert status is OutboxStatus.PENDING
    assert error.startswith("StorageAway")
    assert len(mailbox.mails(before)) == 1


async def test_an_owner_who_cannot_be_reached_keeps_no_mail_from_the_others(
    asked: Sequence[OutboxMessage],
    worker: Worker,
    people: People,
    database: Database,
    mailbox: Mailbox,
    tmp_path: Path,
) -> None:
    too_long = f"{'a' * 600}@example.com"  # for a line of the mail server
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(User).where(User.id == people.alice.user_id).values(email=too_long)
        )
        await session.execute(
            update(Member)
            .where(Member.user_id == people.adam.user_id)
            .values(role="owner")
        )
    before = len(mailbox.mails())
    there = storing(worker, tmp_path, worker.settings.smtp_url)
    for message in asked:
        await outbox.deliver(there, message.id)
    told = [one.recipients for one in mailbox.mails(before)]
    assert told == [["adam@example.com"]]
    status, error = await state(database, OutboxKind.MAIL_AUDIT_HEAD)
    assert status is OutboxStatus.PENDING
    assert error.startswith("MailNotSent")
    await reach_alice(database, people)
    mail_message = next(one for one in asked if one.kind == OutboxKind.MAIL_AUDIT_HEAD)
    await outbox.deliver(there, mail_message.id)
    told = [one.recipients for one in mailbox.mails(before)]
    assert told == [["adam@example.com"], ["alice@example.com"]], "and nobody twice"
    done = await state(database, OutboxKind.MAIL_AUDIT_HEAD)
    assert done == (OutboxStatus.DONE, "")


async def reach_alice(database: Database, people: People) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(User)
            .where(User.id == people.alice.user_id)
            .values(email="alice@example.com")
        )


async def test_without_mail_the_file_is_left(
    asked: Sequence[OutboxMessage],
    worker: Worker,
    database: Database,
    tmp_path: Path,
) -> None:
    there = storing(worker, tmp_path, None)
    for message in asked:
        await outbox.deliver(there, message.id)
        done = await state(database, OutboxKind(message.kind))
        assert done == (OutboxStatus.DONE, "")
    (head,) = await heads(database)
    assert (tmp_path / head.key).read_text()


async def test_who_owns_it_no_more_is_not_told(
    asked: Sequence[OutboxMessage],
    worker: Worker,
    people: People,
    database: Database,
    mailbox: Mailbox,
    tmp_path: Path,
) -> None:
    """Nor is an address that nobody has verified."""
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(Member)
            .where(Member.user_id == people.adam.user_id)
            .values(role="owner")
        )
        await session.execute(
            update(User)
            .where(User.id == people.adam.user_id)
            .values(email_verified_at=None)
        )
        await session.execute(
            update(Member)
            .where(Member.user_id == people.alice.user_id)
            .values(role="admin")
        )
    before = len(mailbox.mails())
    there = storing(worker, tmp_path, worker.settings.smtp_url)
    for message in asked:
        await outbox.deliver(there, message.id)
    assert mailbox.mails(before) == []


def verify(settings: Settings, *arguments: str) -> tuple[int, dict[str, int]]:
    """Exit code and last line of the command, in a process of its own."""
    found = subprocess.run(  # noqa: S603 — our own module
        [sys.executable, "-m", "app.cli", "verify-audit", *arguments],
        env=environment(settings),
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    last = found.stdout.splitlines()[-1:] or ["{}"]
    return found.returncode, json.loads(last[0])


async def test_the_command_holds_the_log_against_kept_heads(
    asked: Sequence[OutboxMessage],
    database: Database,
    configured: Settings,
    people: People,
    tmp_path: Path,
) -> None:
    assert asked
    (head,) = await heads(database)
    kept = tmp_path / "heads"
    kept.write_text(f"{head.line}\n\n")
    tenant = str(people.alice.organization_id)
    code, said = verify(configured, tenant, "--heads", str(kept))
    assert (code, said["linked"], said["heads"], said["faults"]) == (0, 2, 1, 0)
    kept.write_text(replace(head, seq=3).line)
    code, said = verify(configured, "--heads", str(kept))
    assert (code, said["organizations"], said["faults"]) == (1, 2, 1)
    kept.write_text("nonsense")
    assert verify(configured, "--heads", str(kept)) == (2, {})
