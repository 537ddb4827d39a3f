"""Fetches that overtake each other: the answer of a higher number stands."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.settings import Settings
from app.models.subscription import Subscription, SubscriptionStatus
from tests.fakestripe.server import Backstage
from tests.personae import People
from tests.subscriber import Subscriber, make_subscriber

PATIENCE = 60


@dataclass
class Slow:
    """A way to the fake on which an answer waits to be let go."""

    url: str = ""
    answered: Event = field(default_factory=Event)
    let_go: Event = field(default_factory=Event)


@pytest.fixture
def slow(backstage: Backstage) -> Iterator[Slow]:
    way = Slow()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = {"Authorization": self.headers["Authorization"]}
            answer = httpx.get(
                backstage.url + self.path, headers=given, trust_env=False
            )
            way.answered.set()
            way.let_go.wait(PATIENCE)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Nothing is to be said of it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        way.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield way
        way.let_go.set()
        server.shutdown()
        thread.join()


@pytest.fixture
async def acme(
    database: Database, configured: Settings, backstage: Backstage, people: People
) -> Subscriber:
    return await make_subscriber(
        database, configured, backstage, people.alice.organization_id
    )


async def begin(acme: Subscriber, slow: Slow) -> asyncio.Task[Subscription]:
    """A fetch that has its answer, and is not told of it yet."""
    slowly = acme.settings.model_copy(update={"stripe_api_url": slow.url})
    fetch = asyncio.create_task(acme.sync(slowly))
    assert await asyncio.to_thread(slow.answered.wait, PATIENCE)
    return fetch


async def test_an_answer_that_was_overtaken_is_dropped(
    acme: Subscriber, slow: Slow
) -> None:
    bought = acme.buy()
    overtaken = await begin(acme, slow)
    acme.shop.stripe.v1.subscriptions.cancel(bought.id)
    assert (await acme.sync()).status is SubscriptionStatus.CANCELED
    slow.let_go.set()
    row = await overtaken
    assert (row.plan_code, row.status) == ("free", SubscriptionStatus.CANCELED)
    assert (row.sync_attempts, row.synced_attempt) == (2, 2)


async def test_the_answer_about_another_customer_is_dropped(
    acme: Subscriber, slow: Slow
) -> None:
    acme.buy()
    of_before = await begin(acme, slow)
    await acme.change(stripe_customer_id="cus_next")
    slow.let_go.set()
    assert (await of_before).plan_code == "free"


async def test_nothing_is_locked_while_stripe_is_asked(
    acme: Subscriber, slow: Slow, owner: AsyncSession
) -> None:
    fetch = await begin(acme, slow)
    mine = Subscription.organization_id == acme.organization_id
    locked = select(Subscription.id).where(mine).with_for_update(nowait=True)
    assert len((await owner.execute(locked)).all()) == 1
    await owner.rollback()
    slow.let_go.set()
    await fetch


async def test_what_is_given_while_stripe_is_asked_stays(
    acme: Subscriber, slow: Slow, owner: AsyncSession
) -> None:
    acme.buy()
    fetch = await begin(acme, slow)
    mine = Subscription.organization_id == acme.organization_id
    given = {"status": SubscriptionStatus.COMPLIMENTARY, "plan_code": "business"}
    await owner.execute(update(Subscription).where(mine).values(**given))
    slow.let_go.set()
    await owner.commit()
    assert (await fetch).plan_code == "business"


async def test_many_at_once_end_as_one_would(acme: Subscriber) -> None:
    acme.buy()
    await asyncio.gather(*(acme.sync() for _ in range(12)))
    row = await acme.row()
    assert (row.plan_code, row.sync_attempts) == ("team", 12)
    assert [event.action for event in await acme.recorded()] == ["subscription.change"]
