"""Sends hints: ready-made Celery messages (protocol 2), any number in one round trip
to Redis. The commit came first, and the beat's sweep repeats what is lost."""

import base64
import json
from collections.abc import Awaitable, Sequence
from functools import lru_cache

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core.ids import new_id
from app.core.queue import Hint, HintsNotSent, Job
from app.core.redis_connections import close_all
from app.core.settings import Settings
from app.core.tls import redis_options

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
            **redis_options(settings),
        )

    async def publish(self, hints: Sequence[Hint]) -> None:
        """Push all, a queue's in one command. Raises HintsNotSent."""
        queues: dict[str, list[str]] = {}
        for hint in hints:
            queues.setdefault(hint.queue, []).append(message(hint))
        pipeline = self._redis.pipeline(transaction=False)
        for queue, messages in queues.items():
            pipeline.lpush(queue, *messages)
        await self._ask(pipeline.execute())

    async def ping(self) -> None:
        await self._ask(self._redis.ping())

    async def _ask(self, command: Awaitable[object]) -> None:
        try:
            await command
        except (RedisError, OSError) as error:
            raise HintsNotSent(type(error).__name__) from error
        except RuntimeError as error:
            # So uvloop calls a connection that was reset since it was used last, and
            # the pool would hand it out again.
            await close_all(self._redis)
            raise HintsNotSent("the connection was closed") from error

    async def close(self) -> None:
        await close_all(self._redis)


def message(hint: Hint) -> str:
    """What kombu's Redis transport would have pushed for `task.delay(str(id))`."""
    id = str(hint.id)
    body = base64.b64encode((_BODY % id).encode()).decode()
    values = {"id": id, "task_id": str(new_id()), "body": body}
    return _envelope(hint.job, hint.queue) % values


_BODY = json.dumps([["%s"], {}, _EMBED])


@lru_cache(maxsize=64)
def _envelope(job: Job, queue: str) -> str:
    """A message in which the ids and the body are still to be filled in. Names of jobs
    and queues are ours and hold no percent sign."""
    headers = {
        "lang": "py",
        "task": job,
        "id": "%(task_id)s",
        "root_id": "%(task_id)s",
        "parent_id": None,
        "group": None,
        "retries": 0,
        "eta": None,
        "expires": None,
        "timelimit": [None, None],
        "argsrepr": "('%(id)s',)",
        "kwargsrepr": "{}",
        "ignore_result": True,
    }
    properties = {
        "correlation_id": "%(task_id)s",
        "reply_to": "",
        "delivery_mode": 1,
        "delivery_info": {"exchange": "", "routing_key": queue},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": "%(task_id)s",
    }
    return json.dumps(
        {
            "body": "%(body)s",
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": headers,
            "properties": properties,
        }
    )
