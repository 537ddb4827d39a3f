"""What was deleted after its time, so that a history says where it begins."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, by_value


class PurgeKind(StrEnum):
    """In the order in which they are deleted: what refers to others goes first. An
    execution goes with its units, result, events and files; a resource that is gone
    with its versions."""

    DELIVERIES = "deliveries"
    NOTICES = "notices"
    PROBLEMS = "problems"
    EXECUTIONS = "executions"
    RUNS = "runs"
    RESOURCES = "resources"
    RESOURCE_VERSIONS = "resource_versions"
    FINDINGS = "findings"
    SCOPE_READS = "scope_reads"
    OUTBOX = "outbox"
    IDEMPOTENCY_KEYS = "idempotency_keys"


class Purge(Base):
    """That rows of a kind which ended before `until` are deleted, or being deleted:
    `rows` so far, the last of them `at`. Written in the transaction that deletes."""

    __tablename__ = "purges"
    __tenant__ = True

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    kind: Mapped[PurgeKind] = mapped_column(by_value(PurgeKind), primary_key=True)
    until: Mapped[datetime]
    at: Mapped[datetime]
    rows: Mapped[int] = mapped_column(BigInteger)
