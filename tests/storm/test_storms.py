"""Ten thousand failures in a minute, routers and senders that die, receivers in bad
moods, and URLs that lead inside. What they have shown is summed up in FIGURES."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence

import pytest

from app.core.db import Login
from app.core.notice import Notice
from app.integrations.channels.registry import Senders
from app.integrations.outbound import Outbound
from app.models.notification import (
    Delivery,
    DeliveryStatus,
    NotificationChannel,
)
from app.services import routing, sending
from tests.attack.outbound_forms import forms
from tests.attack.receivers import PUBLIC, Write, connections, says, something_inside
from tests.builders_notifications import SLACK_URL, make_channel, make_endpoint
from tests.mailbox import Mailbox
from tests.storm.figures import FIGURES, ORDER
from tests.storm.scene import Scene, kill

BURSTS = 20
URL = "https://hooks.example/in"
MANAGERS = {"type": "email", "to": "managers"}
KILLS = 4
MOODS = 3
SOUTH = {"client": ["south"]}
# Somebody waits for a row that whoever asks this holds.
_WAITS = """
SELECT count(*) > 0 FROM pg_locks
WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""


def _count(log: Sequence[Delivery], arrived: Collection[str] | None = None) -> None:
    """Add up what was to arrive, and what did not: by our log, and by theirs."""
    FIGURES.notices += len(log)
    FIGURES.lost += sum(
        one.status is not DeliveryStatus.DELIVERED
        or (arrived is not None and str(one.bundle_id) not in arrived)
        for one in log
    )


async def test_a_storm_is_one_digest_for_each_channel(
    scene: Scene, mailbox: Mailbox
) -> None:
    async with scene.database.unit_of_work(Login.OWNER) as session:
        slack = await make_channel(
            session, scene.tenant, keys=scene.keys, secret=SLACK_URL
        )
        mail = await make_channel(
            session, scene.tenant, type="email", configuration=MANAGERS
        )
        hook = await make_endpoint(
            session, scene.tenant, keys=scene.keys, url=URL, label_scope=SOUTH
        )
    await scene.tell(slack, mail)
    before = len(mailbox.mails())
    for _ in range(BURSTS):
        await scene.fail(ORDER.failures // BURSTS - 1)
        await scene.fail(1, "south")
        await scene.route()
        for row in (slack, mail, hook):
            await scene.send(row)
        await scene.later(seconds=60 / BURSTS)
    for row in (slack, mail):
        await scene.send(row)
    FIGURES.failures += ORDER.failures
    for row in (slack, mail):
        log = await scene.log(row)
        assert len(log) == ORDER.failures
        messages = Counter(one.bundle_id for one in log)
        # The first goes at once; all the rest is one digest.
        assert sorted(messages.values()) == [1, ORDER.failures - 1]
        _count(log)
    assert len(scene.arrived("hooks.slack.com")) == 2
    people = Counter(one.message["To"] for one in mailbox.mails()[before:])
    assert set(people.values()) == {2}
    ids = [str(one.header("webhook-id")) for one in scene.arrived("hooks.example")]
    log = await scene.log(hook)
    assert len(ids) == BURSTS
    assert ids == [str(one.id) for one in log]
    _count(log, ids)


async def test_a_router_that_is_killed_tells_each_notice_once_and_in_order(
    scene: Scene,
) -> None:
    async with scene.database.unit_of_work(Login.OWNER) as session:
        slack = await make_channel(
            session, scene.tenant, keys=scene.keys, secret=SLACK_URL
        )
        hook = await make_endpoint(
            session, scene.tenant, keys=scene.keys, url=URL, label_scope=SOUTH
        )
    await scene.tell(slack)
    for _ in range(KILLS + 1):
        await scene.fail(routing.AT_ONCE - 1)
        await scene.fail(1, "south")
    for kill_router in (_kill_as_it_writes, _kill_as_it_goes_on) * (KILLS // 2):
        await kill_router(scene, slack)
    assert await scene.waiting() > 0
    await scene.route()
    happened = await scene.notices()
    for row, wanted in ((slack, len(happened)), (hook, KILLS + 1)):
        log = await scene.log(row)
        told = [one.notice_id for one in log]
        FIGURES.strangers += len(told) - len(set(told))
        FIGURES.lost += wanted - len(set(told))
        assert told == [one for one in happened if one in set(told)]
        assert len(told) == wanted
    await scene.send(slack)
    await scene.later(seconds=61)
    for row in (slack, hook):
        await scene.send(row)
        _count(await scene.log(row))


async def _kill_as_it_writes(scene: Scene, row: NotificationChannel) -> None:
    """A router that dies within its transaction: it has entered the deliveries and
    waits for the channel, which somebody else holds."""
    before = await scene.waiting()
    there = await scene.connect()
    transaction = there.transaction()
    await transaction.start()
    held = "SELECT FROM notification_channels WHERE id = $1 FOR NO KEY UPDATE"
    await there.execute(held, row.id)
    process = scene.spawn_router()
    async with asyncio.timeout(120):
        while not await there.fetchval(_WAITS):  # noqa: ASYNC110 — another process
            await asyncio.sleep(0.02)
    kill(process)
    await asyncio.to_thread(process.wait)
    await transaction.rollback()
    await there.close()
    assert await scene.waiting() == before


async def _kill_as_it_goes_on(scene: Scene, _: NotificationChannel) -> None:
    """A router that dies after it has routed some, wherever it is by then."""
    before = await scene.waiting()
    process = scene.spawn_router()
    async with asyncio.timeout(120):
        while await scene.waiting() == before:  # noqa: ASYNC110 — another process
            await asyncio.sleep(0.01)
    kill(process)
    await asyncio.to_thread(process.wait)


async def test_a_sender_that_is_killed_after_it_sent_sends_that_again_under_its_id(
    scene: Scene,
) -> None:
    async with scene.database.unit_of_work(Login.OWNER) as session:
        hook = await make_endpoint(session, scene.tenant, keys=scene.keys, url=URL)
    await scene.fail(10 * (KILLS + 1))
    await scene.route()
    for _ in range(KILLS):
        await _kill_after(scene, hook_calls=len(scene.hooks.asked) + 10, row=hook)
        await scene.later(seconds=61)  # its lease ends
    scene.hooks.reply = says("200 OK")
    await scene.send(hook)
    log = await scene.log(hook)
    arrived = scene.arrived("hooks.example")
    ids = [str(one.header("webhook-id")) for one in arrived]
    _count(log, ids)
    twice = {id for id, times in Counter(ids).items() if times > 1}
    FIGURES.duplicated_deliveries += len(twice)
    # Of each notice, whatever came of it came under one id, and in order.
    of_notice: dict[str, set[str]] = {}
    for id, one in zip(ids, arrived, strict=True):
        of_notice.setdefault(str(Notice.model_validate_json(one.body).id), set()).add(
            id
        )
    FIGURES.strangers += sum(len(given) != 1 for given in of_notice.values())
    assert len(twice) == KILLS
    assert max(Counter(ids).values()) == 2
    assert list(of_notice) == [str(one) for one in await scene.notices()]


async def _kill_after(scene: Scene, *, hook_calls: int, row: object) -> None:
    """A sender that dies while that request waits for its answer: it was sent, and
    nothing is recorded."""
    died = asyncio.Event()
    answer = says("200 OK")

    async def reply(writer: Write) -> None:
        if len(scene.hooks.asked) >= hook_calls:
            kill(process)
            died.set()
        else:
            await answer(writer)

    scene.hooks.reply = reply
    process = scene.spawn(row)  # type: ignore[arg-type]  # an endpoint
    await asyncio.wait_for(died.wait(), 60)
    await asyncio.to_thread(process.wait)


async def _slow(writer: Write) -> None:
    await asyncio.sleep(5)
    writer.close()


async def _away(writer: Write) -> None:
    writer.close()


@pytest.mark.parametrize(
    "mood",
    [
        pytest.param(_away, id="away"),
        pytest.param(_slow, id="slow"),
        pytest.param(says("500 Oh"), id="500"),
        pytest.param(says("429 No", b"", "Retry-After: 90"), id="429"),
    ],
)
async def test_a_mood_that_passes_loses_nothing(scene: Scene, mood: object) -> None:
    async with scene.database.unit_of_work(Login.OWNER) as session:
        hook = await make_endpoint(session, scene.tenant, keys=scene.keys, url=URL)
    await scene.fail(MOODS)
    await scene.route()
    scene.hooks.reply = mood  # type: ignore[assignment]  # a reply
    for _ in range(MOODS):
        await scene.send(hook)
        await scene.later(minutes=30)
    assert len(scene.hooks.asked) == MOODS  # one try each time
    scene.hooks.reply = says("204 Fine")
    await scene.send(hook)
    arrived = scene.arrived("hooks.example")[MOODS:]
    log = await scene.log(hook)
    _count(log, [str(one.header("webhook-id")) for one in arrived])
    bodies = [Notice.model_validate_json(one.body).id for one in arrived]
    assert bodies == await scene.notices()


async def test_a_redirect_is_an_answer_and_is_not_followed(scene: Scene) -> None:
    async with something_inside() as inside:
        async with scene.database.unit_of_work(Login.OWNER) as session:
            hook = await make_endpoint(session, scene.tenant, keys=scene.keys, url=URL)
        await scene.fail(1)
        await scene.route()
        there = f"Location: https://127.0.0.1:{inside.port}/"
        scene.hooks.reply = says("307 There", b"", there)
        with connections() as begun:
            await scene.send(hook)
        FIGURES.ssrf_connections += inside.reached
    assert PUBLIC in begun
    [log] = await scene.log(hook)
    assert (log.status, log.response_code) == (DeliveryStatus.FAILED, 307)


async def test_urls_that_lead_inside_reach_nothing(scene: Scene) -> None:
    async with something_inside() as inside:
        ports = frozenset({443, 8443, inside.port})
        senders = Senders(scene.settings, Outbound(ports=ports))
        post = sending.post_of(scene.database, scene.settings, scene.keys, senders)
        urls = sorted({*forms(443), *forms(inside.port)})[:: 1 + len(forms(443)) // 60]
        async with scene.database.unit_of_work(Login.OWNER) as session:
            hooks = [
                await make_endpoint(session, scene.tenant, keys=scene.keys, url=url)
                for url in urls
                if "\x00" not in url
            ]
        await scene.fail(1)
        await scene.route()
        for hook in hooks:
            await scene.send(hook, post)
            [log] = await scene.log(hook)
            assert log.status is not DeliveryStatus.DELIVERED
        FIGURES.ssrf_connections += inside.reached
    assert not inside.reached
    assert len(hooks) > 20
