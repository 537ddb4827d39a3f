"""A problem that several tasks meet is told to whom each of them is routed, once; and
who was told of a beginning is told of its end, whatever is muted by then."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.models.task import TaskVersion
from tests.api.events_ground import Ground, make_ground
from tests.builders import make_task
from tests.builders_notifications import make_endpoint
from tests.builders_runs import make_execution
from tests.personae import People
from tests.services.sealed import BEFORE
from tests.services.sent import Channels
from tests.services.test_muted_deliveries import DELIVERED, DROPPED, became, mute, send
from tests.services.test_routing import (
    channel,
    delivered,
    fail,
    recover,
    route,
    rule,
    told,
)


@pytest.fixture
async def ground(database: Database, people: People) -> Ground:
    """With a second task on the account of `north`."""
    ground = await make_ground(database, people)
    account = ground.accounts["north"]
    async with database.unit_of_work(Login.OWNER) as session:
        tenant = people.alice.organization_id
        task = await make_task(session, tenant, accounts=(account,), name="second")
        ground.executions["second"] = await make_execution(session, task, account)
    return ground


@pytest.fixture
def tenant(people: People) -> UUID:
    return people.alice.organization_id


def only(ground: Ground, name: str) -> dict[str, Any]:
    return {"filters": {"task_ids": [str(ground.executions[name].task_id)]}}


@pytest.mark.parametrize("together", [True, False])
async def test_it_reaches_whom_each_task_is_routed_to_once(
    ground: Ground, tenant: UUID, owner: AsyncSession, *, together: bool
) -> None:
    both, second = await channel(ground, tenant), await channel(ground, tenant)
    await rule(ground, tenant, [both], **only(ground, "north"))
    await rule(ground, tenant, [both, second], **only(ground, "second"))
    async with ground.database.unit_of_work(Login.OWNER) as session:
        hook = await make_endpoint(session, tenant, keys=BEFORE)
    hears_all = {both, second, hook.id}
    problem = await fail(ground)
    if not together:
        await route(ground, tenant)
    for name in ("second", "north", "second"):
        assert await fail(ground, name) == problem
    await route(ground, tenant)
    opened = [one for one in await told(owner) if one[0] == "problem.opened"]
    assert sorted(opened) == sorted(("problem.opened", one) for one in hears_all)
    await recover(ground, "second")
    await route(ground, tenant)
    closed = [id for event, id in await told(owner) if event == "problem.closed"]
    assert sorted(closed, key=str) == sorted(hears_all, key=str)


async def test_each_tasks_own_channels_hear_of_its_beginning_and_end(
    ground: Ground, tenant: UUID, owner: AsyncSession
) -> None:
    own = {name: await channel(ground, tenant) for name in ("north", "second")}
    await owner.execute(text("ALTER TABLE task_versions DISABLE TRIGGER USER"))
    for name, id in own.items():
        of_task = TaskVersion.task_id == ground.executions[name].task_id
        settings = {"mute": False, "channel_ids": [str(id)]}
        await owner.execute(
            update(TaskVersion).where(of_task).values(notifications=settings)
        )
    await owner.execute(text("ALTER TABLE task_versions ENABLE TRIGGER USER"))
    await owner.commit()
    await fail(ground)
    await fail(ground, "second")
    await recover(ground, "second")
    await route(ground, tenant)
    assert sorted(await told(owner)) == sorted(
        (event, id)
        for event in ("problem.opened", "problem.closed")
        for id in own.values()
    )


@pytest.mark.parametrize("when", ["before", "between", "after"])
async def test_a_mute_of_one_task_does_not_silence_another(
    ground: Ground, tenant: UUID, owner: AsyncSession, when: str
) -> None:
    """However late the mute comes: before it is routed, or before it is sent."""
    mail, channels = await channel(ground, tenant), Channels()
    await rule(ground, tenant, [mail])
    muted = {"task_id": ground.executions["north"].task_id}
    if when == "before":
        await mute(ground, tenant, **muted)
    await fail(ground)
    await route(ground, tenant)
    if when == "between":
        await mute(ground, tenant, **muted)
    await fail(ground, "second")
    await route(ground, tenant)
    if when == "after":
        await mute(ground, tenant, **muted)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DELIVERED]


@pytest.mark.parametrize("order", [("north", "second"), ("second", "north")])
async def test_what_a_muted_task_meets_too_is_watched_for_the_other(
    ground: Ground,
    tenant: UUID,
    owner: AsyncSession,
    move_clock: Any,
    order: tuple[str, str],
) -> None:
    await rule(ground, tenant, [await channel(ground, tenant)], delay_seconds=60)
    await mute(ground, tenant, task_id=ground.executions["north"].task_id)
    for name in order:
        await fail(ground, name)
        await route(ground, tenant)
    await move_clock("2 minutes")
    await route(ground, tenant)
    assert len(await delivered(owner)) == 1


# ── mutes and ends ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "what", ["task_id", "aws_account_id", "problem_id", "channel_id", "rule_id"]
)
@pytest.mark.parametrize("is_routed", [True, False])
@pytest.mark.parametrize("is_sent", [True, False])
async def test_only_who_was_told_of_the_beginning_is_told_of_the_end(
    ground: Ground,
    tenant: UUID,
    owner: AsyncSession,
    what: str,
    *,
    is_routed: bool,
    is_sent: bool,
) -> None:
    """Whether the end was routed already when the mute was made, or not."""
    mail, channels = await channel(ground, tenant), Channels()
    rule_id = await rule(ground, tenant, [mail])
    problem = await fail(ground)
    await route(ground, tenant)
    if is_sent:
        await send(ground, tenant, channels, mail)
    execution = ground.executions["north"]
    named = {
        "task_id": execution.task_id,
        "aws_account_id": execution.aws_account_id,
        "problem_id": problem,
        "channel_id": mail,
        "rule_id": rule_id,
    }
    await recover(ground)
    if is_routed:
        await route(ground, tenant)
    await mute(ground, tenant, **{what: named[what]})
    await route(ground, tenant)
    await send(ground, tenant, channels, mail)
    assert await became(owner) == [DELIVERED if is_sent else DROPPED] * 2
