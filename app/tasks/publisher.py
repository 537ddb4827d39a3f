"""Sends hints: ready-made Celery messages (protocol 2), any number in one round trip
to Redis. The commit came first, and the beat's sweep repeats what is lost."""

import base64
import json
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core.ids import new_id
from app.core.queue import Hint, HintsNotSent
from app.core.settings import Settings

_TIMEOUT_SECONDS = 2
_EMBED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


class RedisPublisher:
    """The `Publisher` of every process. One per event loop."""

    def __init__(self, settings: Settings) -> None:
        self._redis = Redis.from_url(
            settings.redis_url.get_secret_value(),
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    async def publish(self, hints: Sequence[Hint]) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        for hint in hints:
            pipeline.lpush(hint.queue, message(hint))
        try:
            await pipeline.execute()
        except (RedisError, OSError) as error:
            raise HintsNotSent(type(error).__name__) from error

    async def close(self) -> None:
        await self._redis.aclose()


def message(hint: Hint) -> str:
    """What kombu's Redis transport would have pushed for `task.delay(str(id))`."""
    body = json.dumps([[str(hint.id)], {}, _EMBED]).encode()
    task_id = str(new_id())
    headers = {
        "lang": "py",
        "task": hint.job,
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "retries": 0,
        "eta": None,
        "expires": None,
        "timelimit": [None, None],
        "argsrepr": repr((str(hint.id),)),
        "kwargsrepr": "{}",
        "ignore_result": True,
    }
    properties = {
        "correlation_id": task_id,
        "reply_to": "",
        "delivery_mode": 1,
        "delivery_info": {"exchange": "", "routing_key": hint.queue},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": task_id,
    }
    return json.dumps(
        {
            "body": base64.b64encode(body).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": headers,
            "properties": properties,
        }
    )
