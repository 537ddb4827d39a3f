"""Routing over real rows: each notice once, in order, to whom it is for."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.aws_account import AWSAccount
from app.models.notice import NoticeWant, RecordedNotice
from app.models.notification import Delivery
from app.models.notification_rule import (
    NotificationMute,
    NotificationRuleChannel,
    NotificationWatch,
)
from app.models.notification_rule import NotificationRule as RuleRow
from app.models.problem import Problem, ProblemStatus
from app.models.task import TaskVersion
from app.services import notice_wants, problems, routing
from app.services.decisions.routing import RECHECK
from tests.api.events_ground import Ground, make_ground
from tests.builders_notifications import make_channel, make_endpoint
from tests.builders_runs import an_error
from tests.personae import People
from tests.services.sealed import BEFORE

CONSOLE = "https://rota.example"


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    return await make_ground(database, people)


@pytest.fixture
def tenant(people: People) -> UUID:
    return people.alice.organization_id


async def route(
    ground: Ground, tenant: UUID, *, part: routing.Part = routing.ALL
) -> int:
    async with ground.database.unit_of_work(
        Login.WORKER, organization_id=tenant
    ) as session:
        return await routing.route(session, tenant, public_url=CONSOLE, part=part)


async def channel(ground: Ground, tenant: UUID, **members: Any) -> UUID:
    async with ground.database.unit_of_work(Login.OWNER) as session:
        return (await make_channel(session, tenant, **members)).id


async def rule(
    ground: Ground, tenant: UUID, channels: Sequence[UUID], **members: Any
) -> UUID:
    events = ["problem.closed", "problem.opened"]
    defined = {
        "id": new_id(),
        "organization_id": tenant,
        "name": f"Rule {new_id()}",
        "enabled": True,
        "events": events,
        "wants": events,
        "filters": {},
        "delay_seconds": 0,
        "recovery": True,
    }
    async with ground.database.unit_of_work(Login.OWNER) as session:
        row = RuleRow(**defined | members)
        session.add(row)
        await session.flush()
        session.add_all(
            NotificationRuleChannel(
                organization_id=tenant, rule_id=row.id, channel_id=one
            )
            for one in channels
        )
        return row.id


async def fail(ground: Ground, name: str = "north", **error: Any) -> UUID:
    execution = ground.executions[name]
    async with ground.database.unit_of_work(
        Login.WORKER, organization_id=execution.organization_id
    ) as session:
        recorded = await problems.record_failure(
            session,
            organization_id=execution.organization_id,
            aws_account_id=execution.aws_account_id,
            execution_id=execution.id,
            error=an_error(**error),
        )
    return recorded.problem_id


async def recover(ground: Ground, name: str = "north") -> None:
    execution = ground.executions[name]
    async with ground.database.unit_of_work(
        Login.WORKER, organization_id=execution.organization_id
    ) as session:
        await problems.record_recovery(
            session,
            organization_id=execution.organization_id,
            aws_account_id=execution.aws_account_id,
            task_id=execution.task_id,
        )


async def delivered(owner: AsyncSession) -> list[Delivery]:
    await owner.rollback()
    found = await owner.scalars(select(Delivery).order_by(Delivery.id))
    return list(found)


async def told(owner: AsyncSession) -> list[tuple[str, UUID | None]]:
    return [
        (one.event, one.channel_id or one.endpoint_id) for one in await delivered(owner)
    ]


async def test_a_problem_and_its_end_are_told_once_and_in_order(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    mail, chat = await channel(ground, tenant), await channel(ground, tenant)
    rule_id = await rule(ground, tenant, [mail, chat])
    await fail(ground)
    await recover(ground)
    assert await route(ground, tenant) == 2
    assert await route(ground, tenant) == 0
    assert await told(owner) == [
        *(("problem.opened", one) for one in sorted([mail, chat])),
        *(("problem.closed", one) for one in sorted([mail, chat])),
    ]
    first = (await delivered(owner))[0]
    assert first.rule_id == rule_id
    assert first.why is not None
    assert first.why.endswith("tells of problem.opened.")
    assert first.payload["account"]["number"] == ground.accounts["north"].account_id
    unrouted = select(RecordedNotice).where(RecordedNotice.routed_at.is_(None))
    assert (await owner.scalars(unrouted)).all() == []


async def test_two_routers_tell_each_notice_once(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    await rule(ground, tenant, [await channel(ground, tenant)])
    for number in range(5):
        await fail(ground, code=f"Code{number}")
    routed = await asyncio.gather(*(route(ground, tenant) for _ in range(4)))
    assert sum(routed) == 5
    assert len(await delivered(owner)) == 5


async def test_what_breaks_off_is_routed_again_whole(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    await rule(ground, tenant, [await channel(ground, tenant)])
    await fail(ground)
    async with ground.database.unit_of_work(
        Login.WORKER, organization_id=tenant
    ) as session:
        assert await routing.route(session, tenant, public_url=CONSOLE) == 1
        await session.rollback()
    assert await delivered(owner) == []
    assert await route(ground, tenant) == 1
    assert len(await delivered(owner)) == 1


async def test_a_channel_that_cannot_be_told_is_not(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    channels = [
        await channel(ground, tenant, verified_at=None),
        await channel(ground, tenant, disabled_at=now()),
        await channel(ground, tenant, deleted_at=now()),
        await channel(ground, tenant, label_scope={"client": ["somebody else"]}),
    ]
    await rule(ground, tenant, channels)
    await fail(ground)
    assert await route(ground, tenant) == 1
    assert await delivered(owner) == []


async def test_an_endpoint_is_told_what_it_asks_for_whatever_is_muted(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    async with ground.database.unit_of_work(Login.OWNER) as session:
        asking = await make_endpoint(session, tenant, keys=BEFORE)
        await make_endpoint(session, tenant, keys=BEFORE, events=["execution.failed"])
        scope = {"client": ["somebody else"]}
        await make_endpoint(session, tenant, keys=BEFORE, label_scope=scope)
        await make_endpoint(session, tenant, keys=BEFORE, disabled_at=now())
        session.add(_mute(ground, tenant))
    await fail(ground)
    await route(ground, tenant)
    assert await told(owner) == [("problem.opened", asking.id)]


def _mute(ground: Ground, tenant: UUID, **members: Any) -> NotificationMute:
    account_id = ground.accounts["north"].id
    about = {"aws_account_id": account_id, "until": now() + timedelta(hours=1)}
    return NotificationMute(organization_id=tenant, **about | members)


async def test_what_is_muted_is_told_when_the_mute_ends(
    ground: Ground, tenant: UUID, owner: AsyncSession, move_clock: Any
) -> None:
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail])
    async with ground.database.unit_of_work(Login.OWNER) as session:
        session.add(_mute(ground, tenant))
    await fail(ground)
    await route(ground, tenant)
    assert await told(owner) == []
    await move_clock("61 minutes")
    assert await route(ground, tenant) == 1
    assert await told(owner) == [("problem.opened", mail)]


async def test_a_delayed_problem_is_told_if_it_is_still_open(
    ground: Ground, tenant: UUID, owner: AsyncSession, move_clock: Any
) -> None:
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail], delay_seconds=900)
    await fail(ground)
    await fail(ground, "south")
    assert await route(ground, tenant) == 2
    await recover(ground, "south")
    assert await route(ground, tenant) == 1
    assert await told(owner) == []
    await move_clock("15 minutes")
    assert await route(ground, tenant) == 1
    (one,) = await delivered(owner)
    assert one.payload["account"]["id"] == str(ground.accounts["north"].id)


async def test_what_goes_on_is_looked_at_when_no_notice_waits(
    ground: Ground, tenant: UUID, owner: AsyncSession, move_clock: Any
) -> None:
    """One that waits may be its end."""
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail], repeat_seconds=300)
    await fail(ground)
    await route(ground, tenant)
    await fail(ground, "south")
    await recover(ground)
    await move_clock("5 minutes")
    assert await route(ground, tenant, part=routing.Part(1, 200)) == 1
    assert await route(ground, tenant) == 2
    told_of = [event for event, _ in await told(owner)]
    assert told_of == ["problem.opened", "problem.opened", "problem.closed"]


async def test_an_end_that_comes_after_the_look_is_told_all_the_same(
    ground: Ground, tenant: UUID, owner: AsyncSession, move_clock: Any
) -> None:
    """As when it is committed between the two."""
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail], repeat_seconds=300)
    await fail(ground)
    await route(ground, tenant)
    await recover(ground)
    end = update(RecordedNotice).where(RecordedNotice.event == "problem.closed")
    await owner.execute(end.values(routed_at=now()))
    await owner.commit()
    await move_clock("5 minutes")
    assert await route(ground, tenant) == 1
    await owner.execute(end.values(routed_at=None))
    await owner.commit()
    assert await route(ground, tenant) == 1
    told_of = [event for event, _ in await told(owner)]
    assert told_of == ["problem.opened", "problem.closed"]


async def test_a_problem_that_is_acknowledged_is_not_told_again(
    ground: Ground, tenant: UUID, owner: AsyncSession, move_clock: Any
) -> None:
    await rule(ground, tenant, [await channel(ground, tenant)], repeat_seconds=3600)
    problem_id = await fail(ground)
    await route(ground, tenant)
    await move_clock("1 hour")
    await route(ground, tenant)
    assert len(await delivered(owner)) == 2
    acknowledged = update(Problem).where(Problem.id == problem_id)
    await owner.execute(acknowledged.values(status=ProblemStatus.ACKNOWLEDGED))
    await owner.commit()
    await move_clock("2 hours")
    assert await route(ground, tenant) == 1
    assert len(await delivered(owner)) == 2


async def test_a_problem_is_told_once_it_has_struck_often_enough(
    ground: Ground, tenant: UUID, owner: AsyncSession, move_clock: Any
) -> None:
    await rule(ground, tenant, [await channel(ground, tenant)], after=3)
    await fail(ground)
    await route(ground, tenant)
    for looks in (1, 2):
        assert await delivered(owner) == []
        await fail(ground)
        await move_clock(f"{looks * RECHECK.total_seconds()} seconds")
        await route(ground, tenant)
    assert len(await delivered(owner)) == 1


async def test_a_rule_that_is_gone_watches_nothing_any_more(
    ground: Ground, tenant: UUID, owner: AsyncSession, move_clock: Any
) -> None:
    rule_id = await rule(
        ground, tenant, [await channel(ground, tenant)], repeat_seconds=300
    )
    await fail(ground)
    await route(ground, tenant)
    await owner.execute(
        update(RuleRow).where(RuleRow.id == rule_id).values(deleted_at=now())
    )
    await owner.commit()
    await move_clock("5 minutes")
    assert await route(ground, tenant) == 1
    assert await route(ground, tenant) == 0
    assert len(await delivered(owner)) == 1
    (watch,) = await owner.scalars(select(NotificationWatch))
    assert watch.due_at is None


async def test_a_task_names_channels_and_silences_rules(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    mail, chat = await channel(ground, tenant), await channel(ground, tenant)
    await rule(ground, tenant, [mail])
    settings = {"mute": True, "channel_ids": [str(chat)]}
    await owner.execute(text("ALTER TABLE task_versions DISABLE TRIGGER USER"))
    await owner.execute(update(TaskVersion).values(notifications=settings))
    await owner.execute(text("ALTER TABLE task_versions ENABLE TRIGGER USER"))
    await owner.commit()
    await fail(ground)
    await route(ground, tenant)
    assert await told(owner) == [("problem.opened", chat)]


async def test_a_rule_that_filters_labels_asks_those_of_the_account(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    mail = await channel(ground, tenant)
    await rule(ground, tenant, [mail], filters={"selector": {"stage": ["prod"]}})
    north = update(AWSAccount).where(AWSAccount.id == ground.accounts["north"].id)
    await owner.execute(north.values(labels={"stage": "prod"}))
    await owner.commit()
    await fail(ground)
    await fail(ground, "south")
    await route(ground, tenant)
    (one,) = await delivered(owner)
    assert one.payload["account"]["id"] == str(ground.accounts["north"].id)


async def test_wants_are_what_somebody_tells_of(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    rule_id = await rule(ground, tenant, [], wants=["execution.failed"])
    for enabled in (True, False):
        row = update(RuleRow).where(RuleRow.id == rule_id)
        await owner.execute(row.values(enabled=enabled))
        await owner.commit()
        async with ground.database.unit_of_work(
            Login.APP, organization_id=tenant
        ) as session:
            await notice_wants.refresh(session, tenant)
        found = await owner.scalars(
            select(NoticeWant.event).where(NoticeWant.organization_id == tenant)
        )
        assert ("execution.failed" in set(found)) is enabled
        await owner.rollback()
