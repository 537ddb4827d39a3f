"""What every table shares: ids, constraint names, enums by value, and the tenant's
composite keys."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
)

from app.core.ids import new_id

Json = dict[str, Any]
DATABASE_NOW = text("app_now()")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        # Python's None is SQL's NULL, not JSON's null, which `IS NULL` would not find.
        Json: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
    }


def by_value(enum: type[StrEnum]) -> Enum:
    """A text column that holds the enum's values, kept to them by a check."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=32,
        name=enum.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class Identified:
    """A table that belongs to no tenant."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class Tenant:
    """A tenant's table that others point at: `(organization_id, id)` is unique so
    that foreign keys can carry the tenant."""

    __tenant__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))


class TenantLeaf:
    """A tenant's table that nothing points at: the key itself begins with the
    tenant."""

    __tenant__ = True

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), primary_key=True
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class TenantPart(Tenant):
    """A tenant's table with many rows that each belong to a parent, which is never null
    and whose key carries the tenant: that the tenant exists is not checked again."""

    organization_id: Mapped[UUID] = mapped_column()


class TenantPartLeaf(TenantLeaf):
    """The same, where nothing points at it."""

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)


def belongs_to(column: str, table: str, **options: Any) -> ForeignKeyConstraint:
    """A foreign key that carries the tenant: a plain one would accept another
    tenant's row, row-level security or not."""
    return ForeignKeyConstraint(
        ["organization_id", column],
        [f"{table}.organization_id", f"{table}.id"],
        **options,
    )


def belongs_with_task(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that carries the tenant and the task: the row that is pointed at is
    of the same task, which exists because that row does."""
    return ForeignKeyConstraint(
        ["organization_id", "task_id", column],
        [f"{table}.organization_id", f"{table}.task_id", f"{table}.id"],
    )


def tenant_args(*extra: Any) -> tuple[Any, ...]:
    """`__table_args__` of a `Tenant` table, with the constraints of its own."""
    return (UniqueConstraint("organization_id", "id"), *extra)
