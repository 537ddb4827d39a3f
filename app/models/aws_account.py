"""AWS accounts, the ways into them, and the only place of their ciphertext."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    DATABASE_NOW,
    Base,
    Json,
    Tenant,
    TenantLeaf,
    belongs_to,
    by_value,
    tenant_args,
)


class AWSAccount(Tenant, Base):
    """An account of the customer's: it owns inventory, health, labels and exclusions,
    and outlives every connection to it. Since `paused_at` the plan allows no work on
    it."""

    __tablename__ = "aws_accounts"
    __table_args__ = tenant_args(
        UniqueConstraint("organization_id", "account_id"),
        CheckConstraint("account_id ~ '^[0-9]{12}$'", name="account_id_has_12_digits"),
        CheckConstraint("partition = 'aws'", name="partition_is_aws"),
        CheckConstraint("connected OR paused_at IS NULL", name="paused_is_connected"),
        Index("ix_aws_accounts_labels", "labels", postgresql_using="gin"),
        Index(
            "ix_aws_accounts_paused",
            "organization_id",
            postgresql_where=text("paused_at IS NOT NULL"),
        ),
    )

    account_id: Mapped[str]
    partition: Mapped[str] = mapped_column(server_default="aws")
    name: Mapped[str]
    labels: Mapped[Json] = mapped_column(server_default="{}")
    exclusions: Mapped[list[Any]] = mapped_column(server_default="[]")
    connected: Mapped[bool] = mapped_column(server_default=text("true"))
    paused_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)


class CredentialsKind(StrEnum):
    ROLE = "role"
    ACCESS_KEY = "access_key"


class CredentialsPurpose(StrEnum):
    READ = "read"
    WRITE = "write"


class CredentialsStatus(StrEnum):
    PENDING = "pending"
    VERIFIED = "verified"
    FAILED = "failed"
    REFUSED = "refused"
    DELETED = "deleted"


class AWSCredentials(Tenant, Base):
    """One way into an account. Only `verified` runs. A role's account is in its ARN,
    an access key's is known once it is verified. While a new version of a key waits for
    that, runs go on by its `verified_version`. When the key was made is IAM's word,
    if it gave one; `key_warned_at` is when somebody was told that it is old."""

    __tablename__ = "aws_credentials"
    __table_args__ = tenant_args(
        belongs_to("aws_account_id", "aws_accounts"),
        CheckConstraint(
            "(kind = 'role') = (role_arn IS NOT NULL)", name="role_has_arn"
        ),
        CheckConstraint(
            "(status = 'deleted') = (deleted_at IS NOT NULL)", name="deleted_at_is_set"
        ),
        Index(
            "uq_aws_credentials_organization_id_name",
            "organization_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    name: Mapped[str]
    kind: Mapped[CredentialsKind] = mapped_column(by_value(CredentialsKind))
    purpose: Mapped[CredentialsPurpose] = mapped_column(by_value(CredentialsPurpose))
    status: Mapped[CredentialsStatus] = mapped_column(
        by_value(CredentialsStatus), default=CredentialsStatus.PENDING
    )
    reason: Mapped[str | None]
    aws_account_id: Mapped[UUID | None] = mapped_column(index=True)
    role_arn: Mapped[str | None]
    access_key_last4: Mapped[str | None]
    access_key_fingerprint: Mapped[str | None]
    current_version: Mapped[int] = mapped_column(default=1)
    verified_version: Mapped[int | None]
    key_stored_at: Mapped[datetime | None]
    key_created_at: Mapped[datetime | None]
    key_warned_at: Mapped[datetime | None]
    checks: Mapped[list[Any]] = mapped_column(server_default="[]")
    preflight: Mapped[Json | None]
    error: Mapped[Json | None]
    verified_at: Mapped[datetime | None]
    verify_requested_at: Mapped[datetime | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    deleted_at: Mapped[datetime | None]


class AWSCredentialVersion(TenantLeaf, Base):
    """The ciphertext of one version of an access key. The API may only INSERT here."""

    __tablename__ = "aws_credential_versions"
    __table_args__ = (
        belongs_to("credentials_id", "aws_credentials"),
        UniqueConstraint("organization_id", "credentials_id", "version"),
    )

    credentials_id: Mapped[UUID]
    version: Mapped[int]
    key_id: Mapped[str]
    wrapped_key: Mapped[bytes]
    ciphertext: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
