"""Credentials that stop working are a notice, and so is that they work again."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.notice import NoticeEvent
from app.models.aws_account import AWSCredentials, CredentialsStatus
from app.models.notice import RecordedNotice
from app.services import notice_facts
from tests.builders import make_account, make_credentials
from tests.builders_runs import an_error
from tests.personae import People
from tests.services.documented import assert_documented

FAILED, VERIFIED = CredentialsStatus.FAILED, CredentialsStatus.VERIFIED
PENDING = CredentialsStatus.PENDING


@pytest.fixture
async def ids(database: Database, people: People) -> list[UUID]:
    """Credentials that have worked, and others that have not."""
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant)
        made = [
            await make_credentials(
                session, tenant, account, name=status.value, status=status
            )
            for status in (VERIFIED, PENDING)
        ]
        return [one.id for one in made]


async def become(
    database: Database, people: People, ids: list[UUID], *statuses: CredentialsStatus
) -> None:
    for status in statuses:
        error = an_error() if status is FAILED else None
        async with database.unit_of_work(
            Login.WORKER, organization_id=people.alice.organization_id
        ) as session:
            row = update(AWSCredentials).where(AWSCredentials.id.in_(ids))
            await session.execute(row.values(status=status, error=error))


async def noted(owner: AsyncSession) -> Sequence[RecordedNotice]:
    statement = select(RecordedNotice).order_by(RecordedNotice.number)
    written = (await owner.scalars(statement)).all()
    await assert_documented(owner, written)
    return written


async def test_credentials_are_told_when_they_stop_working(
    database: Database, people: People, owner: AsyncSession, ids: list[UUID]
) -> None:
    await become(database, people, ids, FAILED, FAILED)
    (one,) = await noted(owner)
    assert one.event is NoticeEvent.CREDENTIALS_INVALID
    assert one.aws_account_id is not None
    assert one.facts["credentials_id"] == str(ids[0])
    assert one.facts["error"]["code"] == an_error()["code"]


async def test_they_are_told_once_when_they_work_again(
    database: Database, people: People, owner: AsyncSession, ids: list[UUID]
) -> None:
    """However they came to it; and what was never told to be ill is no news."""
    await become(database, people, ids, FAILED, PENDING, VERIFIED, PENDING, VERIFIED)
    await become(database, people, ids[:1], FAILED, VERIFIED)
    written = await noted(owner)
    mine = [one.event for one in written if one.facts["credentials_id"] == str(ids[0])]
    assert mine == [
        *(NoticeEvent.CREDENTIALS_INVALID, NoticeEvent.CREDENTIALS_RECOVERED) * 2
    ]
    assert len(written) == len(mine)
    facts = await notice_facts.facts_of(owner, written[:2], public_url="")
    assert facts[1].title.endswith("work again")
    assert facts[1].link == f"/aws-credentials/{ids[0]}"
