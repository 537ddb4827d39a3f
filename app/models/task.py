"""Tasks, their immutable versions, and the accounts they look at."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.queue import Priority
from app.models.base import (
    DATABASE_NOW,
    Base,
    Json,
    Tenant,
    belongs_to,
    by_value,
    tenant_args,
)


class TaskType(StrEnum):
    """A rehearsal changes something and is offered to nobody; see its module."""

    HEALTH_CHECK = "health_check"
    RESOURCE_LIST = "resource_list"
    REHEARSAL = "rehearsal"


class ActionKind(StrEnum):
    """Whether a task only reads, or changes something in AWS."""

    READ = "read"
    MUTATE = "mutate"


class OnError(StrEnum):
    STOP = "stop"
    ISOLATE = "isolate"


class Overlap(StrEnum):
    SKIP = "skip"
    QUEUE = "queue"


class RunEnd(StrEnum):
    """How a run must have ended for a task that comes after it to start. `finished` is
    any end of a run that was begun: succeeded, failed, interrupted or cancelled."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    FINISHED = "finished"


class Task(Tenant, Base):
    """What the beat needs to know of a task; what is done stands in its current
    version. `next_run_at` is the truth of the schedule."""

    __tablename__ = "tasks"
    __table_args__ = tenant_args(
        Index(
            "uq_tasks_organization_id_name",
            "organization_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_tasks_next_run_at", "next_run_at", postgresql_where=text("enabled")),
        Index(
            "ix_tasks_turns",
            "organization_id",
            "next_run_at",
            postgresql_where=text("enabled"),
        ),
        CheckConstraint(
            "NOT (enabled AND deleted_at IS NOT NULL)", name="deleted_is_disabled"
        ),
    )

    name: Mapped[str]
    kind: Mapped[ActionKind] = mapped_column(by_value(ActionKind))
    enabled: Mapped[bool]
    disabled_reason: Mapped[str | None]
    schedule: Mapped[Json]
    timezone: Mapped[str]
    next_run_at: Mapped[datetime | None]
    priority: Mapped[Priority] = mapped_column(by_value(Priority))
    overlap: Mapped[Overlap] = mapped_column(by_value(Overlap))
    misfire_grace_seconds: Mapped[int]
    timeout_seconds: Mapped[int]
    selector: Mapped[Json | None]
    version: Mapped[int]
    # Null: a service key, which the audit log names.
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    deleted_at: Mapped[datetime | None]


class TaskVersion(Tenant, Base):
    """A task's whole definition at one time. Never updated."""

    __tablename__ = "task_versions"
    __table_args__ = tenant_args(
        belongs_to("task_id", "tasks"),
        UniqueConstraint("organization_id", "task_id", "version"),
        UniqueConstraint("organization_id", "task_id", "id"),
    )

    task_id: Mapped[UUID]
    version: Mapped[int]
    name: Mapped[str]
    type: Mapped[TaskType] = mapped_column(by_value(TaskType))
    services: Mapped[list[Any]]
    regions: Mapped[list[Any]]
    targets: Mapped[Json]
    parameters: Mapped[Json]
    schedule: Mapped[Json]
    on_error: Mapped[OnError] = mapped_column(by_value(OnError))
    after: Mapped[list[Any]] = mapped_column(server_default="[]")
    retry_policy: Mapped[Json | None]
    priority: Mapped[Priority] = mapped_column(by_value(Priority))
    overlap: Mapped[Overlap] = mapped_column(by_value(Overlap))
    misfire_grace_seconds: Mapped[int]
    timeout_seconds: Mapped[int]
    notifications: Mapped[Json]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class TaskTarget(Base):
    """An account that a task names. (A task with a label selector has none: its
    accounts are found at each slot.)"""

    __tablename__ = "task_targets"
    __tenant__ = True
    __table_args__ = (
        belongs_to("task_id", "tasks"),
        belongs_to("aws_account_id", "aws_accounts"),
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    aws_account_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)


class TaskDependency(Base):
    """That a task runs after another one. A chain counts only those that were made
    before its root run, so that it never grows while it runs."""

    __tablename__ = "task_dependencies"
    __tenant__ = True
    __table_args__ = (
        belongs_to("task_id", "tasks"),
        belongs_to("after_task_id", "tasks"),
        Index("ix_task_dependencies_after", "organization_id", "after_task_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    after_task_id: Mapped[UUID] = mapped_column(primary_key=True)
    run_end: Mapped[RunEnd] = mapped_column(by_value(RunEnd))
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
