"""How much an organization has of what its plan limits: counted by the database."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, by_value


class CountedMetric(StrEnum):
    """What is kept, by the name of its limit in `subscription_plans.limits`."""

    AWS_ACCOUNTS = "aws_accounts"
    ENABLED_TASKS = "enabled_tasks"
    MEMBERS = "members"
    STORED_RESOURCES = "stored_resources"


class UsageCount(Base):
    """Written by triggers on the counted tables, that of resources by the reads that
    find them, and by nobody else: its row is the lock under which an organization
    grows. Accounts that are paused, tasks that are disabled, members who were removed
    and resources that are gone do not count."""

    __tablename__ = "usage_counts"
    __tenant__ = True
    __table_args__ = (CheckConstraint("value >= 0", name="value_is_not_negative"),)

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    metric: Mapped[CountedMetric] = mapped_column(
        by_value(CountedMetric), primary_key=True
    )
    value: Mapped[int] = mapped_column(BigInteger)
