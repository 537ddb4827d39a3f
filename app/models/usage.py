"""What each organization used of its plan, month by month, and what it was told."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import DATABASE_NOW, Base, TenantLeaf, by_value


class Metric(StrEnum):
    """What a plan limits the amount of, by the name of its limit."""

    AWS_ACCOUNTS = "aws_accounts"
    ENABLED_TASKS = "enabled_tasks"
    MEMBERS = "members"
    STORED_RESOURCES = "stored_resources"
    EXECUTIONS = "executions_per_month"
    AWS_CALLS = "aws_calls_per_month"


class UsageMonth(Base):
    """What was used in one calendar month (UTC), named by its first day. Executions
    count when they are recorded, calls when their execution has ended;
    `executions_refused` were not recorded, since the plan had not enough left."""

    __tablename__ = "usage_months"
    __tenant__ = True
    __table_args__ = (
        CheckConstraint(
            "executions >= 0 AND executions_refused >= 0 AND aws_calls >= 0",
            name="counts_up",
        ),
        CheckConstraint("extract(day FROM month) = 1", name="begins_on_its_first_day"),
        # What is used of this month is looked through for all organizations.
        Index("ix_usage_months_month", "month"),
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    month: Mapped[date] = mapped_column(primary_key=True)
    executions: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)
    executions_refused: Mapped[int] = mapped_column(
        BigInteger, server_default="0", default=0
    )
    aws_calls: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)


class UsageWarning(TenantLeaf, Base):
    """That an organization was told of having come to `threshold` percent of a limit of
    its plan: once for each metric, limit, threshold and month."""

    __tablename__ = "usage_warnings"
    __table_args__ = (
        UniqueConstraint("organization_id", "month", "metric", "threshold", "allowed"),
    )

    month: Mapped[date]
    metric: Mapped[Metric] = mapped_column(by_value(Metric))
    threshold: Mapped[int]
    used: Mapped[int] = mapped_column(BigInteger)
    allowed: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
