"""Which notices people want to be told of, by which channels and when; what is silent
for a while; and what a rule has told of and watches on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    DATABASE_NOW,
    Base,
    Json,
    Tenant,
    TenantLeaf,
    belongs_to,
    tenant_args,
)


class NotificationRule(Tenant, Base):
    """What is told of what, and when (app/services/decisions/routing.py). `wants` are
    the events that must be written down for it."""

    __tablename__ = "notification_rules"
    __table_args__ = tenant_args(
        Index(
            "uq_notification_rules_organization_id_name",
            "organization_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    name: Mapped[str]
    enabled: Mapped[bool]
    events: Mapped[list[Any]]
    wants: Mapped[list[Any]]
    filters: Mapped[Json]
    after: Mapped[int | None]
    delay_seconds: Mapped[int]
    repeat_seconds: Mapped[int | None]
    recovery: Mapped[bool]
    digest: Mapped[Json | None]
    quiet_hours: Mapped[Json | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    deleted_at: Mapped[datetime | None]


class NotificationRuleChannel(Base):
    """That a rule tells a channel."""

    __tablename__ = "notification_rule_channels"
    __tenant__ = True
    __table_args__ = (
        belongs_to("rule_id", "notification_rules"),
        belongs_to("channel_id", "notification_channels"),
        Index("ix_notification_rule_channels_channel", "organization_id", "channel_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(primary_key=True)


class NotificationMute(TenantLeaf, Base):
    """That one task, account, problem, channel or rule is not told of, or by, until
    then. `created_by` is null where a service key did it."""

    __tablename__ = "notification_mutes"
    __table_args__ = (
        belongs_to("task_id", "tasks"),
        belongs_to("aws_account_id", "aws_accounts"),
        belongs_to("problem_id", "problems", ondelete="CASCADE"),
        belongs_to("channel_id", "notification_channels"),
        belongs_to("rule_id", "notification_rules"),
        CheckConstraint(
            "num_nonnulls(task_id, aws_account_id, problem_id, channel_id, rule_id)"
            " = 1",
            name="mutes_one_thing",
        ),
        Index("ix_notification_mutes_until", "organization_id", "until"),
        Index("ix_notification_mutes_problem", "organization_id", "problem_id"),
    )

    task_id: Mapped[UUID | None]
    aws_account_id: Mapped[UUID | None]
    problem_id: Mapped[UUID | None]
    channel_id: Mapped[UUID | None]
    rule_id: Mapped[UUID | None]
    until: Mapped[datetime]
    reason: Mapped[str | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class NotificationWatch(Base):
    """What a rule knows of one thing that goes on: a problem, or a task on an account
    (`subject`). Its notice may be purged before it ends. It `is_owed` where a mute took
    away what was entered of it."""

    __tablename__ = "notification_watches"
    __tenant__ = True
    __table_args__ = (
        belongs_to("rule_id", "notification_rules"),
        belongs_to("problem_id", "problems", ondelete="CASCADE"),
        Index(
            "ix_notification_watches_due_at",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index("ix_notification_watches_subject", "organization_id", "subject"),
        Index("ix_notification_watches_problem", "organization_id", "problem_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    problem_id: Mapped[UUID | None]
    count: Mapped[int]
    notice_id: Mapped[UUID | None]
    since: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    is_owed: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
