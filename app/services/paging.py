"""Keyset pages: `?limit=&cursor=` → items and the next cursor, at the same cost on
every page."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, bindparam, tuple_
from sqlalchemy import Row as Columns
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core.db import execute
from app.core.errors import FieldError, InvalidCursor

MAX_LIMIT = 200
DEFAULT_LIMIT = 50

Row = TypeVar("Row")
Columnar = TypeVarTuple("Columnar")


@dataclass(frozen=True, slots=True)
class Page:
    """What a client asked for: at most `limit` items after `cursor`."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    items: Sequence[Row]
    next_cursor: str | None


async def paginate(
    session: AsyncSession,
    statement: Select[Row],
    page: Page,
    *,
    by: Sequence[InstrumentedAttribute[Any]],
    descending: bool = True,
) -> Slice[Row]:
    """One page of `statement`, ordered by the columns `by` (unique together)."""
    statement = _page(statement, page, by, descending=descending)
    return _slice((await session.scalars(statement)).all(), page, by)


async def paginate_first(
    session: AsyncSession,
    rows: Select[Any],
    page: Page,
    *,
    by: Sequence[InstrumentedAttribute[Any]],
    described: Callable[[Any], Select[Row]],
) -> Slice[Row]:
    """One page of an entity's `rows`, the newest first, as `described` shows the entity
    that it is given. The page is found before anything is joined to it: the database
    guesses badly how much belongs together, and would join all there is to take 50."""
    statement = _described(_page(rows, page, by, descending=True), by, described)
    return _slice((await session.scalars(statement)).all(), page, by)


class Prepared:
    """The same of an entity whose pages are asked for most: the statements are built
    once, which each time costs more than to read them. `described` selects columns."""

    def __init__(
        self,
        rows: Select[Any],
        *,
        by: Sequence[InstrumentedAttribute[Any]],
        described: Callable[[Any], Select[*tuple[Any, ...]]],
    ) -> None:
        self._by = by
        last = [bindparam(f"last_{column.key}", type_=column.type) for column in by]
        newest = rows.order_by(*(column.desc() for column in by)).limit(
            bindparam("limit", type_=Integer)
        )
        following = newest.where(tuple_(*by) < tuple_(*last))
        self._first = _described(newest, by, described)
        self._next = _described(following, by, described)

    async def page(
        self, session: AsyncSession, page: Page, **values: object
    ) -> Slice[Columns[Any]]:
        """`values` are of the statement's own parameters."""
        statement, asked = self._first, {**values, "limit": page.limit + 1}
        if page.cursor is not None:
            statement = self._next
            last = zip(self._by, _last_of(page.cursor, self._by), strict=True)
            asked |= {f"last_{column.key}": value for column, value in last}
        rows = (await execute(session, statement, asked)).all()
        return _slice(rows, page, self._by)


def _page(
    statement: Select[*Columnar],
    page: Page,
    by: Sequence[InstrumentedAttribute[Any]],
    *,
    descending: bool,
) -> Select[*Columnar]:
    order = [column.desc() if descending else column.asc() for column in by]
    statement = statement.order_by(*order).limit(page.limit + 1)
    if page.cursor is None:
        return statement
    return statement.where(_after(page.cursor, by, descending=descending))


def _described(
    page: Select[Any],
    by: Sequence[InstrumentedAttribute[Any]],
    described: Callable[[Any], Select[*Columnar]],
) -> Select[*Columnar]:
    entity = aliased(by[0].class_, page.subquery())
    return described(entity).order_by(*(getattr(entity, key.key).desc() for key in by))


def _slice(
    rows: Sequence[Row], page: Page, by: Sequence[InstrumentedAttribute[Any]]
) -> Slice[Row]:
    items = rows[: page.limit]
    if len(rows) <= page.limit:
        return Slice(items, None)
    return Slice(items, cursor_after([getattr(items[-1], key.key) for key in by]))


def _after(
    cursor: str, by: Sequence[InstrumentedAttribute[Any]], *, descending: bool
) -> ColumnElement[bool]:
    key = tuple_(*by)
    last = tuple_(*_last_of(cursor, by))
    return key < last if descending else key > last


def _last_of(cursor: str, by: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    return _decode(cursor, [column.type.python_type for column in by])


def cursor_after(values: Sequence[object]) -> str:
    """Of the row with these values of the columns that order the pages."""
    text = json.dumps([str(value) for value in values])
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _decode(cursor: str, types: Sequence[type]) -> list[Any]:
    parsers: dict[type, Any] = {
        UUID: UUID,
        datetime: datetime.fromisoformat,
        str: str,
        int: int,
    }
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        texts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return [parsers[type_](text) for type_, text in zip(types, texts, strict=True)]
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        wrong = FieldError(
            "/query/cursor", "invalid-cursor", "Use a next_cursor as it was given."
        )
        raise InvalidCursor(wrong.message, fields=(wrong,)) from error
