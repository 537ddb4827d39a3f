"""What a worker reads and records around its AWS calls. Every write begins with
`claims.hold`, so that a worker that lost its lease can write nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.aws.unit import Finding, Item, Unit
from app.core.version import VERSION
from app.models.aws_account import AWSAccount
from app.models.run import (
    ExecutionUnit,
    TaskExecution,
    TaskRun,
    UnitStatus,
)
from app.models.task import OnError, TaskType, TaskVersion
from app.services import scopes
from app.services.claims import Claim, hold
from app.services.decisions.coverage import Exclusion
from app.services.decisions.exclusions import ExclusionRule, excluding_unit, parse
from app.services.decisions.schedule_input import parse_schedule
from app.services.decisions.schedules import Schedule, stale_at
from app.services.findings import record_findings
from app.services.inventory import record_listing
from app.services.task_versions import parameters_of

# A verdict of a task that no schedule renews is fresh for this long.
FRESH_ON_DEMAND = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Work:
    """One execution's definition, read once after its claim."""

    type: TaskType
    services: list[str]
    regions: list[str]
    parameters: dict[str, Any]
    on_error: OnError
    schedule: Schedule
    grace: timedelta
    account_id: str
    exclusions: tuple[ExclusionRule, ...]

    def split(self, units: Iterable[Unit]) -> tuple[list[Unit], list[Exclusion]]:
        """The units to read, and those that the account's owner left out."""
        wanted: list[Unit] = []
        excluded: list[Exclusion] = []
        for unit in units:
            place = {"service": unit.service, "region": unit.region, "key": unit.key}
            rule = excluding_unit(self.exclusions, **place)
            if rule is None:
                wanted.append(unit)
            else:
                excluded.append(Exclusion(**place, by=rule.by, reason=rule.reason))
        return wanted, excluded

    def stale_at(self, now: datetime) -> datetime:
        return stale_at(self.schedule, now, grace=self.grace) or now + FRESH_ON_DEMAND


async def load(session: AsyncSession, claim: Claim) -> Work:
    statement = (
        select(TaskVersion, AWSAccount, TaskRun.trigger)
        .select_from(TaskRun)
        .join(TaskVersion, TaskVersion.id == TaskRun.task_version_id)
        .join(TaskExecution, TaskExecution.run_id == TaskRun.id)
        .join(AWSAccount, AWSAccount.id == TaskExecution.aws_account_id)
        .where(
            TaskExecution.organization_id == claim.organization_id,
            TaskExecution.id == claim.execution_id,
        )
    )
    row = (await session.execute(statement)).one()
    version, account = row.TaskVersion, row.AWSAccount
    return Work(
        type=version.type,
        services=version.services,
        regions=version.regions,
        parameters=parameters_of(version, row.trigger),
        on_error=version.on_error,
        schedule=parse_schedule(version.schedule, default_timezone="UTC"),
        grace=timedelta(seconds=version.misfire_grace_seconds),
        account_id=account.account_id,
        exclusions=parse(account.exclusions),
    )


async def begin(
    session: AsyncSession, claim: Claim, units: Sequence[Unit]
) -> list[tuple[UUID, Unit]]:
    """Record the units that are to be read, and those of an earlier attempt that
    still are; what that attempt finished stands."""
    execution = await hold(session, claim)
    execution.catalog_version = catalog().version
    execution.application_version = VERSION
    known = {
        (row.kind, row.key, row.region): row
        for row in await session.scalars(_units_of(claim))
    }
    for unit in units:
        place = (unit.kind, unit.key, unit.region)
        if place not in known:
            known[place] = ExecutionUnit(
                organization_id=claim.organization_id,
                execution_id=claim.execution_id,
                kind=unit.kind,
                service=unit.service,
                region=unit.region,
                key=unit.key,
            )
            session.add(known[place])
        elif known[place].status == UnitStatus.RUNNING:
            known[place].status = UnitStatus.PENDING
    await session.flush()
    return [
        (known[place].id, unit)
        for unit in units
        if known[place := (unit.kind, unit.key, unit.region)].status
        == UnitStatus.PENDING
    ]


async def begin_unit(session: AsyncSession, claim: Claim, unit_id: UUID) -> None:
    await hold(session, claim)
    unit = await session.get_one(ExecutionUnit, unit_id)
    unit.started_at = await _now(session)
    unit.status = UnitStatus.RUNNING


async def finish_unit(
    session: AsyncSession,
    claim: Claim,
    unit_id: UUID,
    work: Work,
    *,
    status: UnitStatus,
    reason: str | None = None,
    error: dict[str, Any] | None = None,
    calls: int = 0,
    retries: int = 0,
) -> None:
    """Record a unit that ended without an answer. A failed one makes its scope's
    verdict unknown: an older verdict is not shown as if it still held."""
    execution = await hold(session, claim)
    unit = await session.get_one(ExecutionUnit, unit_id)
    await _end(
        session,
        unit,
        status,
        reason=reason,
        error=error,
        calls=calls,
        retries=retries,
    )
    if error is not None:
        await scopes.record_failed_scope(session, execution, unit, error=error)
    elif status == UnitStatus.NOT_APPLICABLE:
        stale = work.stale_at(await _now(session))
        await scopes.record_not_applicable_scope(
            session, execution, unit, stale_at=stale
        )


async def record_read(
    session: AsyncSession,
    claim: Claim,
    unit_id: UUID,
    found: Sequence[Item] | Sequence[Finding],
    work: Work,
    *,
    calls: int,
    retries: int,
) -> None:
    """Record what a unit read, in one transaction with the unit's success. Raises
    AWSServiceError for what cannot be recorded, such as one identity listed twice."""
    execution = await hold(session, claim)
    unit = await session.get_one(ExecutionUnit, unit_id)
    stale = work.stale_at(await _now(session))
    record: Any = record_listing if unit.kind == "list" else record_findings
    await record(session, execution, unit, found, stale_at=stale)
    await _end(session, unit, UnitStatus.SUCCEEDED, calls=calls, retries=retries)


async def _end(
    session: AsyncSession,
    unit: ExecutionUnit,
    status: UnitStatus,
    *,
    calls: int,
    retries: int,
    reason: str | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    now = await _now(session)
    # All in one statement: a unit that has ended cannot be changed any more.
    unit.status = status
    unit.reason = reason
    unit.error = error
    unit.calls = calls
    unit.retries = retries
    unit.finished_at = now
    await session.flush()


def _units_of(claim: Claim) -> Any:
    return select(ExecutionUnit).where(
        ExecutionUnit.organization_id == claim.organization_id,
        ExecutionUnit.execution_id == claim.execution_id,
    )


async def _now(session: AsyncSession) -> datetime:
    now: datetime | None = await session.scalar(select(func.app_now()))
    assert now is not None
    return now
