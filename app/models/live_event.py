"""What the event stream tells: one row for each statement that changed something, of
each account and kind."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import DATABASE_NOW, Base, Json, belongs_to, by_value


class EventKind(StrEnum):
    EXECUTION = "execution.changed"
    UNIT = "unit.changed"
    PROBLEM = "problem.changed"
    CREDENTIALS = "credentials.changed"
    RESOURCES = "resources.changed"


class LiveEvent(Base):
    """A change, written by a trigger in the transaction of the change. `xid` is that
    transaction's id: rows are read once no older transaction can still add some, in
    the order of `xid` and `id`. `id` alone is the order of the changes themselves."""

    __tablename__ = "live_events"
    __tenant__ = True
    __table_args__ = (
        belongs_to("aws_account_id", "aws_accounts"),
        Index("ix_live_events_order", "xid", "id"),
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    xid: Mapped[int] = mapped_column(
        BigInteger,
        primary_key=True,
        server_default=text("pg_current_xact_id()::text::bigint"),
    )
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=False), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    kind: Mapped[EventKind] = mapped_column(by_value(EventKind))
    aws_account_id: Mapped[UUID | None]
    facts: Mapped[Json]
