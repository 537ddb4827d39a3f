"""People: users, how they sign in, their sessions, and the tokens mailed to them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import DATABASE_NOW, Base, Identified, by_value


class User(Identified, Base):
    """A person. `email` is stored in lower case and is unique. A password of few
    characters needs the second factor beside it. `timezone` is null until it is said.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint(
            "mfa_enabled_at IS NOT NULL OR NOT password_needs_mfa",
            name="short_password_needs_mfa",
        ),
    )

    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    email_verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    disabled_at: Mapped[datetime | None]
    erasure_asked_at: Mapped[datetime | None]
    timezone: Mapped[str | None]
    mfa_enabled_at: Mapped[datetime | None]
    password_needs_mfa: Mapped[bool] = mapped_column(server_default="false")
    # Where its one trial of a plan was offered. No foreign key: that organization may
    # be gone, and the trial with it.
    trial_organization_id: Mapped[UUID | None]


class UserIdentity(Identified, Base):
    """One way to sign in: `password` now, an identity provider later."""

    __tablename__ = "user_identities"
    __table_args__ = (UniqueConstraint("provider", "subject"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    provider: Mapped[str]
    subject: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class SpentTrial(Base):
    """That whoever had an address had its one trial: `key` is an HMAC of the address,
    and outlives the person's erasure."""

    __tablename__ = "spent_trials"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class UserSession(Identified, Base):
    """One signed-in browser or client. The refresh token rotates: `generation` counts
    its successors, `token_hash` is the present one's. Its user last proved at
    `proved_at` who it is."""

    __tablename__ = "user_sessions"
    __table_args__ = (
        Index("ix_user_sessions_token_hash", "token_hash", unique=True),
        Index(
            "ix_user_sessions_previous_token_hash",
            "previous_token_hash",
            unique=True,
            postgresql_where=text("previous_token_hash IS NOT NULL"),
        ),
        Index("ix_user_sessions_expires_at", "expires_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    generation: Mapped[int] = mapped_column(default=0)
    token_hash: Mapped[bytes]
    previous_token_hash: Mapped[bytes | None]
    rotated_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    user_agent: Mapped[str | None]
    address: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    proved_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]


class EmailTokenPurpose(StrEnum):
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 — a purpose, not a password


class EmailToken(Identified, Base):
    """A single-use token sent by mail; only its hash is stored."""

    __tablename__ = "email_tokens"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_email_tokens_expires_at", "expires_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[EmailTokenPurpose] = mapped_column(by_value(EmailTokenPurpose))
    token_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
