"""One message of the outbox, as a worker holds it while it does what it asks for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from app.services.outbox import OutboxKind
from app.tasks.worker import Worker

MOST_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Message:
    id: UUID
    organization_id: UUID
    kind: OutboxKind
    subject_id: UUID
    fence: int
    attempts: int

    @property
    def is_last_try(self) -> bool:
        return self.attempts >= MOST_ATTEMPTS


Handler = Callable[[Worker, Message], Awaitable[None]]
