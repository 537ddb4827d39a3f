"""Merges the verdicts of a check into what is known: a verdict that says nothing new
writes no row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Select,
    Subquery,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws import unit
from app.aws.hostile import EVERY_LIST, content_hash
from app.core.ids import new_id
from app.models.inventory import Finding
from app.services.claims import Claim
from app.services.decisions.exclusions import ExclusionRule, excluding_resource
from app.services.decisions.health import worst
from app.services.scopes import (
    Found,
    Reading,
    StaleAt,
    begin_reading,
    finish_reading,
    holds_any,
)
from app.services.staging import (
    FATES,
    STAGED_FINDINGS,
    Spool,
    as_json,
    let_planner_know,
    refuse_doubles,
    stage,
)


def spool(asked: unit.Unit, rules: Sequence[ExclusionRule]) -> Spool[unit.Finding]:
    """Takes the verdicts of one check; resources that the account's owner left out get
    the verdict `excluded`."""
    return Spool(STAGED_FINDINGS, lambda one: _judged(one, asked, rules).staged())


async def record_findings(
    session: AsyncSession,
    claim: Claim,
    asked: unit.Unit,
    findings: Spool[unit.Finding],
    *,
    rule: str,
    stale_at: StaleAt,
) -> Found:
    """Merge the verdicts of a complete check, which are staged, under the lock of its
    scope. Raises AWSServiceError `hostile_or_oversized` where one identity was judged
    twice."""
    await refuse_doubles(session, findings, asked)
    reading = await begin_reading(session, claim, asked, items=findings.rows, rule=rule)
    by_verdict: Counter[str] = Counter()
    if findings.rows or await holds_any(session, claim, reading, _PRESENT):
        by_verdict = await _merge(session, claim, reading, findings)
    found = Found(worst(by_verdict, otherwise="no_resources"), by_verdict)
    await finish_reading(session, claim, reading, found, stale_at=stale_at)
    return found


async def _merge(
    session: AsyncSession,
    claim: Claim,
    reading: Reading,
    findings: Spool[unit.Finding],
) -> Counter[str]:
    """How many resources have which verdict."""
    if not findings.rows:
        await stage(session, findings)  # all that is known is gone
    fates = await _decide(session, claim, reading)
    await let_planner_know(session, FATES, fates.total())
    if fates["gone"] or fates["changed"]:
        await _close(session, claim, reading)
    if fates["new"] or fates["changed"]:
        await _open(session, claim, reading)
    verdicts = await session.execute(_VERDICTS)
    return Counter(dict(verdicts.all()))


_PRESENT = select(
    exists().where(
        Finding.organization_id == bindparam("tenant_id"),
        Finding.scope_id == bindparam("of_scope_id"),
        Finding.until_read.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A finding with the account's exclusions applied."""

    finding: unit.Finding
    verdict: str
    reason: str
    facts: dict[str, Any]

    @property
    def content_hash(self) -> str:
        one = self.finding
        described = [one.region, one.arn, one.name, self.verdict, self.reason]
        return content_hash({"is": described, "facts": self.facts}, ordered=EVERY_LIST)

    def staged(self) -> tuple[Any, ...]:
        one = self.finding
        return (
            *(new_id(), one.type, one.id, one.region, one.arn, one.name),
            *(self.verdict, self.reason, as_json(self.facts), self.content_hash),
        )


def _judged(
    finding: unit.Finding, asked: unit.Unit, rules: Sequence[ExclusionRule]
) -> _Judged:
    rule = excluding_resource(
        rules,
        service=asked.service,
        region=finding.region,
        key=asked.key,
        type=finding.type,
        identities=(finding.id, finding.arn),
    )
    if rule is None:
        return _Judged(finding, finding.verdict, finding.reason, finding.facts)
    facts = {"by": rule.by, "reason": rule.reason}
    return _Judged(finding, "excluded", rule.sentence, facts)


def _held() -> Subquery:
    """The present verdicts of the scope."""
    return (
        select(Finding.id, Finding.type, Finding.identity, Finding.content_hash)
        .where(
            Finding.organization_id == bindparam("tenant_id"),
            Finding.scope_id == bindparam("of_scope_id"),
            Finding.until_read.is_(None),
        )
        .subquery()
    )


def _deciding() -> Select[Any]:
    held, staged = _held(), STAGED_FINDINGS.c
    fate = case(
        (staged.identity.is_(None), "gone"),
        (held.c.id.is_(None), "new"),
        (held.c.content_hash != staged.content_hash, "changed"),
        else_="unchanged",
    )
    decided = (
        select(
            func.coalesce(held.c.id, staged.id),
            func.coalesce(held.c.type, staged.type),
            func.coalesce(held.c.identity, staged.identity),
            fate,
        )
        .select_from(held)
        .join(
            STAGED_FINDINGS,
            (held.c.type == staged.type) & (held.c.identity == staged.identity),
            full=True,
        )
    )
    write = insert(FATES).from_select(["id", "type", "identity", "fate"], decided)
    fates = write.returning(FATES.c.fate).cte()
    return select(fates.c.fate, func.count()).group_by(fates.c.fate)


_DECIDE = _deciding()
_VERDICTS = select(STAGED_FINDINGS.c.verdict, func.count()).group_by(
    STAGED_FINDINGS.c.verdict
)


async def _decide(
    session: AsyncSession, claim: Claim, reading: Reading
) -> Counter[str]:
    """Say of each verdict, held or staged, what becomes of it; how many have which
    fate."""
    scope = {
        "tenant_id": claim.organization_id,
        "of_scope_id": reading.scope_id,
    }
    found = await session.execute(_DECIDE, scope)
    return Counter(dict(found.all()))


async def _close(session: AsyncSession, claim: Claim, reading: Reading) -> None:
    """End the verdicts that the check no longer says."""
    ended = select(FATES.c.id).where(FATES.c.fate.in_(("gone", "changed")))
    await session.execute(
        update(Finding)
        .where(Finding.organization_id == claim.organization_id, Finding.id.in_(ended))
        .values(until_read=reading.read_id, until_at=reading.read_at)
        .execution_options(synchronize_session=False)
    )


async def _open(session: AsyncSession, claim: Claim, reading: Reading) -> None:
    """Begin the verdicts that are not held yet."""
    staged = STAGED_FINDINGS.c
    names = [column.name for column in STAGED_FINDINGS.columns]
    await session.execute(
        insert(Finding).from_select(
            [*names, "organization_id", "scope_id", "from_read", "from_at"],
            select(
                *STAGED_FINDINGS.columns,
                literal(claim.organization_id),
                literal(reading.scope_id),
                literal(reading.read_id),
                literal(reading.read_at),
            )
            .join(
                FATES,
                (FATES.c.type == staged.type) & (FATES.c.identity == staged.identity),
            )
            .where(FATES.c.fate.in_(("new", "changed"))),
        )
    )
