"""Our ready-made messages are what Celery itself would have sent."""

import asyncio
import json
from operator import attrgetter
from typing import Any

import pytest
import uvloop
from celery import Celery
from redis.asyncio import Redis

from app.core.ids import new_id
from app.core.queue import Hint, HintsNotSent, Job, execution_queue
from app.core.settings import Settings
from app.tasks.publisher import RedisPublisher

QUEUE = "publisher-test"
IDLE = "_redis.connection_pool._available_connections"


@pytest.fixture
def settings(configured: Settings) -> Settings:
    return configured


async def _popped(settings: Settings) -> dict[str, Any]:
    async with Redis.from_url(settings.redis_url.get_secret_value()) as redis:
        text: Any = await redis.rpop(QUEUE)
        message: dict[str, Any] = json.loads(text)
    return message


def _shape(message: dict[str, Any]) -> dict[str, Any]:
    """What does not differ from one message to the next."""
    headers, properties = message["headers"], message["properties"]
    return {
        "body": message["body"],
        "encodings": (message["content-encoding"], message["content-type"]),
        "task": headers["task"],
        "argsrepr": headers["argsrepr"],
        "properties": sorted(properties),
        "routing_key": properties["delivery_info"]["routing_key"],
    }


async def test_a_hint_is_the_message_celery_would_send(
    settings: Settings, publisher: RedisPublisher
) -> None:
    id = new_id()
    await publisher.publish([Hint(Job.RUN_EXECUTION, id, QUEUE)])
    ours = await _popped(settings)
    celery = Celery(broker=settings.redis_url.get_secret_value())
    celery.conf.task_default_delivery_mode = 1
    celery.conf.task_ignore_result = True
    await asyncio.to_thread(
        celery.send_task, Job.RUN_EXECUTION.value, args=(str(id),), queue=QUEUE
    )
    celery.close()
    theirs = await _popped(settings)
    ours["properties"]["delivery_info"].pop("exchange")
    theirs["properties"]["delivery_info"].pop("exchange")
    assert _shape(ours) == _shape(theirs)
    assert set(ours["headers"]) <= set(theirs["headers"])


async def test_a_broker_that_is_away_is_said_and_not_waited_for(
    settings: Settings,
) -> None:
    nowhere = settings.model_copy(
        update={"redis_url": type(settings.redis_url)("redis://127.0.0.1:9/0")}
    )
    publisher = RedisPublisher(nowhere)
    hint = Hint(Job.RUN_EXECUTION, new_id(), execution_queue("read", "normal"))
    with pytest.raises(HintsNotSent):
        await publisher.publish([hint])
    await publisher.close()


def test_a_connection_that_was_reset_costs_one_hint_and_is_replaced(
    settings: Settings,
) -> None:
    async def publish_twice() -> list[str]:
        publisher = RedisPublisher(settings)
        hint = Hint(Job.RUN_EXECUTION, new_id(), QUEUE)
        await publisher.publish([hint])
        [connection] = attrgetter(IDLE)(publisher)
        attrgetter("_writer.transport")(connection).abort()
        with pytest.raises(HintsNotSent) as refused:
            await publisher.publish([hint])
        await publisher.publish([hint])
        await publisher.close()
        return [refused.value.detail]

    # On the loop of the processes, whose own error it is.
    assert uvloop.run(publish_twice()) == ["the connection was closed"]
