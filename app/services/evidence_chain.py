"""What of the audit log concerns an execution, and the steps of the chain that lead
from it to where the chain left the database."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, Text, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict
from app.models.audit import AuditEvent, AuditHead, AuditLink
from app.services.decisions.audit_chain import Facts, facts_hash, old_link_hash
from app.services.decisions.evidence_form import line

STEPS_AT_ONCE = 1_000
MOST_EVENTS = 10_000  # about one execution


class EvidenceTooLarge(Conflict):
    code = "evidence-too-large"
    title = "The evidence would be larger than a file of it may be"


class Concern(NamedTuple):
    """Of which rows an event has to be: `subjects` themselves, and of the task what
    made that version and started that run."""

    organization_id: UUID
    subjects: frozenset[UUID]
    task_id: UUID
    version: int
    run_id: UUID


class Span(NamedTuple):
    """Numbers of the chain, both included."""

    first: int
    last: int


class Known(NamedTuple):
    """How a head is known outside."""

    day: str
    hash: bytes


async def lines(session: AsyncSession, concern: Concern) -> AsyncIterator[bytes]:
    """The records: each linked event with all that was linked after it until the next
    daily head, or the chain's present end; then events without such a proof. Of what
    does not concern the execution there is a hash alone."""
    tenant = concern.organization_id
    most = _concerning(concern).limit(MOST_EVENTS + 1)
    found = (await session.execute(most)).all()
    if len(found) > MOST_EVENTS:
        raise EvidenceTooLarge(f"More than {MOST_EVENTS} events are about it.")
    with_proof = {one.id: one for one in found if _is_provable(tenant, one)}
    end = await session.scalar(
        select(func.max(AuditLink.seq)).where(AuditLink.organization_id == tenant)
    )
    for span in _spans(with_proof.values(), end or 0):
        heads = await _heads(session, tenant, span)
        async for step in _steps(session, tenant, span):
            yield _step(step, with_proof)
            if step.seq in heads:
                day, hash = heads[step.seq]
                yield line("head", {"seq": step.seq, "hash": hash.hex(), "day": day})
            elif step.seq == span.last:
                yield line("chain_end", {"seq": step.seq, "hash": step.hash.hex()})
    for one in found:
        if one.id not in with_proof:
            yield _event(one)


def _concerning(concern: Concern) -> Select[Any]:
    """In the order of the chain, what is not linked yet last."""
    event, tenant = AuditEvent, concern.organization_id
    of_task = and_(
        event.subject_id == concern.task_id,
        or_(
            event.detail["version"].astext == str(concern.version),
            event.detail["run_id"].astext == str(concern.run_id),
        ),
    )
    next_head = select(func.min(AuditHead.seq)).where(
        AuditHead.organization_id == tenant, AuditHead.seq >= AuditLink.seq
    )
    return (
        select(
            *(getattr(event, name) for name in Facts._fields),
            cast(event.detail, Text).label("detail"),
            event.detail_salt,
            *(AuditLink.seq, AuditLink.previous_hash, AuditLink.hash),
            next_head.scalar_subquery().label("next_head"),
        )
        .outerjoin(AuditLink, _is_link_of_event())
        .where(
            event.organization_id == tenant,
            or_(event.subject_id.in_(concern.subjects), of_task),
        )
        .order_by(AuditLink.seq.asc().nulls_last(), event.at, event.id)
    )


def _is_link_of_event() -> Any:
    return and_(
        AuditLink.organization_id == AuditEvent.organization_id,
        AuditLink.event_id == AuditEvent.id,
    )


def _is_provable(tenant: UUID, one: Any) -> bool:
    """It is linked, and in the form of which steps can be shown. One that fits neither
    form was tampered with, which whoever verifies shall see."""
    if one.seq is None:
        return False
    old = old_link_hash(tenant, one.seq, one.previous_hash, _facts(one))
    return bool(one.hash != old)


def _spans(events: Any, end: int) -> Iterator[Span]:
    open_one: Span | None = None
    for one in events:
        last = one.next_head or end
        if open_one is not None and one.seq <= open_one.last:
            continue  # its head is the same one
        if open_one is not None:
            yield open_one
        open_one = Span(one.seq, last)
    if open_one is not None:
        yield open_one


async def _heads(session: AsyncSession, tenant: UUID, span: Span) -> dict[int, Known]:
    within = select(AuditHead.seq, AuditHead.day, AuditHead.hash).where(
        AuditHead.organization_id == tenant, AuditHead.seq.between(*span)
    )
    found = await session.execute(within)
    return {seq: Known(day.isoformat(), hash) for seq, day, hash in found}


async def _steps(session: AsyncSession, tenant: UUID, span: Span) -> AsyncIterator[Any]:
    """Links with the facts of their events; null where somebody removed the event."""
    after = span.first - 1
    while after < span.last:
        page = (
            select(
                *(AuditLink.seq, AuditLink.event_id, AuditLink.hash),
                *(getattr(AuditEvent, name) for name in Facts._fields),
            )
            .outerjoin(AuditEvent, _is_link_of_event())
            .where(
                AuditLink.organization_id == tenant,
                AuditLink.seq > after,
                AuditLink.seq <= span.last,
            )
            .order_by(AuditLink.seq)
            .limit(STEPS_AT_ONCE)
        )
        found: Sequence[Any] = (await session.execute(page)).all()
        for step in found:
            yield step
        if not found:
            return
        after = found[-1].seq


def _step(step: Any, events: Mapping[UUID, Any]) -> bytes:
    if step.event_id in events:
        return _event(events[step.event_id])
    of_facts = None if step.id is None else facts_hash(_facts(step)).hex()
    return line("link", {"seq": step.seq, "facts_hash": of_facts})


def _event(one: Any) -> bytes:
    facts = _facts(one)
    is_erased = one.detail_salt is None
    return line(
        "audit_event",
        {
            "seq": one.seq,
            "previous_hash": one.previous_hash and one.previous_hash.hex(),
            "hash": one.hash and one.hash.hex(),
            "id": str(facts.id),
            "at": facts.at.isoformat(),
            "actor": facts.actor,
            "action": facts.action,
            "subject_type": facts.subject_type,
            "subject_id": facts.subject_id and str(facts.subject_id),
            "detail_seal": facts.detail_seal.hex(),
            "origin_seal": facts.origin_seal.hex(),
            "detail": None if is_erased else one.detail,
            "detail_salt": None if is_erased else one.detail_salt.hex(),
        },
    )


def _facts(row: Any) -> Facts:
    return Facts(*(getattr(row, name) for name in Facts._fields))
