"""Notices: each thing that happened and may be told, until it is routed and after."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.notice import NoticeEvent
from app.models.base import (
    DATABASE_NOW,
    Base,
    Json,
    TenantLeaf,
    belongs_to,
    by_value,
)


class RecordedNotice(TenantLeaf, Base):
    """Written by a trigger in the transaction of what happened, which is why it cannot
    be forgotten. `number` is the order: what happened after something was committed has
    a greater one. `facts` are those that the rows it names no longer hold later;
    the rows themselves may be deleted before it. What could not be routed is tried
    again after `route_after`, and is set aside after so many tries; `routing_error` is
    the last try's (app/services/unroutable.py)."""

    __tablename__ = "notices"
    __table_args__ = (
        belongs_to("aws_account_id", "aws_accounts"),
        Index(
            "ix_notices_unrouted",
            "organization_id",
            "number",
            postgresql_where=text("routed_at IS NULL AND set_aside_at IS NULL"),
        ),
        Index(
            "ix_notices_problem",
            *("organization_id", "problem_id", "task_id"),
            postgresql_where=text("problem_id IS NOT NULL"),
        ),
        Index(
            "ix_notices_credentials",
            "organization_id",
            text("(facts ->> 'credentials_id')"),
            "number",
            postgresql_where=text(
                "event IN ('credentials.invalid', 'credentials.recovered')"
            ),
        ),
        Index(
            "ix_notices_set_aside",
            "organization_id",
            "number",
            postgresql_where=text("set_aside_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(
        primary_key=True, server_default=text("new_notice_id()")
    )
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=False))
    at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    event: Mapped[NoticeEvent] = mapped_column(by_value(NoticeEvent))
    aws_account_id: Mapped[UUID | None]
    task_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    execution_id: Mapped[UUID | None]
    problem_id: Mapped[UUID | None]
    facts: Mapped[Json] = mapped_column(server_default="{}")
    routed_at: Mapped[datetime | None]
    routing_tries: Mapped[int] = mapped_column(server_default="0", default=0)
    routing_error: Mapped[str | None]
    route_after: Mapped[datetime | None]
    set_aside_at: Mapped[datetime | None]


class NoticeWant(Base):
    """That an organization wants to be told of an event that is too frequent to be
    written down for everybody. Those of problems, credentials, subscriptions and
    channels are always written."""

    __tablename__ = "notice_wants"
    __tenant__ = True

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    event: Mapped[NoticeEvent] = mapped_column(by_value(NoticeEvent), primary_key=True)
