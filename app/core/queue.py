"""Hints to the workers. The row is the truth: a hint carries one id, is sent after
the commit, and may be lost or doubled without harm."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures, tracing
from app.core.errors import Unavailable

log = structlog.get_logger(__name__)

# A hint to run wakes a process, which claims as many as it has room for and looks
# again until nothing is left. So many of a queue are hinted one by one, so that each
# idle process hears of something; of more, one in so many.
EXECUTIONS_PER_HINT = 8

_KEY = "hints"
_NEW = "recorded"


class Job(StrEnum):
    """Each is the name of one Celery task, `noun.verb`."""

    RUN_EXECUTION = "execution.run"
    DELIVER_OUTBOX = "outbox.deliver"


# The spans that begin their rows' traces.
_RECORDED = {
    Job.RUN_EXECUTION: "execution.record",
    Job.DELIVER_OUTBOX: "outbox.record",
}


class Priority(StrEnum):
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


OUTBOX_QUEUE = "outbox"


def execution_queue(kind: str, priority: str) -> str:
    """Reading and changing executions have queues of their own, by priority."""
    return f"{kind}.{priority}"


@dataclass(frozen=True, slots=True)
class Hint:
    job: Job
    id: UUID
    queue: str


class HintsNotSent(Unavailable):
    """The broker is away; the sweep will hint again."""

    code = "hints-not-sent"
    title = "The queue cannot be reached"


class Publisher(Protocol):
    async def publish(self, hints: Sequence[Hint]) -> None:
        """Send all hints in one round trip, or raise HintsNotSent."""

    async def ping(self) -> None:
        """Raise HintsNotSent where none could be sent now."""


def enqueue(
    session: AsyncSession,
    job: Job,
    id: UUID,
    *,
    queue: str = OUTBOX_QUEUE,
) -> None:
    """Ask for `job` on the row `id` once this transaction is committed."""
    session.info.setdefault(_KEY, []).append(Hint(job, id, queue))


def begin_trace(session: AsyncSession, job: Job, id: UUID) -> None:
    """Begin the trace of a row that this transaction records, once it is committed,
    whether `job` is to be done at once or later, when it is found without a hint."""
    session.info.setdefault(_NEW, []).append((job, id))


async def publish_hints(session: AsyncSession, publisher: Publisher) -> None:
    """Send what was enqueued. A broker that is away costs time, not work: the rows
    are committed, and the sweep of the beat finds and hints them again."""
    new: list[tuple[Job, UUID]] = session.info.pop(_NEW, [])
    for job, name in _RECORDED.items():
        tracing.record(name, [id for of_job, id in new if of_job is job])
    hints = list(_needed(session.info.pop(_KEY, [])))
    if not hints:
        return
    try:
        await publisher.publish(hints)
    except HintsNotSent as error:
        measures.HINTS_NOT_SENT.inc(len(hints))
        log.warning("hints.not_sent", count=len(hints), reason=error.detail)


def _needed(hints: Sequence[Hint]) -> Iterator[Hint]:
    of_queue: Counter[str] = Counter()
    for hint in hints:
        if hint.job is not Job.RUN_EXECUTION:
            yield hint
            continue
        before = of_queue[hint.queue]
        if before < EXECUTIONS_PER_HINT or before % EXECUTIONS_PER_HINT == 0:
            yield hint
        of_queue[hint.queue] += 1
