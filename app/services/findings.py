"""Merges the verdicts of a check into what is known: a verdict that says nothing new
writes no row."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws import unit
from app.aws.hostile import content_hash
from app.core.ids import new_id
from app.models.aws_account import AWSAccount
from app.models.inventory import Finding
from app.models.run import ExecutionUnit, TaskExecution
from app.services.decisions.changes import compare
from app.services.decisions.exclusions import ExclusionRule, excluding_resource, parse
from app.services.decisions.health import worst
from app.services.scopes import Key, Reading, begin_reading, by_key, finish_reading
from app.services.staging import STAGED_FINDINGS, as_array, as_json, stage


@dataclass(frozen=True, slots=True)
class FindingCounts:
    """The verdict of a check over all its resources, and how many have which."""

    verdict: str
    by_verdict: Mapping[str, int]

    def as_json(self) -> dict[str, int]:
        return dict(self.by_verdict)


async def record_findings(
    session: AsyncSession,
    execution: TaskExecution,
    unit_row: ExecutionUnit,
    findings: Sequence[unit.Finding],
    *,
    stale_at: datetime | None,
) -> FindingCounts:
    """Merge the verdicts of a complete check, under the lock of its scope; resources
    that the account excludes get the verdict `excluded`. Raises AWSServiceError
    `hostile_or_oversized` where one identity was judged twice."""
    read = by_key(findings, unit_row)
    rules = await _exclusions(session, execution)
    judged = {key: _judged(one, unit_row, rules) for key, one in read.items()}
    reading = await begin_reading(session, execution, unit_row, items=len(findings))
    known = await _present_findings(session, execution, reading)
    changes = compare(
        {key: one.content_hash for key, one in known.items()},
        {key: one.content_hash for key, one in judged.items()},
    )
    closed = [known[key].id for key in (*changes.gone, *changes.changed)]
    await _close_findings(session, execution, reading, closed)
    written = [judged[key] for key in (*changes.opened, *changes.changed)]
    await _open_findings(session, execution, reading, written)
    by_verdict = Counter(one.verdict for one in judged.values())
    counts = FindingCounts(worst(by_verdict, otherwise="no_resources"), by_verdict)
    await finish_reading(
        session,
        reading,
        execution,
        unit_row,
        stale_at=stale_at,
        verdict=counts.verdict,
        counts=counts.by_verdict,
    )
    return counts


class _KnownFinding(NamedTuple):
    id: UUID
    content_hash: str


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
        return content_hash({"is": described, "facts": self.facts}, unordered=False)

    def staged(self) -> tuple[Any, ...]:
        one = self.finding
        return (
            *(new_id(), one.type, one.id, one.region, one.arn, one.name),
            *(self.verdict, self.reason, as_json(self.facts), self.content_hash),
        )


def _judged(
    finding: unit.Finding, unit_row: ExecutionUnit, rules: Sequence[ExclusionRule]
) -> _Judged:
    rule = excluding_resource(
        rules,
        service=unit_row.service,
        region=finding.region,
        key=unit_row.key,
        type=finding.type,
        identities=(finding.id, finding.arn),
    )
    if rule is None:
        return _Judged(finding, finding.verdict, finding.reason, finding.facts)
    facts = {"by": rule.by, "reason": rule.reason}
    return _Judged(finding, "excluded", rule.sentence, facts)


async def _exclusions(
    session: AsyncSession, execution: TaskExecution
) -> tuple[ExclusionRule, ...]:
    stored = await session.scalar(
        select(AWSAccount.exclusions).where(
            AWSAccount.organization_id == execution.organization_id,
            AWSAccount.id == execution.aws_account_id,
        )
    )
    return parse(stored or ())


async def _present_findings(
    session: AsyncSession, execution: TaskExecution, reading: Reading
) -> dict[Key, _KnownFinding]:
    found = await session.execute(
        select(Finding.type, Finding.identity, Finding.id, Finding.content_hash).where(
            Finding.organization_id == execution.organization_id,
            Finding.scope_id == reading.scope_id,
            Finding.until_read.is_(None),
        )
    )
    return {(row[0], row[1]): _KnownFinding(*row[2:]) for row in found}


async def _close_findings(
    session: AsyncSession, execution: TaskExecution, reading: Reading, ids: list[UUID]
) -> None:
    if ids:
        await session.execute(
            update(Finding)
            .where(
                Finding.organization_id == execution.organization_id,
                Finding.id == as_array(ids),
            )
            .values(until_read=reading.read_id, until_at=reading.read_at)
        )


async def _open_findings(
    session: AsyncSession,
    execution: TaskExecution,
    reading: Reading,
    judged: Sequence[_Judged],
) -> None:
    if not judged:
        return
    await stage(session, STAGED_FINDINGS, (one.staged() for one in judged))
    names = [column.name for column in STAGED_FINDINGS.columns]
    await session.execute(
        insert(Finding).from_select(
            [*names, "organization_id", "scope_id", "from_read", "from_at"],
            select(
                *STAGED_FINDINGS.columns,
                literal(execution.organization_id),
                literal(reading.scope_id),
                literal(reading.read_id),
                literal(reading.read_at),
            ),
        )
    )
