"""Reads what the event stream tells, in an order in which nothing is skipped, and who
may still be told."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    DateTime,
    String,
    Uuid,
    cast,
    column,
    delete,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import InvalidCursor
from app.core.permissions import Permission
from app.models.live_event import EventKind, LiveEvent
from app.services.decisions import label_limits
from app.services.scoping import on_visible_account

# A stream can be resumed for KEPT. Rows stay longer than that: their order is that of
# transactions and not of instants.
KEPT = timedelta(hours=24)
_ROWS_KEPT = KEPT + timedelta(hours=1)
PAGE = 500

# What a member needs to be told of each kind: what it needs to read it over the API.
PERMISSIONS: Mapping[EventKind, Permission] = {
    EventKind.EXECUTION: Permission.READ_EXECUTIONS,
    EventKind.UNIT: Permission.READ_EXECUTIONS,
    EventKind.PROBLEM: Permission.READ_EXECUTIONS,
    EventKind.CREDENTIALS: Permission.READ_CREDENTIALS,
    EventKind.RESOURCES: Permission.READ_INVENTORY,
}

_CURSOR = re.compile(r"(\d{1,18})-(\d{1,18})-(\d{1,11})")


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the order of events: behind the event `id` of the transaction `xid`,
    or before all of that transaction's where `id` is 0. `seconds` is when it was the
    present, of Unix time."""

    xid: int
    id: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises InvalidCursor."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise InvalidCursor("Last-Event-ID is the id of an event of this stream.")
        return cls(*map(int, found.groups()))

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}-{self.seconds}"


@dataclass(frozen=True, slots=True)
class News:
    """Every transaction below `horizon` has ended, as of `at`; `organizations` have
    events in those that were asked about."""

    horizon: int
    at: datetime
    organizations: frozenset[UUID]

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.horizon, 0, int(self.at.timestamp()))


@dataclass(frozen=True, slots=True)
class Event:
    """One row, as it is told."""

    cursor: Cursor
    kind: EventKind
    at: datetime
    aws_account_id: UUID | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a session, or a key, is good for in an organization at present."""

    user_id: UUID | None
    role: str
    label_scope: Any
    must_enrol: bool = False

    @classmethod
    def of(cls, actor: Actor) -> "Standing":
        scope = actor.label_scope
        return cls(actor.user_id, actor.role, scope, actor.must_enrol)


_NEWS = (
    column("horizon", BigInteger),
    column("at", DateTime(timezone=True)),
    column("organizations", ARRAY(Uuid)),
)
_STANDING = (
    column("session_id", Uuid),
    column("organization_id", Uuid),
    column("user_id", Uuid),
    column("role", String),
    column("label_scope", JSONB),
    column("must_enrol", Boolean),
)
_KEYS_STANDING = (
    column("key_id", Uuid),
    column("organization_id", Uuid),
    column("user_id", Uuid),
    column("role", String),
    column("member_scope", JSONB),
    column("key_scope", JSONB),
)


async def news(session: AsyncSession, after: int | None) -> News:
    """Who has events in transactions from `after` on that have ended, as have all that
    began to write before them; without `after`, only where the present is."""
    since = (1 << 62) if after is None else after
    found = func.lookup.live_news(since).table_valued(*_NEWS)
    row = (await session.execute(select(found))).one()
    return News(row.horizon, row.at.astimezone(UTC), frozenset(row.organizations))


async def read(
    session: AsyncSession,
    actor: Actor,
    *,
    after: Cursor,
    until: int,
    limit: int = PAGE,
) -> Sequence[Event]:
    """The first events behind `after` in transactions below `until`, a horizon, of the
    accounts that the actor may see. Those without an account are told to who is limited
    to none."""
    row = LiveEvent
    visible = on_visible_account(actor, row.organization_id, row.aws_account_id)
    statement = (
        select(row.xid, row.id, row.at, row.kind, row.aws_account_id, row.facts)
        .where(
            visible,
            tuple_(row.xid, row.id) > (after.xid, after.id),
            row.xid < until,
        )
        .order_by(row.xid, row.id)
        .limit(limit)
    )
    return [
        Event(
            Cursor(xid, id, int(at.timestamp())),
            kind,
            at.astimezone(UTC),
            account_id,
            facts,
        )
        for xid, id, at, kind, account_id, facts in await session.execute(statement)
    ]


Place = tuple[UUID | None, UUID]


def place(actor: Actor) -> Place:
    """The session or key that the actor asks with, and the organization."""
    return actor.key_id or actor.session_id, actor.organization_id


async def standing(
    session: AsyncSession, asked: Collection[Actor]
) -> dict[Place, Standing]:
    """Of each place that still stands, what for: the rules of `services/actors.py`, for
    many at once."""
    keys = {one.key_id for one in asked if one.key_id is not None}
    sessions = {place(one) for one in asked if one.key_id is None}
    found = await _of_sessions(session, sessions) if sessions else {}
    return (found | await _of_keys(session, keys)) if keys else found


async def _of_sessions(
    session: AsyncSession, asked: Collection[Place]
) -> dict[Place, Standing]:
    pairs = list(asked)
    found = func.lookup.standing(
        cast([one for one, _ in pairs], ARRAY(Uuid)),
        cast([one for _, one in pairs], ARRAY(Uuid)),
    ).table_valued(*_STANDING)
    return {
        (session_id, organization_id): Standing(*facts)
        for session_id, organization_id, *facts in await session.execute(select(found))
    }


async def _of_keys(
    session: AsyncSession, asked: Collection[UUID]
) -> dict[Place, Standing]:
    found = func.lookup.keys_standing(cast(list(asked), ARRAY(Uuid))).table_valued(
        *_KEYS_STANDING
    )
    return {
        (row.key_id, row.organization_id): Standing(
            row.user_id,
            row.role,
            label_limits.both(row.member_scope, row.key_scope),
        )
        for row in await session.execute(select(found))
    }


async def purge(session: AsyncSession, *, limit: int) -> int:
    """Delete what can no longer be resumed from, at most `limit` rows; how many. As
    many as `limit` means that more may be left. `session` is a system session."""
    row = LiveEvent
    oldest = (
        select(row.organization_id, row.xid, row.id, row.at)
        .order_by(row.xid, row.id)
        .limit(limit)
        .cte("oldest")
    )
    # Only what comes before all that is kept: so there is never a hole.
    first_kept = (
        select(func.min(oldest.c.xid))
        .where(oldest.c.at >= func.app_now() - _ROWS_KEPT)
        .scalar_subquery()
    )
    statement = delete(row).where(
        row.organization_id == oldest.c.organization_id,
        row.xid == oldest.c.xid,
        row.id == oldest.c.id,
        func.coalesce(row.xid < first_kept, True),
    )
    result: Any = await session.execute(
        statement.execution_options(synchronize_session=False)
    )
    return int(result.rowcount)


async def forget_another_server(session: AsyncSession) -> None:
    """Delete what bears a transaction id that this server has not come to: a copy
    brought it, and it would be told when its number comes. Needs the owner's login."""
    present = text("pg_current_xact_id()::text::bigint")
    await session.execute(delete(LiveEvent).where(LiveEvent.xid > present))
