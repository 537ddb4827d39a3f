"""A database that was copied whole to another server, as a major upgrade does it, goes
on with all that it had; and what is resumed once is not paused again."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations.folder import FolderStorage
from app.models.audit import AuditEvent
from app.models.live_event import EventKind, LiveEvent
from app.models.restore import Restore
from app.models.run import Status, TaskExecution
from app.models.task import ActionKind, Task
from app.services import numbering, restores
from app.services.restores import CommitsAreMissing
from app.tasks import erase, operator, pulse, restore
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution
from tests.dispatching import SLOT, due_task, runs_of, stop_clock, tick
from tests.personae import People
from tests.services.test_restores import claimed, paused

MOVED = "UPDATE pulses SET server = server + 1"
OTHER = "210987654321"
FORGOTTEN = "UPDATE pulses SET count = 1"


async def do(database: Database, statement: str) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(text(statement))


@pytest.fixture
def files(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "files")


async def resume(
    database: Database, configured: Settings, files: FolderStorage, *, moved: bool
) -> dict[str, object]:
    return await restore.resume(database, configured, files, None, nothing_lost=moved)


@pytest.fixture
async def queued(database: Database, people: People) -> UUID:
    """An execution of Acme's that waits."""
    await stop_clock(database)
    tenant = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(session, tenant, account_id=OTHER, name="Other")
        task = await make_task(
            session, tenant, accounts=(account,), enabled=False, name="Waits"
        )
        return (await make_execution(session, task, account, status=Status.QUEUED)).id


async def test_what_was_moved_whole_goes_on_with_all_that_it_had(
    database: Database,
    configured: Settings,
    people: People,
    queued: UUID,
    owner: AsyncSession,
    files: FolderStorage,
) -> None:
    task_id = await due_task(database, people, SLOT)
    await pulse.judge(database, configured, as_beat=True)
    await do(database, MOVED)
    assert await pulse.judge(database, configured, as_beat=True)
    assert (await tick(database), await claimed(database, ActionKind.READ)) == (0, 0)

    told = await resume(database, configured, files, moved=True)
    assert told == {
        "erased_again": {},
        "executions": 0,
        "slots_of_tasks": 0,
        "numbers_behind": [],
    }
    assert not await pulse.judge(database, configured, as_beat=True)
    assert await paused(database) is None
    kept = await owner.get_one(TaskExecution, queued)
    assert (kept.status, kept.reason) == (Status.QUEUED, None)
    assert await claimed(database, ActionKind.READ) == 1
    assert await tick(database) == 1
    async with database.unit_of_work(Login.OWNER) as session:
        [run] = await runs_of(session, task_id)
        due = (await session.get_one(Task, task_id)).next_run_at
    assert (run.scheduled_for, run.reason) == (SLOT, None)
    assert due is not None
    assert due > SLOT


async def test_whose_work_stood_still_reads_on_its_log_that_nothing_was_lost(
    database: Database,
    configured: Settings,
    people: People,
    queued: UUID,
    owner: AsyncSession,
    files: FolderStorage,
) -> None:
    assert queued
    await restore.pause(database, configured)
    await resume(database, configured, files, moved=True)
    told = select(AuditEvent).where(AuditEvent.action == restores.ACTION)
    [event] = await owner.scalars(told)
    assert event.organization_id == people.alice.organization_id
    assert event.actor == operator.name()
    assert event.detail == {
        "executions": "0",
        "slots_of_tasks": "0",
        "nothing_lost": True,
    }
    [done] = await owner.scalars(select(Restore))
    assert (done.resumed_by, done.counts["nothing_lost"]) == (operator.name(), True)


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize("sign", [MOVED, FORGOTTEN])
async def test_what_the_operator_has_go_on_is_not_paused_again_by_the_beat(
    database: Database,
    configured: Settings,
    files: FolderStorage,
    sign: str,
    *,
    moved: bool,
) -> None:
    """As the runbooks have it: all processes are stopped until it is resumed."""
    for _ in range(3):
        await pulse.judge(database, configured, as_beat=True)
    await do(database, sign)
    await restore.pause(database, configured)
    await resume(database, configured, files, moved=moved)
    assert not await pulse.judge(database, configured, as_beat=True)
    assert await paused(database) is None


async def test_a_move_that_nobody_has_noticed_yet_is_resumed_all_the_same(
    database: Database, configured: Settings, files: FolderStorage
) -> None:
    await pulse.judge(database, configured, as_beat=True)
    await do(database, MOVED)
    await resume(database, configured, files, moved=True)
    assert not await pulse.judge(database, configured, as_beat=True)
    assert await paused(database) is None


async def test_that_nothing_was_lost_is_not_believed_where_an_erasure_is_forgotten(
    database: Database, configured: Settings, people: People, files: FolderStorage
) -> None:
    gone = people.mallory.organization_id
    await erase.erase_again(database, files, [gone])
    await restore.pause(database, configured)
    await do(database, "DELETE FROM erasures")
    with pytest.raises(CommitsAreMissing, match=str(gone)):
        await resume(database, configured, files, moved=True)
    assert await paused(database) is not None
    await resume(database, configured, files, moved=False)
    assert await paused(database) is None


async def test_no_number_is_handed_out_twice(
    database: Database,
    configured: Settings,
    people: People,
    owner: AsyncSession,
    files: FolderStorage,
) -> None:
    """A copy has the rows, and has not counted with them."""
    tenant = people.alice.organization_id
    copied = insert(LiveEvent).values(
        id=41,
        organization_id=tenant,
        kind=EventKind.EXECUTION,
        facts={},
        at=func.app_now() - timedelta(minutes=1),
    )
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(copied)
    await restore.pause(database, configured)
    told = await resume(database, configured, files, moved=True)
    assert told["numbers_behind"] == ["live_events.id"]
    sequence = func.pg_get_serial_sequence("live_events", "id")
    assert await owner.scalar(select(func.nextval(sequence))) == 42
    await owner.commit()
    async with database.unit_of_work(Login.OWNER) as session:
        assert await numbering.go_on(session) == []


async def test_an_event_with_a_transaction_of_another_server_is_not_told(
    database: Database,
    configured: Settings,
    people: People,
    owner: AsyncSession,
    files: FolderStorage,
) -> None:
    tenant = people.alice.organization_id
    same = {"organization_id": tenant, "kind": EventKind.EXECUTION, "facts": {}}
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(insert(LiveEvent).values(id=1, **same))
        await session.execute(insert(LiveEvent).values(id=2, xid=10**12, **same))
    await restore.pause(database, configured)
    await resume(database, configured, files, moved=True)
    kept = select(LiveEvent.id).where(LiveEvent.organization_id == tenant)
    assert (await owner.scalars(kept)).all() == [1]


async def test_all_columns_whose_numbers_the_database_hands_out_are_known(
    owner: AsyncSession,
) -> None:
    identities = text(
        "SELECT attrelid::regclass || '.' || attname FROM pg_attribute"
        " JOIN pg_class c ON c.oid = attrelid WHERE attidentity <> ''"
        " AND NOT c.relispartition"
    )
    known = {f"{one.table.name}.{one.name}" for one in numbering.columns()}
    assert known == {*await owner.scalars(identities)}
    sequences = "SELECT count(*) FROM pg_class WHERE relkind = 'S'"
    assert await owner.scalar(text(sequences)) == len(known)


async def test_each_table_can_be_copied_row_by_row(owner: AsyncSession) -> None:
    """Logical replication refuses to change a row of a table without a primary key."""
    without = text(
        "SELECT c.relname FROM pg_class c WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace AND NOT EXISTS"
        " (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary)"
    )
    assert (await owner.scalars(without)).all() == []
