"""Restores of the database from a backup, and the pulse by which one is noticed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import DATABASE_NOW, Base, Identified, Json


class Restore(Identified, Base):
    """`sign` is what told of it. Until it is resumed nothing is planned and nothing
    begun (`is_paused()` in the database); `counts` are what followed from it."""

    __tablename__ = "restores"
    __table_args__ = (
        Index(
            "one_restore_is_open",
            text("(resumed_at IS NULL)"),
            unique=True,
            postgresql_where=text("resumed_at IS NULL"),
        ),
    )

    noticed_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    noticed_by: Mapped[str]
    sign: Mapped[str]
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[str | None]
    counts: Mapped[Json] = mapped_column(server_default="{}")


class Pulse(Base):
    """The only row: how often the beat said that it is there, and when last, to the
    PostgreSQL of this system identifier. Redis remembers the count by the id."""

    __tablename__ = "pulses"
    __table_args__ = (
        Index("there_is_one_pulse", text("(id IS NOT NULL)"), unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    server: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
