"""Brings many rows into the transaction at once: spooled while AWS is asked, then one
COPY into a temporary table, from where set-based statements take them. (COPY into a
table with row-level security is refused by PostgreSQL, which is right.)"""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    MetaData,
    String,
    Table,
    Uuid,
    delete,
    func,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable

from app.aws.errors import AWSServiceError, AWSServiceLimitError, error
from app.aws.unit import Unit
from app.core.db import driver_of

IN_MEMORY = 4 * 1024 * 1024  # bytes; what is more goes into a file without a name
MOST_BYTES = 1024 * 1024 * 1024  # of one unit
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))

FEW = 1_000  # rows that the planner may guess about
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
Thing = TypeVar("Thing")


def _temporary(name: str, /, **columns: Any) -> Table:
    """A table that each connection has for itself, empty when a transaction begins. It
    outlives the transaction, for to make and drop it for each unit would swell the
    system's catalogue; so its name says which columns it has."""
    definition = " ".join(f"{one} {kind!r}" for one, kind in columns.items())
    return Table(
        f"{name}_{zlib.crc32(definition.encode()):08x}",
        MetaData(),
        *(Column(one, kind) for one, kind in columns.items()),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DELETE ROWS",
    )


STAGED_ITEMS = _temporary(
    "staged_items",
    resource_id=Uuid(),  # of a new resource
    version_id=Uuid(),
    type=String(),
    identity=String(),
    region=String(),
    arn=String(),
    name=String(),
    state=String(),
    tags=JSONB(),
    content_hash=String(),
    document=JSONB(),
)

STAGED_FINDINGS = _temporary(
    "staged_findings",
    id=Uuid(),
    type=String(),
    identity=String(),
    region=String(),
    arn=String(),
    name=String(),
    verdict=String(),
    reason=String(),
    facts=JSONB(),
    content_hash=String(),
)

# What becomes of each thing of a scope, known or staged; `id` is that of its row.
FATES = _temporary(
    "fates",
    id=Uuid(),
    type=String(),
    identity=String(),
    fate=String(),
    is_told_otherwise=Boolean(),
)


class Spool(Generic[Thing]):
    """What one unit reads, page by page, as the lines that COPY takes. Memory is
    bounded: beyond a few MiB it is a file that nobody else can open and that is gone
    with the process. Filled by one thread, read when it is complete."""

    def __init__(
        self,
        table: Table,
        row: Callable[[Thing], tuple[Any, ...]],
        *,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.table = table
        self.rows = 0
        self._row = row
        self._most_bytes = most_bytes
        self._file = SpooledTemporaryFile[bytes](max_size=IN_MEMORY)

    def __enter__(self) -> "Spool[Thing]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, things: Iterable[Thing]) -> None:
        """Append a page. Raises SpoolFull where the unit holds more than it may."""
        for thing in things:
            self._file.write(_line(self._row(thing)))
            self.rows += 1
        if self._file.tell() > self._most_bytes:
            raise SpoolFull(self._most_bytes)

    def source(self) -> Any:
        """The file, from its beginning."""
        self._file.seek(0)
        return self._file


class SpoolFull(Exception):
    """One unit found more than can be taken in at once."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"more than {most_bytes // 1024**2:,} MiB of documents")

    def as_error(self, *, service: str, operation: str, region: str) -> Exception:
        """The same, categorised for the unit."""
        return error(
            AWSServiceLimitError,
            code="unit_too_large",
            message=f"{operation} answered {self}",
            service=service,
            operation=operation,
            region=region,
            phase="read",
            advice="Exclude this operation, or ask for it in a task of its own.",
        )


def _line(values: tuple[Any, ...]) -> bytes:
    """A row in COPY's text format."""
    return ("\t".join(map(_field, values)) + "\n").encode()


def _field(value: Any) -> str:
    if value is None:
        return "\\N"
    escaped = str(value)
    for special, escape in _ESCAPES:
        escaped = escaped.replace(special, escape)
    return escaped


async def stage(session: AsyncSession, spool: Spool[Any]) -> None:
    """Make what was spooled the content of its temporary table until the transaction
    ends."""
    # SQLAlchemy would forget all prepared statements at each definition of a table.
    driver = await driver_of(session)
    await driver.execute(_prepared(spool.table))
    if spool.rows:
        await driver.copy_to_table(
            spool.table.name,
            source=spool.source(),
            columns=[column.name for column in spool.table.columns],
            encoding="utf-8",
        )
    await let_planner_know(session, spool.table, spool.rows)


async def let_planner_know(session: AsyncSession, table: Table, rows: int) -> None:
    """Without statistics of many rows just written it would join them one by one, or
    by a plan that it made for a few and kept."""
    if rows > FEW:
        await (await driver_of(session)).execute(f"ANALYZE {table.name}")


@cache
def _prepared(table: Table) -> str:
    """What makes the tables ready for a unit, in one round trip."""
    made = (CreateTable(one, if_not_exists=True) for one in (table, FATES))
    emptied = (delete(one) for one in (table, FATES))
    texts = [str(one.compile(dialect=_DIALECT)) for one in (*made, *emptied)]
    return "; ".join(texts)


async def refuse_doubles(session: AsyncSession, spool: Spool[Any], unit: Unit) -> None:
    """Raise AWSServiceError `hostile_or_oversized` for a thing that came twice: the
    last is not better."""
    if spool.rows <= 1:
        return
    key = (spool.table.c.type, spool.table.c.identity)
    double = (
        await session.execute(
            select(*key).group_by(*key).having(func.count() > 1).limit(1)
        )
    ).one_or_none()
    if double is not None:
        raise error(
            AWSServiceError,
            code="hostile_or_oversized",
            message=f"The {double.type} {double.identity!r} was listed twice",
            service=unit.service,
            operation=unit.key.partition(":")[2],
            region=unit.region,
            phase="read",
        )


def as_json(document: Mapping[str, Any]) -> str:
    """The text that a JSONB column of a record takes."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False)
