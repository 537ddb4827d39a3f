"""Links the events of the audit log into one chain of hashes per organization, after
their commit, and notes the end of each chain once a day."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    Uuid,
    cast,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.models.audit import AuditEvent, AuditHead, AuditLink, UnsealedAuditEvent
from app.models.organization import Organization
from app.services import outbox
from app.services.decisions.audit_chain import BEFORE_THE_FIRST, Facts, link_hash
from app.services.outbox import OutboxKind

_FACTS = tuple(getattr(AuditEvent, name) for name in Facts._fields)
# Among all advisory locks: who holds it, links.
_SEALING = 0x617564697473


async def seal(session: AsyncSession, *, limit: int) -> int:
    """Link up to `limit` events that are in no chain yet, the oldest first; how many.

    An event waits by a row of its own, written in its own transaction: that row is seen
    once that transaction is committed, however late, and is deleted in the transaction
    that adds the link. So none is lost and none is linked twice. `session` is a system
    session; one at a time links, any other answers 0.
    """
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_SEALING))):
        return 0
    taken = await _taken(session, limit)
    linked = [row for row in taken if not row.is_linked]
    ends = await _ends(session, {row.organization_id for row in linked})
    links = []
    for row in sorted(linked, key=lambda one: (one.at, one.id)):
        tenant = row.organization_id
        seq, previous = ends.get(tenant, (0, BEFORE_THE_FIRST))
        facts = Facts(*(getattr(row, name) for name in Facts._fields))
        hash = link_hash(tenant, seq + 1, previous, facts)
        ends[tenant] = (seq + 1, hash)
        links.append(_link(tenant, row.id, seq + 1, previous, hash))
    if links:
        await session.execute(insert(AuditLink), links)
    return len(taken)


def _link(
    organization_id: UUID, event_id: UUID, seq: int, previous: bytes, hash: bytes
) -> dict[str, Any]:
    return {
        "organization_id": organization_id,
        "event_id": event_id,
        "seq": seq,
        "previous_hash": previous,
        "hash": hash,
    }


async def _taken(session: AsyncSession, limit: int) -> Sequence[Any]:
    """The events that are not waiting any more. Who may write such rows could have
    written one for an event that has its link: that is not linked again."""
    waiting = UnsealedAuditEvent
    key = (waiting.organization_id, waiting.event_id)
    oldest = select(*key).order_by(waiting.event_id).limit(limit)
    taken = delete(waiting).where(tuple_(*key).in_(oldest)).returning(*key).cte()
    link = select(AuditLink.seq).where(
        AuditLink.organization_id == taken.c.organization_id,
        AuditLink.event_id == taken.c.event_id,
    )
    statement = select(
        AuditEvent.organization_id, *_FACTS, link.exists().label("is_linked")
    ).join(
        taken,
        (taken.c.organization_id == AuditEvent.organization_id)
        & (taken.c.event_id == AuditEvent.id),
    )
    return (await session.execute(statement)).all()


async def _ends(
    session: AsyncSession, tenants: Iterable[UUID]
) -> dict[UUID, tuple[int, bytes]]:
    """Number and hash of the last link of each that has one."""
    listed = func.unnest(cast(list(tenants), ARRAY(Uuid)))
    of = listed.table_valued(column("id", Uuid)).render_derived()
    last = (
        select(AuditLink.seq, AuditLink.hash)
        .where(AuditLink.organization_id == of.c.id)
        .order_by(AuditLink.seq.desc())
        .limit(1)
        .lateral()
    )
    found = await session.execute(select(of.c.id, last.c.seq, last.c.hash))
    return {id: (seq, hash) for id, seq, hash in found}


async def take_heads(session: AsyncSession, *, limit: int) -> int:
    """Note the end of up to `limit` chains that have grown and were not noted today, in
    UTC by the clock of the database, and ask that it leave the database; how many.
    `session` is a system session, and any number of beats may."""
    today = cast(func.timezone("UTC", func.app_now()), Date)
    found = (await session.execute(_grown(today).limit(limit))).all()
    if not found:
        return 0
    heads = [
        {"id": new_id(), "organization_id": id, "day": day, "seq": seq, "hash": hash}
        for id, day, seq, hash in found
    ]
    noted = insert_or_not(AuditHead).on_conflict_do_nothing()
    written = noted.returning(AuditHead.organization_id, AuditHead.id)
    for organization_id, head_id in (await session.execute(written, heads)).all():
        for kind in (OutboxKind.AUDIT_HEAD_STORE, OutboxKind.MAIL_AUDIT_HEAD):
            await outbox.post(
                session,
                organization_id=organization_id,
                kind=kind,
                subject_id=head_id,
                dedupe_key=f"{kind}:{head_id}",
            )
    return len(found)


def _grown(today: Any) -> Any:
    tenant = Organization.id
    last = (
        select(AuditLink.seq, AuditLink.hash)
        .where(AuditLink.organization_id == tenant)
        .order_by(AuditLink.seq.desc())
        .limit(1)
        .lateral("last")
    )
    noted = (
        select(AuditHead.seq, AuditHead.day)
        .where(AuditHead.organization_id == tenant)
        .order_by(AuditHead.seq.desc())
        .limit(1)
        .lateral("noted")
    )
    is_due = (noted.c.seq < last.c.seq) & (noted.c.day < today)
    return (
        select(tenant, today, last.c.seq, last.c.hash)
        .join(last, last.c.seq.is_not(None))
        .outerjoin(noted, noted.c.seq.is_not(None))
        .where(or_(noted.c.seq.is_(None), is_due))
    )
