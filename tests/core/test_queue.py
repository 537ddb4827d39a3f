"""Hints: as many as wake whoever is to work, and none that nobody needs."""

from collections.abc import Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.core.queue import (
    EXECUTIONS_PER_HINT,
    OUTBOX_QUEUE,
    Hint,
    HintsNotSent,
    Job,
    enqueue,
    publish_hints,
)


class Heard:
    """A publisher that keeps what it was to send."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.hints: list[Hint] = []
        self._is_away = is_away

    async def publish(self, hints: Sequence[Hint]) -> None:
        if self._is_away:
            raise HintsNotSent("away")
        self.hints += hints

    async def ping(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("executions", "hints"),
    [(1, 1), (8, 8), (16, 9), (17, 10), (1000, 132)],
)
async def test_of_many_executions_one_in_eight_is_hinted(
    executions: int, hints: int
) -> None:
    session, publisher = AsyncSession(), Heard()
    for _ in range(executions):
        enqueue(session, Job.RUN_EXECUTION, new_id(), queue="read.normal")
    await publish_hints(session, publisher)
    assert len(publisher.hints) == hints


async def test_each_queue_and_each_message_of_the_outbox_has_its_own() -> None:
    session, publisher = AsyncSession(), Heard()
    messages = [new_id() for _ in range(2 * EXECUTIONS_PER_HINT)]
    for message in messages:
        enqueue(session, Job.RUN_EXECUTION, new_id(), queue="read.normal")
        enqueue(session, Job.DELIVER_OUTBOX, message)
    enqueue(session, Job.RUN_EXECUTION, new_id(), queue="mutate.high")
    await publish_hints(session, publisher)
    queues = [hint.queue for hint in publisher.hints]
    assert queues.count("read.normal") == EXECUTIONS_PER_HINT + 1
    assert queues.count("mutate.high") == 1
    told = [hint.id for hint in publisher.hints if hint.queue == OUTBOX_QUEUE]
    assert told == messages


async def test_a_broker_that_is_away_stops_nobody_and_nothing_is_sent_twice() -> None:
    session, publisher = AsyncSession(), Heard()
    enqueue(session, Job.RUN_EXECUTION, new_id(), queue="read.normal")
    await publish_hints(session, Heard(is_away=True))
    await publish_hints(session, publisher)
    assert publisher.hints == []
