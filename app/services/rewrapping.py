"""Wraps anew, under the active key, what other key-encryption keys wrapped, while the
system runs.

A few envelopes of one tenant or person are read, which its audit log is told, in one
transaction; with none open each is opened, sealed anew, and opened again, to be sure;
then it takes the place of what was read, if that still stands there. So at any line a
row is as it was or done, and the next run goes on. What is gone is not brought back.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any
from uuid import UUID

from anyio import to_thread
from sqlalchemy import Row, Table, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import (
    Envelope,
    KeyProvider,
    KeyServiceUnavailable,
    Place,
    Undecryptable,
    seal,
    unseal,
)
from app.core.db import Database, Login
from app.models import Base
from app.models.organization import Member
from app.services import audit, channel_secrets, credential_opening, second_factor

BATCH = 20
ACTION = "operator.rewrap"


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A table of envelopes; `whose` is the column that says to whom a row belongs."""

    table: Table
    whose: str
    subject: Callable[[Row[Any]], tuple[str, UUID]]
    place: Callable[[Row[Any]], Place]


_TABLES = Base.metadata.tables
_SHELVES = (
    _Shelf(
        _TABLES["aws_credential_versions"],
        "organization_id",
        lambda row: ("aws_credentials", row.credentials_id),
        lambda row: credential_opening.place_of(
            row.organization_id, row.credentials_id, row.version
        ),
    ),
    _Shelf(
        _TABLES["authenticators"],
        "user_id",
        lambda row: ("user", row.user_id),
        lambda row: second_factor.place_of(row.id, row.user_id),
    ),
    _Shelf(
        _TABLES["channel_secrets"],
        "organization_id",
        lambda row: (
            ("webhook_endpoint", row.endpoint_id)
            if row.channel_id is None
            else ("notification_channel", row.channel_id)
        ),
        lambda row: channel_secrets.place_of(
            row.organization_id, row.channel_id or row.endpoint_id, row.version
        ),
    ),
)

Counts = dict[str, dict[str, int]]


@dataclass(slots=True)
class Report:
    """What was found and done: rows by table and key id, ids, and never a secret.
    `changed` were replaced or gone when their turn came to be put back."""

    active_key: str
    configured_keys: list[str]
    before: Counts
    after: Counts = field(default_factory=dict)
    rewrapped: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    unopened: list[dict[str, str]] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)

    @property
    def missing_keys(self) -> list[str]:
        """Ids that stored envelopes name and the settings do not."""
        stored = {key_id for table in self.after.values() for key_id in table}
        return sorted(stored.difference(self.configured_keys))

    @property
    def left(self) -> int:
        """Envelopes that are not under the active key."""
        return sum(
            rows
            for table in self.after.values()
            for key_id, rows in table.items()
            if key_id != self.active_key
        )

    @property
    def facts(self) -> dict[str, Any]:
        """All of it, for whoever asked."""
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        return kept | {"missing_keys": self.missing_keys, "left": self.left}


async def look(database: Database, keys: KeyProvider) -> Report:
    """What stands under which key. Opens nothing."""
    counts = await _count(database)
    return Report(keys.active_key_id, sorted(keys.key_ids), counts, counts)


async def prove(database: Database, keys: KeyProvider) -> dict[str, str]:
    """Whether each key that stored secrets name unwraps one of its data keys: what is
    wrong, by table and key, and nothing where all do. No secret is opened."""
    wrong = {}
    for shelf in _SHELVES:
        key_id = shelf.table.c.key_id
        first = select(shelf.table).ext(distinct_on(key_id)).order_by(key_id)
        async with _as_owner(database, "operator.check") as session:
            rows = (await session.execute(first)).all()
        for row in rows:
            unwrap = partial(keys.unwrap, row.key_id, row.wrapped_key, shelf.place(row))
            try:
                await to_thread.run_sync(unwrap)
            except (Undecryptable, KeyServiceUnavailable) as error:
                wrong[f"{shelf.table.name} under {row.key_id}"] = str(error)
    return wrong


async def rewrap(database: Database, keys: KeyProvider, *, operator: str) -> Report:
    """Go once through all that is not under the active key. What cannot be opened is
    reported and left as it is; of a key whose service is away nothing more is tried."""
    report = await look(database, keys)
    for shelf in _SHELVES:
        for whose in await _owners(database, shelf, keys.active_key_id):
            work = _Work(database, keys, report, shelf, whose, operator)
            await work.run()
    report.after = await _count(database)
    return report


@dataclass(frozen=True, slots=True)
class _Work:
    """All of one owner in one table."""

    database: Database
    keys: KeyProvider
    report: Report
    shelf: _Shelf
    whose: UUID
    operator: str

    async def run(self) -> None:
        last: UUID | None = None
        while self.keys.active_key_id not in self.report.away:
            rows = await self._read(last)
            if not rows:
                return
            last = rows[-1].id
            sealed = [(row, await self._sealed_anew(row)) for row in rows]
            await self._put_back(sealed)

    async def _read(self, last: UUID | None) -> Sequence[Row[Any]]:
        columns = self.shelf.table.c
        some = (
            select(self.shelf.table)
            .where(
                columns[self.shelf.whose] == self.whose,
                columns.key_id.not_in([self.keys.active_key_id, *self.report.away]),
            )
            .order_by(columns.id)
            .limit(BATCH)
        )
        if last is not None:
            some = some.where(columns.id > last)
        async with _as_owner(self.database, self.operator) as session:
            rows = (await session.execute(some)).all()
            await self._tell(session, rows)
        return rows

    async def _tell(self, session: AsyncSession, rows: Sequence[Row[Any]]) -> None:
        """A person's is told where it has been a member longest, if anywhere."""
        home: UUID | None = self.whose
        if self.shelf.whose == "user_id":
            own = (Member.user_id == self.whose, Member.removed_at.is_(None))
            oldest = select(Member.organization_id).where(*own)
            home = await session.scalar(oldest.order_by(Member.created_at).limit(1))
        if home is None:
            return
        for row in rows:
            subject_type, subject_id = self.shelf.subject(row)
            await audit.record(
                session,
                organization_id=home,
                actor=self.operator,
                action=ACTION,
                subject_type=subject_type,
                subject_id=subject_id,
                detail={"from_key": row.key_id, "to_key": self.keys.active_key_id},
            )

    async def _sealed_anew(self, row: Row[Any]) -> Envelope | None:
        """None for what cannot be opened now, which is reported."""
        if {row.key_id, self.keys.active_key_id} & self.report.away.keys():
            return None
        place = self.shelf.place(row)
        stored = Envelope(row.key_id, row.wrapped_key, row.ciphertext)
        try:
            secret = await unseal(self.keys, stored, place)
            sealed = await seal(self.keys, secret, place)
            await unseal(self.keys, sealed, place)
        except Undecryptable as error:
            self.report.unopened.append(self._told(row, error))
            return None
        except KeyServiceUnavailable as error:
            self.report.away[error.key_id] = error.reason
            return None
        return sealed

    def _told(self, row: Row[Any], error: Undecryptable) -> dict[str, str]:
        return {
            "table": self.shelf.table.name,
            "id": str(row.id),
            self.shelf.whose: str(self.whose),
            "key": row.key_id,
            "reason": error.detail,
        }

    async def _put_back(
        self, sealed: Sequence[tuple[Row[Any], Envelope | None]]
    ) -> None:
        """In the order of ids, so that two at work never wait for each other."""
        columns = self.shelf.table.c
        done = changed = 0
        async with _as_owner(self.database, self.operator) as session:
            for row, envelope in sealed:
                if envelope is None:
                    continue
                is_still = (
                    columns[self.shelf.whose] == self.whose,
                    columns.id == row.id,
                    columns.key_id == row.key_id,
                    columns.wrapped_key == row.wrapped_key,
                    columns.ciphertext == row.ciphertext,
                )
                put: Any = await session.execute(
                    update(self.shelf.table)
                    .where(*is_still)
                    .values(
                        key_id=envelope.key_id,
                        wrapped_key=envelope.wrapped_key,
                        ciphertext=envelope.ciphertext,
                    )
                )
                done += put.rowcount
                changed += 1 - put.rowcount
        self.report.rewrapped[self.shelf.table.name] += done
        self.report.changed += changed


async def _owners(database: Database, shelf: _Shelf, active: str) -> Sequence[UUID]:
    whose = shelf.table.c[shelf.whose]
    having = select(whose).where(shelf.table.c.key_id != active).distinct()
    async with _as_owner(database, ACTION) as session:
        return (await session.scalars(having.order_by(whose))).all()


async def _count(database: Database) -> Counts:
    counts: Counts = {}
    async with _as_owner(database, ACTION) as session:
        for shelf in _SHELVES:
            key_id = shelf.table.c.key_id
            by_key = select(key_id, func.count()).group_by(key_id).order_by(key_id)
            rows = (await session.execute(by_key)).all()
            counts[shelf.table.name] = {row[0]: row[1] for row in rows}
    return counts


def _as_owner(
    database: Database, actor: str
) -> AbstractAsyncContextManager[AsyncSession]:
    """No login of a running process may do it: not one of them gets more for this."""
    return database.unit_of_work(Login.OWNER, actor=actor)
