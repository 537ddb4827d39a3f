"""The tenant: organizations, their members and their API keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.permissions import Role
from app.models.base import (
    DATABASE_NOW,
    Base,
    Identified,
    Json,
    Tenant,
    TenantLeaf,
    belongs_to,
    by_value,
    tenant_args,
)


class Organization(Identified, Base):
    """A tenant. `aws_external_id` is what its customer roles must ask for: made by
    us, never changed, never accepted in a request. `deletion_due_at` is when it will
    be deleted, `deleted_at` when its people and tasks were stopped for that. With
    `mfa_required` it is for members with a second factor only."""

    __tablename__ = "organizations"
    __table_args__ = (UniqueConstraint("aws_external_id"),)

    name: Mapped[str]
    aws_external_id: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    deletion_due_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    mfa_required: Mapped[bool] = mapped_column(server_default="false")


class Member(Tenant, Base):
    """A user in an organization; `label_scope` limits it to accounts that carry the
    labels, null is no limit."""

    __tablename__ = "members"
    __table_args__ = tenant_args(
        Index(
            "uq_members_organization_id_user_id",
            "organization_id",
            "user_id",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[Role] = mapped_column(by_value(Role))
    label_scope: Mapped[Json | None]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    removed_at: Mapped[datetime | None]


class Invitation(TenantLeaf, Base):
    """A place offered to who reads the mails of an address; what the member will be.
    Open until it is accepted, withdrawn, or has expired."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index(
            "uq_invitations_open",
            "organization_id",
            "email",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
        Index("ix_invitations_expires_at", "expires_at"),
        belongs_to("invited_by", "members"),
    )

    email: Mapped[str]
    role: Mapped[Role] = mapped_column(by_value(Role))
    label_scope: Mapped[Json | None]
    member_expires_at: Mapped[datetime | None]
    invited_by: Mapped[UUID]
    token_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class APIKey(Tenant, Base):
    """A key of a member, or (without one) of the organization itself, which may what
    its maker's `role` may. It is never changed, only revoked."""

    __tablename__ = "api_keys"
    __table_args__ = tenant_args(
        UniqueConstraint("prefix"),
        belongs_to("member_id", "members"),
        CheckConstraint(
            "(member_id IS NULL) = (role IS NOT NULL)", name="has_member_or_role"
        ),
    )

    name: Mapped[str]
    prefix: Mapped[str]
    secret_hash: Mapped[bytes]
    member_id: Mapped[UUID | None]
    role: Mapped[Role | None] = mapped_column(by_value(Role))
    scopes: Mapped[list[Any]]
    label_scope: Mapped[Json | None]
    allowed_addresses: Mapped[list[Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
