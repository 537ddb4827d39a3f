"""Reads one organization's audit log and its chain from the beginning to the end, and
says what does not fit."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.audit import AuditEvent, AuditHead, AuditLink, UnsealedAuditEvent
from app.services.audit_heads import Head
from app.services.decisions.audit_chain import Facts, Judge, Link, Row, Texts

ROWS_AT_ONCE = 1_000


@dataclass(slots=True)
class Counts:
    """How many events are linked and how many wait for it, how many texts were erased,
    against how many heads the chain was held, and how many faults there are."""

    linked: int = 0
    waiting: int = 0
    erased: int = 0
    heads: int = 0
    faults: int = 0


async def verify(
    session: AsyncSession,
    organization_id: UUID,
    known: Iterable[Head],
    counts: Counts,
) -> AsyncIterator[str]:
    """The faults, as sentences; `counts` is added to. `known` are heads that were kept
    outside; those of the database itself are always held against it, and read first,
    for meanwhile the chain may grow."""
    noted = select(AuditHead.seq, AuditHead.hash).where(
        AuditHead.organization_id == organization_id
    )
    found: list[tuple[int, bytes]] = [
        (one.seq, one.hash) for one in known if one.organization_id == organization_id
    ]
    found += [(seq, hash) for seq, hash in await session.execute(noted)]
    heads: dict[int, bytes] = {}
    for seq, hash in found:
        if heads.setdefault(seq, hash) != hash:
            counts.faults += 1
            yield f"of number {seq} there are two heads that contradict each other"
    judge = Judge(organization_id, heads)
    rows = await session.stream(
        _rows(organization_id).execution_options(yield_per=ROWS_AT_ONCE)
    )
    async for row in rows:
        for fault in judge.see(_read(row)):
            counts.faults += 1
            yield fault
    for fault in judge.end():
        counts.faults += 1
        yield fault
    counts.linked += judge.linked
    counts.waiting += judge.waiting
    counts.erased += judge.erased
    counts.heads += len(heads)


def _rows(organization_id: UUID) -> Select[Any]:
    """Links and events of one instant, each with its other half where that is there;
    in the order of the chain."""
    texts = {
        "detail_text": cast(AuditEvent.detail, Text),
        "origin_text": cast(
            func.jsonb_build_array(
                AuditEvent.address, AuditEvent.user_agent, AuditEvent.request_id
            ),
            Text,
        ),
    }
    event = (
        select(
            *(getattr(AuditEvent, name) for name in Facts._fields),
            *(AuditEvent.detail_salt, AuditEvent.origin_salt),
            *(text.label(name) for name, text in texts.items()),
        )
        .where(AuditEvent.organization_id == organization_id)
        .subquery()
    )
    link = (
        select(*(getattr(AuditLink, name) for name in Link._fields))
        .where(AuditLink.organization_id == organization_id)
        .subquery()
    )
    waits = select(UnsealedAuditEvent.event_id).where(
        UnsealedAuditEvent.organization_id == organization_id,
        UnsealedAuditEvent.event_id == event.c.id,
    )
    return (
        select(link, event, waits.exists().label("waits"))
        .select_from(link)
        .join(event, and_(event.c.id == link.c.event_id), full=True)
        .order_by(link.c.seq.asc().nulls_last(), event.c.id)
    )


def _read(row: Any) -> Row:
    link = Link(*(getattr(row, name) for name in Link._fields))
    facts = Facts(*(getattr(row, name) for name in Facts._fields))
    texts = (
        Texts("detail", row.detail_salt, row.detail_text, facts.detail_seal, "{}"),
        Texts(
            *("origin", row.origin_salt, row.origin_text),
            *(facts.origin_seal, "[null, null, null]"),
        ),
    )
    is_there = row.id is not None
    return Row(
        link=None if row.seq is None else link,
        facts=facts if is_there else None,
        texts=texts if is_there else (),
        waits=row.waits,
    )
