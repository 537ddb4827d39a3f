"""What was erased: the id of an organization or person, and how much, no more."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import DATABASE_NOW, Base, Identified, Json


class Erasure(Identified, Base):
    """`id` is the organization's or user's; `counts` are rows by table, and `objects`,
    which are stored files. Not finished: to be gone on with."""

    __tablename__ = "erasures"

    started_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    finished_at: Mapped[datetime | None]
    counts: Mapped[Json] = mapped_column(server_default="{}")
