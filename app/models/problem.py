"""Problems: failures with the same fingerprint, counted as one."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Json, Tenant, belongs_to, by_value, tenant_args


class ProblemStatus(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Problem(Tenant, Base):
    """One cause (account, category, code, missing action) and how often it struck."""

    __tablename__ = "problems"
    __table_args__ = tenant_args(
        belongs_to("aws_account_id", "aws_accounts"),
        belongs_to("last_execution_id", "task_executions"),
        Index(
            "uq_problems_unclosed",
            "organization_id",
            "fingerprint",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_problems_last_execution", "organization_id", "last_execution_id"),
    )

    aws_account_id: Mapped[UUID]
    fingerprint: Mapped[str]
    category: Mapped[str]
    code: Mapped[str]
    missing_action: Mapped[str | None]
    status: Mapped[ProblemStatus] = mapped_column(by_value(ProblemStatus))
    count: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    last_execution_id: Mapped[UUID]
    error: Mapped[Json]
    note: Mapped[str | None]
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None]
