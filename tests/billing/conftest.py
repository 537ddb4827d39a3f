"""A deployment that sells two plans at the fake of Stripe, and a worker for jobs."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.core.crypto import LocalKeys
from app.core.db import Database
from app.core.settings import Settings
from app.services import credential_opening
from app.tasks.pacing import Pacer
from app.tasks.publisher import RedisPublisher
from app.tasks.worker import Worker
from tests.billing.world import SECRET, World
from tests.conftest import Client
from tests.fakestripe.buying import Shop, make_shop
from tests.fakestripe.server import Backstage


@pytest.fixture
def shop(backstage: Backstage) -> Shop:
    return make_shop(backstage)


@pytest.fixture
def selling(configured: Settings, backstage: Backstage) -> Settings:
    return configured.model_copy(
        update={
            "stripe_api_key": SecretStr(backstage.key),
            "stripe_api_url": backstage.url,
            "stripe_webhook_secrets": [SecretStr(SECRET)],
            "default_plan": "free",
        }
    )


@pytest.fixture
async def worker(
    selling: Settings, database: Database, publisher: RedisPublisher
) -> AsyncIterator[Worker]:
    leases = Database(selling, publisher)
    pacer = Pacer.from_settings(selling)
    yield Worker(
        settings=selling,
        database=database,
        leases=leases,
        keys=LocalKeys.from_settings(selling),
        platform=credential_opening.platform_session(selling),
        endpoint=credential_opening.endpoint(selling),
        pacer=pacer,
    )
    pacer.close()
    await leases.close()


@pytest.fixture
async def world(
    app: FastAPI,
    client: Client,
    database: Database,
    selling: Settings,
    worker: Worker,
    backstage: Backstage,
    shop: Shop,
    move_clock: Callable[[str], Awaitable[None]],
) -> World:
    """Where histories are played."""
    app.state.settings = selling
    world = World(database, worker, client(None), backstage, shop, move_clock)
    for price, code in world.plans.items():
        await world.sell(code, price)
    return world
