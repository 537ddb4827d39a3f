"""Runs of a task, their executions per account, and the units that those read."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.ids import new_id
from app.core.queue import Priority
from app.models.base import (
    DATABASE_NOW,
    Base,
    Json,
    TenantPart,
    TenantPartLeaf,
    belongs_to,
    belongs_with_task,
    by_value,
    tenant_args,
)
from app.models.task import ActionKind


class Status(StrEnum):
    """Of runs and executions."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class UnitStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_ATTEMPTED = "not_attempted"
    NOT_APPLICABLE = "not_applicable"


class Trigger(StrEnum):
    SCHEDULE = "schedule"
    MANUAL = "manual"
    CHAINED = "chained"


# Whether calls were paced with all workers together, or each by its share of the rate.
PACING = "pacing IN ('shared', 'local')"


class TaskRun(TenantPart, Base):
    """One slot, one manual start or one chained start of one version of a task. A gap
    record is a skipped run with `scheduled_until` and the number of its slots. A
    chained run names the root of its chain, a root names none; one by hand that runs a
    slot again is `as_scheduled`."""

    __tablename__ = "task_runs"
    __table_args__ = tenant_args(
        belongs_with_task("task_version_id", "task_versions"),
        belongs_to("root_run_id", "task_runs"),
        UniqueConstraint("organization_id", "task_id", "scheduled_for"),
        # Pages of a task's runs are read by it, too.
        UniqueConstraint("organization_id", "task_id", "id"),
        CheckConstraint(
            "(trigger = 'schedule') = (scheduled_for IS NOT NULL)", name="slot_is_named"
        ),
        CheckConstraint(
            "(trigger = 'chained') = (root_run_id IS NOT NULL)", name="chain_has_a_root"
        ),
        CheckConstraint("slots >= 1", name="slots_are_counted"),
        Index(
            "uq_task_runs_organization_id_root_run_id_task_id",
            "organization_id",
            "root_run_id",
            "task_id",
            unique=True,
            postgresql_where=text("root_run_id IS NOT NULL"),
        ),
        Index(
            "ix_task_runs_unfinished",
            "organization_id",
            "task_id",
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
    )

    task_id: Mapped[UUID]
    task_version_id: Mapped[UUID]
    root_run_id: Mapped[UUID | None]
    trigger: Mapped[Trigger] = mapped_column(by_value(Trigger))
    as_scheduled: Mapped[bool] = mapped_column(server_default="false", default=False)
    scheduled_for: Mapped[datetime | None]
    scheduled_until: Mapped[datetime | None]
    slots: Mapped[int] = mapped_column(default=1)
    status: Mapped[Status] = mapped_column(by_value(Status), default=Status.QUEUED)
    reason: Mapped[str | None]
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    finished_at: Mapped[datetime | None]


class TaskExecution(TenantPart, Base):
    """A run on one account. Whoever holds the lease with the present fence may write;
    once finished it never changes."""

    __tablename__ = "task_executions"
    __table_args__ = tenant_args(
        belongs_with_task("run_id", "task_runs"),
        belongs_to("aws_account_id", "aws_accounts"),
        UniqueConstraint("organization_id", "run_id", "aws_account_id"),
        Index("ix_task_executions_task", "organization_id", "task_id", "id"),
        Index(
            "ix_task_executions_waiting",
            "kind",
            "organization_id",
            "priority",
            text("coalesce(not_before, created_at)"),
            "id",
            postgresql_where=text("status = 'queued'"),
        ),
        Index(
            "ix_task_executions_lease_until",
            "lease_until",
            postgresql_where=text("status = 'running'"),
        ),
        Index(
            "task_is_at_work_once",
            "organization_id",
            "task_id",
            "aws_account_id",
            unique=True,
            postgresql_where=text("status = 'running'"),
        ),
    )

    task_id: Mapped[UUID]
    run_id: Mapped[UUID]
    aws_account_id: Mapped[UUID]
    kind: Mapped[ActionKind] = mapped_column(by_value(ActionKind))
    priority: Mapped[Priority] = mapped_column(by_value(Priority))
    status: Mapped[Status] = mapped_column(by_value(Status), default=Status.QUEUED)
    reason: Mapped[str | None]
    fence: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    retry_no: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    hinted_at: Mapped[datetime | None]
    effect_started_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    timeout_seconds: Mapped[int]
    deadline: Mapped[datetime | None]
    error: Mapped[Json | None]
    catalog_version: Mapped[str | None]
    application_version: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ExecutionUnit(TenantPart, Base):
    """Region x service x operation or check: the atom of "no fallback"."""

    __tablename__ = "execution_units"
    __table_args__ = tenant_args(
        belongs_to("execution_id", "task_executions"),
        UniqueConstraint("organization_id", "execution_id", "kind", "key", "region"),
        CheckConstraint(PACING, name="pacing_is_known"),
    )

    execution_id: Mapped[UUID]
    kind: Mapped[str]
    service: Mapped[str]
    region: Mapped[str]
    key: Mapped[str]
    status: Mapped[UnitStatus] = mapped_column(
        by_value(UnitStatus), default=UnitStatus.PENDING
    )
    reason: Mapped[str | None]
    verdict: Mapped[str | None]
    counts: Mapped[Json] = mapped_column(server_default="{}")
    calls: Mapped[int] = mapped_column(default=0)
    retries: Mapped[int] = mapped_column(default=0)
    throttled: Mapped[int] = mapped_column(server_default="0", default=0)
    pacing: Mapped[str | None]
    answers: Mapped[Json | None]
    error: Mapped[Json | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class TaskResult(TenantPartLeaf, Base):
    """What an execution found: verdict, counts and coverage."""

    __tablename__ = "task_results"
    __table_args__ = (
        belongs_to("execution_id", "task_executions"),
        UniqueConstraint("organization_id", "execution_id"),
        CheckConstraint(PACING, name="pacing_is_known"),
    )

    execution_id: Mapped[UUID]
    verdict: Mapped[str | None]
    counts: Mapped[Json]
    coverage: Mapped[Json]
    calls: Mapped[int]
    retries: Mapped[int]
    throttled: Mapped[int] = mapped_column(server_default="0", default=0)
    pacing: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class ExecutionEvent(Base):
    """One thing that happened to an execution, append-only. A database trigger writes
    every change of status."""

    __tablename__ = "execution_events"
    __tenant__ = True
    __table_args__ = (
        belongs_to("execution_id", "task_executions"),
        Index("ix_execution_events_execution", "organization_id", "execution_id", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True, server_default=DATABASE_NOW)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    execution_id: Mapped[UUID]
    kind: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    fence: Mapped[int]
    actor: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
