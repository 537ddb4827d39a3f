"""A person's second factor: the app that shows its codes, and codes for the day on
which that app is lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import DATABASE_NOW, Base, Identified


class Authenticator(Identified, Base):
    """The secret that a user's app makes codes from, encrypted. It counts once
    `users.mfa_enabled_at` is set; until then it waits for its first code.

    `last_step` is the time step of the last code accepted: no older one is. After
    `wrong_codes` in a row none is accepted before `wait_until`.
    """

    __tablename__ = "authenticators"
    __table_args__ = (UniqueConstraint("user_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    key_id: Mapped[str]
    wrapped_key: Mapped[bytes]
    ciphertext: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    wrong_codes: Mapped[int] = mapped_column(server_default="0")
    wait_until: Mapped[datetime | None]


class RecoveryCode(Identified, Base):
    """Works once instead of the app's code; only its hash is stored."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    code_hash: Mapped[bytes]
    used_at: Mapped[datetime | None]
