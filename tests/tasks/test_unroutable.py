"""A notice that cannot be routed is tried, set aside with its error, and routed again
when an operator says so; what comes after it goes on. Nothing is lost."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Integer, bindparam, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.notice import NoticeEvent
from app.models.audit import AuditEvent
from app.models.notice import RecordedNotice
from app.models.notification_rule import NotificationRule, NotificationWatch
from app.services import deployment, unroutable
from app.services.unroutable import MOST_TRIES
from app.tasks import notifying, operator, route_again
from app.tasks.worker import Worker
from tests.api.events_ground import Ground, make_ground
from tests.personae import People
from tests.services.test_routing import channel, delivered, fail, rule, told

MoveClock = Callable[[str], Awaitable[None]]
TRIES_AT = (0, 11, 32, 73, 154)  # seconds: each a little after its pause
EVENTS = ["credentials.invalid", "problem.closed", "problem.opened"]


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
def tenant(people: People) -> UUID:
    return people.alice.organization_id


async def broken(ground: Ground, tenant: UUID) -> UUID:
    """A notice whose facts cannot be made: what it names is no id."""
    notice = RecordedNotice(
        id=new_id(),
        organization_id=tenant,
        event=NoticeEvent.CREDENTIALS_INVALID,
        facts={"credentials_id": "nobody's"},
    )
    async with ground.database.unit_of_work(Login.OWNER) as session:
        session.add(notice)
    return notice.id


async def write(ground: Ground, model: Any, id: UUID, **values: Any) -> None:
    async with ground.database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(model).where(model.id == id).values(**values))


async def mend(ground: Ground, id: UUID) -> None:
    facts = {"credentials_id": str(new_id()), "status": "failed", "purpose": "read"}
    await write(ground, RecordedNotice, id, facts=facts)


async def look(owner: AsyncSession, id: UUID) -> RecordedNotice:
    await owner.rollback()
    owner.expire_all()
    found = await owner.scalars(select(RecordedNotice).where(RecordedNotice.id == id))
    return found.one()


async def watches(owner: AsyncSession) -> Sequence[NotificationWatch]:
    await owner.rollback()
    owner.expire_all()
    return (await owner.scalars(select(NotificationWatch))).all()


async def test_it_is_tried_and_set_aside_and_the_next_has_its_turn(
    ground: Ground,
    worker: Worker,
    tenant: UUID,
    owner: AsyncSession,
    move_clock: MoveClock,
) -> None:
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail], events=EVENTS, wants=EVENTS)
    await fail(ground)
    bad = await broken(ground, tenant)
    await fail(ground, "south")
    # What came before it is told at once.
    assert await notifying.route(worker, tenant) == 1
    for tries, seconds in enumerate(TRIES_AT[1:], start=1):
        one = await look(owner, bad)
        assert (one.routing_tries, one.set_aside_at) == (tries, None)
        assert await told(owner) == [("problem.opened", mail)]
        assert await notifying.route(worker, tenant) == 0  # it waits for its time
        assert (await look(owner, bad)).routing_tries == tries
        await move_clock(f"{seconds} seconds")
        await notifying.route(worker, tenant)
    one = await look(owner, bad)
    assert (one.routing_tries, one.routed_at) == (MOST_TRIES, None)
    assert one.set_aside_at is not None
    assert one.routing_error is not None
    assert one.routing_error.startswith("ValueError: ")
    assert await told(owner) == [("problem.opened", mail)] * 2
    assert await notifying.waiting(worker) == []
    async with worker.database.system_session("a test") as session:
        seen = await deployment.look(session)
    assert (seen.notices_set_aside, seen.notices_due is None) == (1, False)


async def test_it_is_routed_again_when_an_operator_says_so(
    ground: Ground,
    worker: Worker,
    tenant: UUID,
    owner: AsyncSession,
    move_clock: MoveClock,
) -> None:
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail], events=EVENTS, wants=EVENTS)
    bad = await broken(ground, tenant)
    for seconds in TRIES_AT:
        await move_clock(f"{seconds} seconds")
        await notifying.route(worker, tenant)
    [line, count] = [json.loads(one) async for one in route_again.show(ground.database)]
    assert (line["id"], line["event"]) == (str(bad), "credentials.invalid")
    assert line["error"].startswith("ValueError: ")
    assert count["notices"] == 1
    await mend(ground, bad)
    assert await notifying.route(worker, tenant) == 0
    nobodys = [one async for one in route_again.again(ground.database, [new_id()])]
    assert [json.loads(one) for one in nobodys] == [{"notices": 0}]
    lines = [one async for one in route_again.again(ground.database, [bad])]
    assert json.loads(lines[0]) == {"organization": str(tenant), "notices": 1}
    assert await notifying.route(worker, tenant) == 1
    assert await told(owner) == [("credentials.invalid", mail)]
    assert (await look(owner, bad)).set_aside_at is None
    actions = select(AuditEvent.action).where(AuditEvent.actor == operator.name())
    assert set(await owner.scalars(actions)) == {
        "operator.list_notices",
        "operator.route_notices_again",
    }


async def test_two_workers_that_try_it_at_once_count_one_try(
    ground: Ground, worker: Worker, tenant: UUID, owner: AsyncSession
) -> None:
    bad = await broken(ground, tenant)
    taken = unroutable.Taken([(bad, 0)], [])
    for _ in range(2):
        async with ground.database.unit_of_work(
            Login.WORKER, organization_id=tenant
        ) as session:
            await unroutable.note(session, tenant, taken, ValueError("both\x00\ud800"))
    one = await look(owner, bad)
    assert one.routing_tries == 1
    assert one.routing_error == "ValueError: both\\x00\\ud800"


async def test_what_goes_on_and_cannot_be_looked_at_holds_up_nothing(
    ground: Ground,
    worker: Worker,
    tenant: UUID,
    owner: AsyncSession,
    move_clock: MoveClock,
) -> None:
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail], repeat_seconds=300)
    await fail(ground)
    await fail(ground, "south")
    await notifying.route(worker, tenant)
    first = (await delivered(owner))[0].notice_id
    assert first is not None
    before = (await look(owner, first)).facts
    await write(ground, RecordedNotice, first, facts={"credentials_id": "nobody's"})
    for seconds in TRIES_AT:
        await move_clock(f"{301 + seconds} seconds")
        await notifying.route(worker, tenant)
        assert len(await delivered(owner)) == 3  # the other one is told again
    assert (await look(owner, first)).set_aside_at is not None
    due = {one.notice_id: one.due_at for one in await watches(owner)}
    assert due[first] is None
    assert len([one for one in due.values() if one is not None]) == 1
    await write(ground, RecordedNotice, first, facts=before)
    lines = [one async for one in route_again.again(ground.database, [])]
    assert json.loads(lines[-1]) == {"notices": 1}
    assert await notifying.route(worker, tenant) == 1
    assert [one.notice_id for one in await delivered(owner)].count(first) == 2


async def test_rules_that_cannot_be_read_set_nothing_aside(
    ground: Ground, worker: Worker, tenant: UUID, owner: AsyncSession
) -> None:
    mail = await channel(ground, tenant)
    rule_id = await rule(ground, tenant, [mail])
    await write(ground, NotificationRule, rule_id, filters={"severity": "unheard of"})
    await fail(ground)
    with pytest.raises(Exception, match="unheard of"):
        await notifying.route(worker, tenant)
    [notice] = await owner.scalars(select(RecordedNotice))
    assert (notice.routing_tries, notice.routed_at) == (0, None)
    await write(ground, NotificationRule, rule_id, filters={})
    assert await notifying.route(worker, tenant) == 1
    assert await told(owner) == [("problem.opened", mail)]


@pytest.mark.parametrize(
    ("statement", "values", "is_about"),
    [
        ("SELECT 1 / 0", {}, True),
        ("SELECT CAST(:value AS integer)", {"value": "no number"}, True),
        ("SELECT nothing FROM notices", {}, False),
    ],
)
async def test_an_error_of_the_database_counts_if_it_is_about_values(
    owner: AsyncSession, statement: str, values: dict[str, Any], is_about: bool
) -> None:
    asked = text(statement)
    if values:
        asked = asked.bindparams(bindparam("value", type_=Integer))
    with pytest.raises(DBAPIError) as error:
        await owner.execute(asked, values)
    assert unroutable.is_about(error.value) is is_about
    assert unroutable.is_about(KeyError("id"))
    assert not unroutable.is_about(ConnectionRefusedError())
