"""What is erased is gone from every table, and from nobody else's."""

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.core.storage import ObjectStorage, StorageAway
from app.models import Base
from app.models.artifact import Artifact
from app.models.erasure import Erasure
from app.models.organization import Member, Organization
from app.models.user import User
from app.services import erasing
from app.services.artifacts import key_of, storage
from app.services.audit_verification import Counts, verify
from app.tasks.erase import erase_again, erase_due
from tests.conftest import Client
from tests.personae import People, Persona
from tests.services.chained import record, seal
from tests.tenancy.world import Holdings, fill, tenant_tables

MoveClock = Callable[[str], Awaitable[None]]


@pytest.fixture
def files(configured: Settings) -> ObjectStorage:
    return storage(configured)


@pytest.fixture
async def filled(database: Database, people: People, files: ObjectStorage) -> Holdings:
    """A row in every table for Alice's and for Mallory's organization; Alice's."""
    made: list[Holdings] = []
    for persona, mark in ((people.mallory, "QZMALLORY"), (people.alice, "QZALICE")):
        of = (persona.organization_id, persona.user_id)
        holdings = Holdings(mark, "north", f"{len(made)}".zfill(12), *of)
        async with database.unit_of_work(Login.OWNER) as session:
            await fill(session, holdings)
        files.put(_key(holdings), BytesIO(holdings.file))
        made.append(holdings)
    return made[-1]


def _key(holdings: Holdings) -> str:
    row = holdings.rows["artifacts"]
    return key_of(
        Artifact(
            organization_id=holdings.organization_id, id=row["id"], format=row["format"]
        )
    )


async def rows_of(owner: AsyncSession, persona: Persona) -> dict[str, int]:
    await owner.rollback()
    found = {}
    for table in tenant_tables():
        mine = table.c.organization_id == persona.organization_id
        count = select(func.count()).select_from(table).where(mine)
        found[table.name] = int(await owner.scalar(count) or 0)
    return found


async def ask(owner: AsyncSession, persona: Persona) -> None:
    asked = update(Organization).where(Organization.id == persona.organization_id)
    await owner.execute(asked.values(deletion_due_at=func.app_now()))
    await owner.commit()


async def everything(owner: AsyncSession) -> str:
    await owner.rollback()
    tables = Base.metadata.sorted_tables
    rows = [(await owner.execute(select(table))).all() for table in tables]
    return repr(rows)


async def test_an_organization_goes_from_every_table_and_nobody_elses_does(
    filled: Holdings,
    people: People,
    client: Client,
    owner: AsyncSession,
    database: Database,
    files: ObjectStorage,
    move_clock: MoveClock,
) -> None:
    before = await rows_of(owner, people.mallory)
    assert min(before.values()) > 0
    held = await rows_of(owner, people.alice)
    await ask(owner, people.alice)
    first = await erase_due(database, files)
    assert first["stopped"] == [str(people.alice.organization_id)]
    assert first["erased"] == {}
    assert (await client(people.olga).get("/api/v1/tasks")).status_code == 401
    assert (await erase_due(database, files)) == {
        "stopped": [],
        "erased": {},
        "waiting": {},
    }
    await move_clock("1 hour")
    told = (await erase_due(database, files))["erased"]
    assert set((await rows_of(owner, people.alice)).values()) == {0}
    assert await rows_of(owner, people.mallory) == before
    of_it = told[str(people.alice.organization_id)]
    assert of_it.pop("objects") == 1
    assert of_it == {name: count for name, count in held.items() if count}
    with pytest.raises(StorageAway):
        list(files.read(_key(filled)))
    text_left = await everything(owner)
    assert "QZALICE" not in text_left
    assert "QZMALLORY" in text_left


async def test_its_people_go_with_it_unless_they_belong_elsewhere(
    people: People,
    owner: AsyncSession,
    database: Database,
    files: ObjectStorage,
    move_clock: MoveClock,
) -> None:
    owner.add(
        Member(
            organization_id=people.mallory.organization_id,
            user_id=people.olga.user_id,
            role="viewer",
        )
    )
    await ask(owner, people.alice)
    await erase_due(database, files)
    await move_clock("1 hour")
    await erase_due(database, files)
    left = select(User.email).order_by(User.email)
    assert list(await owner.scalars(left)) == [
        "mallory@example.com",
        "olga@example.com",
    ]


async def test_a_person_is_forgotten_and_the_history_stays(
    filled: Holdings,
    people: People,
    owner: AsyncSession,
    database: Database,
    files: ObjectStorage,
) -> None:
    olga = people.olga.user_id
    exclusions = [{"by": "Olga", "at": "2026-01-01", "reason": "x"}]
    await owner.execute(text("UPDATE aws_accounts SET exclusions = '[]'"))
    accounts = Base.metadata.tables["aws_accounts"]
    await owner.execute(update(accounts).values(exclusions=exclusions))
    gone = update(User).where(User.id == olga)
    zone = "Antarctica/Troll"
    await owner.execute(gone.values(erasure_asked_at=func.app_now(), timezone=zone))
    await owner.commit()
    told = (await erase_due(database, files))["erased"]
    assert told == {str(olga): {"user_sessions": 1, "users": 1}}
    left = await everything(owner)
    assert "olga@example.com" not in left
    assert zone not in left
    of_acme = accounts.c.organization_id == people.alice.organization_id
    kept = (await owner.scalars(select(accounts.c.exclusions).where(of_acme))).one()
    assert [one["by"] for one in kept] == [erasing.ERASED]
    others = (await owner.scalars(select(accounts.c.exclusions).where(~of_acme))).one()
    assert [one["by"] for one in others] == ["Olga"], "she never belonged there"
    assert await owner.scalar(select(Member.id).where(Member.user_id == olga))
    assert (await erase_due(database, files))["erased"] == {}


async def test_where_a_person_asked_from_goes_and_the_audit_log_still_fits(
    people: People,
    client: Client,
    owner: AsyncSession,
    database: Database,
    files: ObjectStorage,
) -> None:
    alice, olga = client(people.alice), client(people.olga)
    for one, agent in ((alice, "a browser of Alice"), (olga, "a browser of Olga")):
        answer = await one.post(
            "/api/v1/auth/organizations",
            json={"name": "Labs"},
            headers={"User-Agent": agent},
        )
        assert answer.status_code == 201
    await record(database, people.olga, "task.created")
    await seal(database)
    gone = update(User).where(User.id == people.olga.user_id)
    await owner.execute(gone.values(erasure_asked_at=func.app_now()))
    await owner.commit()
    told = (await erase_due(database, files))["erased"]
    assert told[str(people.olga.user_id)]["audit_events"] == 2
    left = await everything(owner)
    assert "a browser of Olga" not in left
    assert "a browser of Alice" in left
    counts = Counts()
    organizations = (await owner.scalars(select(Organization.id))).all()
    for organization_id in organizations:
        faults = verify(owner, organization_id, [], counts)
        assert [fault async for fault in faults] == []
    assert (counts.erased, counts.waiting) == (2, 0)
    assert counts.linked == 3


async def test_an_erasure_that_is_interrupted_goes_on_and_counts_on(
    filled: Holdings,
    people: People,
    owner: AsyncSession,
    database: Database,
    files: ObjectStorage,
    move_clock: MoveClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = await rows_of(owner, people.alice)
    await ask(owner, people.alice)
    await erase_due(database, files)
    await move_clock("1 hour")
    delete_batch, left = erasing.delete_batch, 5

    async def dies(*arguments: Any) -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            raise asyncio.CancelledError
        return await delete_batch(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "delete_batch", dies)
        with pytest.raises(asyncio.CancelledError):
            await erase_due(database, files)
    unfinished = (await owner.scalars(select(Erasure))).one()
    assert unfinished.finished_at is None
    await owner.rollback()
    told = (await erase_due(database, files))["erased"]
    of_it = told[str(people.alice.organization_id)]
    assert sum(of_it.values()) == sum(held.values()) + 1  # the stored file


async def test_after_a_restore_it_is_erased_again(
    people: People, owner: AsyncSession, database: Database, files: ObjectStorage
) -> None:
    """Whatever the restored rows say is due; and what is gone stays gone."""
    ids = [people.alice.organization_id, people.mallory.user_id]
    for _ in range(2):
        await erase_again(database, files, ids)
        assert set((await rows_of(owner, people.alice)).values()) == {0}
        assert "mallory@example.com" not in await everything(owner)


async def test_many_rows_go_in_batches(
    filled: Holdings,
    people: People,
    owner: AsyncSession,
    database: Database,
    files: ObjectStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(erasing, "BATCH", 1)
    await erase_again(database, files, [people.alice.organization_id])
    assert set((await rows_of(owner, people.alice)).values()) == {0}
