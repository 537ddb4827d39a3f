"""What was read: scopes, each complete read of one, resources with their versions,
and findings. Rows grow with change, not with runs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    DATABASE_NOW,
    Base,
    Json,
    Tenant,
    TenantPart,
    TenantPartLeaf,
    belongs_to,
    tenant_args,
)


class Scope(Tenant, Base):
    """What one unit reads of one account: kind x operation or check x region. Its row
    is the lock under which reads are merged, and holds the present verdict."""

    __tablename__ = "scopes"
    __table_args__ = tenant_args(
        belongs_to("aws_account_id", "aws_accounts"),
        UniqueConstraint("organization_id", "aws_account_id", "kind", "key", "region"),
    )

    aws_account_id: Mapped[UUID]
    kind: Mapped[str]
    service: Mapped[str]
    region: Mapped[str]
    key: Mapped[str]
    task_id: Mapped[UUID | None]
    execution_id: Mapped[UUID | None]
    as_of: Mapped[datetime | None]
    stale_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
    counts: Mapped[Json] = mapped_column(server_default="{}")
    error: Mapped[Json | None]


class ScopeRead(TenantPart, Base):
    """One complete read of a scope. An unchanged run writes this row and no other. It
    may outlast its execution, as what it read does."""

    __tablename__ = "scope_reads"
    __table_args__ = tenant_args(
        belongs_to("scope_id", "scopes"),
        belongs_to("execution_id", "task_executions"),
        Index("ix_scope_reads_scope", "organization_id", "scope_id", "read_at"),
        Index("ix_scope_reads_execution", "organization_id", "execution_id"),
    )

    scope_id: Mapped[UUID]
    execution_id: Mapped[UUID | None]
    read_at: Mapped[datetime] = mapped_column(server_default=DATABASE_NOW)
    catalog_version: Mapped[str]
    items: Mapped[int]


class Resource(TenantPart, Base):
    """A thing in an AWS account. `gone_at` is set while the last complete read of its
    scope did not hold it."""

    __tablename__ = "resources"
    __table_args__ = tenant_args(
        belongs_to("aws_account_id", "aws_accounts"),
        belongs_to("scope_id", "scopes"),
        UniqueConstraint("organization_id", "scope_id", "type", "identity"),
        Index("ix_resources_account", "organization_id", "aws_account_id", "id"),
        Index("ix_resources_type", "organization_id", "type", "id"),
        Index(
            "ix_resources_gone",
            "organization_id",
            "gone_at",
            postgresql_where=text("gone_at IS NOT NULL"),
        ),
    )

    aws_account_id: Mapped[UUID]
    scope_id: Mapped[UUID]
    service: Mapped[str]
    type: Mapped[str]
    region: Mapped[str]
    identity: Mapped[str]
    arn: Mapped[str | None]
    name: Mapped[str | None]
    state: Mapped[str | None]
    tags: Mapped[Json] = mapped_column(server_default="{}")
    first_seen_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]


def _found_by_read(table: str) -> tuple[Index, Index]:
    """Asked when a read is deleted; ids of reads rise with time, so that what ended
    long ago is found by them, too."""
    return (
        Index(f"ix_{table}_from_read", "organization_id", "from_read"),
        Index(
            f"ix_{table}_until_read",
            "organization_id",
            "until_read",
            postgresql_where=text("until_read IS NOT NULL"),
        ),
    )


class ResourceVersion(TenantPartLeaf, Base):
    """A resource as it was from one read (included) until another (not included)."""

    __tablename__ = "resource_versions"
    __table_args__ = (
        belongs_to("resource_id", "resources"),
        belongs_to("from_read", "scope_reads"),
        belongs_to("until_read", "scope_reads"),
        Index(
            "uq_resource_versions_current",
            "organization_id",
            "resource_id",
            unique=True,
            postgresql_where=text("until_read IS NULL"),
        ),
        Index(
            "ix_resource_versions_history", "organization_id", "resource_id", "from_at"
        ),
        *_found_by_read("resource_versions"),
    )

    resource_id: Mapped[UUID]
    from_read: Mapped[UUID]
    until_read: Mapped[UUID | None]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    content_hash: Mapped[str]
    document: Mapped[Json]


class Finding(TenantPartLeaf, Base):
    """The verdict on one resource, from one read (included) until another (not
    included)."""

    __tablename__ = "findings"
    __table_args__ = (
        belongs_to("scope_id", "scopes"),
        belongs_to("from_read", "scope_reads"),
        belongs_to("until_read", "scope_reads"),
        Index(
            "uq_findings_current",
            "organization_id",
            "scope_id",
            "type",
            "identity",
            unique=True,
            postgresql_where=text("until_read IS NULL"),
        ),
        Index("ix_findings_history", "organization_id", "scope_id", "from_at"),
        Index(
            "ix_findings_verdict",
            "organization_id",
            "verdict",
            "type",
            "identity",
            postgresql_where=text("until_read IS NULL"),
        ),
        *_found_by_read("findings"),
    )

    scope_id: Mapped[UUID]
    type: Mapped[str]
    identity: Mapped[str]
    region: Mapped[str]
    arn: Mapped[str | None]
    name: Mapped[str | None]
    verdict: Mapped[str]
    reason: Mapped[str]
    facts: Mapped[Json]
    content_hash: Mapped[str]
    from_read: Mapped[UUID]
    until_read: Mapped[UUID | None]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
