"""Ten thousand failures in a minute, senders that die, receivers in bad moods, and URLs
that lead inside. What they have shown is summed up in FIGURES."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence

import pytest

from app.core.db import Login
from app.core.notice import Notice
from app.integrations.channels.registry import Senders
from app.integrations.outbound import Outbound
from app.models.notification import Delivery, DeliveryStatus
from app.services import sending
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
        hook = await make_endpoint(session, scene.tenant, keys=scene.keys, url=URL)
    before = len(mailbox.mails())
    for _ in range(BURSTS):
        told = (slack, mail)
        await scene.tell(ORDER.failures // BURSTS - 1, *told)
        await scene.tell(1, *told, hook)
        for row in (*told, hook):
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
    assert ids == [str(one.id) for one in log]
    _count(log, ids)


async def test_a_sender_that_is_killed_after_it_sent_sends_that_again_under_its_id(
    scene: Scene,
) -> None:
    async with scene.database.unit_of_work(Login.OWNER) as session:
        hook = await make_endpoint(session, scene.tenant, keys=scene.keys, url=URL)
    notices = await scene.tell(10 * (KILLS + 1), hook)
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
    assert list(of_notice) == [str(one.id) for one in notices]


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
    notices = await scene.tell(MOODS, hook)
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
    assert bodies == [one.id for one in notices]


async def test_a_redirect_is_an_answer_and_is_not_followed(scene: Scene) -> None:
    async with something_inside() as inside:
        async with scene.database.unit_of_work(Login.OWNER) as session:
            hook = await make_endpoint(session, scene.tenant, keys=scene.keys, url=URL)
        await scene.tell(1, hook)
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
        for hook in hooks:
            await scene.tell(1, hook)
            await scene.send(hook, post)
            [log] = await scene.log(hook)
            assert log.status is not DeliveryStatus.DELIVERED
        FIGURES.ssrf_connections += inside.reached
    assert not inside.reached
    assert len(hooks) > 20
