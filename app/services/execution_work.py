"""What a worker reads and records around its AWS calls. Every transaction that writes
locks the execution if the claim still holds (`HELD`): a worker that lost its lease can
write nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self, cast
from uuid import UUID

import structlog
from sqlalchemy import Boolean, bindparam, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.call import Guard
from app.aws.engine import rule_of
from app.aws.unit import Kind, Unit
from app.core import measures
from app.core.db import execute
from app.core.ids import new_id
from app.models.aws_account import AWSAccount
from app.models.run import (
    ExecutionUnit,
    TaskExecution,
    TaskRun,
    UnitStatus,
)
from app.models.subscription import Subscription, SubscriptionPlan
from app.models.task import OnError, TaskType, TaskVersion
from app.services import findings, inventory, scopes
from app.services.claims import HELD, Claim, lease_lost
from app.services.decisions.coverage import Exclusion
from app.services.decisions.exclusions import ExclusionRule, excluding_unit, parse
from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.schedule_input import parse_schedule
from app.services.decisions.schedules import OnDemand, Schedule, stale_at
from app.services.run_records import AS_SCHEDULED
from app.services.scopes import Found
from app.services.staging import Spool, stage
from app.services.task_versions import parameters_of
from app.services.usage import CALLS_LEFT, limit_of

log = structlog.get_logger(__name__)

# A verdict of a task that no schedule renews is fresh for this long.
FRESH_ON_DEMAND = timedelta(hours=24)
BATCH = 1_000  # units written by one statement


class Asked(NamedTuple):
    """What asking AWS cost: calls, requests repeated, answers that said "too fast", and
    how the pace was kept (`shared`, `local`, or not at all); and what was answered."""

    calls: int = 0
    retries: int = 0
    throttled: int = 0
    pacing: str | None = None
    answers: dict[str, Any] | None = None

    @classmethod
    def by(cls, guard: Guard) -> Self:
        """What the calls that a guard counted cost."""
        return cls(*(getattr(guard, name) for name in cls._fields))

    def cost(self) -> dict[str, Any]:
        """What is summed up; what was answered is each unit's own."""
        return {
            name: value for name, value in self._asdict().items() if name != "answers"
        }


NOT_ASKED = Asked()
NOTHING = Found()


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
    most_units: int | None  # by the plan
    calls_left: int | None  # of this month, by the plan

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


_LOAD = (
    select(
        *(TaskVersion.type, TaskVersion.services, TaskVersion.regions),
        *(TaskVersion.parameters, TaskVersion.on_error, TaskVersion.schedule),
        *(TaskVersion.misfire_grace_seconds, AS_SCHEDULED.label("as_scheduled")),
        *(AWSAccount.account_id, AWSAccount.exclusions),
        limit_of("units_per_execution").label("most_units"),
        CALLS_LEFT.label("calls_left"),
    )
    .select_from(TaskExecution)
    .join(TaskRun, TaskRun.id == TaskExecution.run_id)
    .join(TaskVersion, TaskVersion.id == TaskRun.task_version_id)
    .join(AWSAccount, AWSAccount.id == TaskExecution.aws_account_id)
    .outerjoin(
        Subscription, Subscription.organization_id == TaskExecution.organization_id
    )
    .outerjoin(SubscriptionPlan, SubscriptionPlan.code == Subscription.plan_code)
    .where(*HELD)
    .with_for_update(of=TaskExecution, key_share=True)
)


async def load(session: AsyncSession, claim: Claim) -> Work:
    """What is to be done; the execution is held until the transaction ends. Raises
    LeaseLost where it is another's by now."""
    row = (await execute(session, _LOAD, claim.held)).one_or_none()
    if row is None:
        raise lease_lost(claim)
    return Work(
        type=row.type,
        services=row.services,
        regions=row.regions,
        parameters=parameters_of(
            row.parameters, row.schedule, as_scheduled=row.as_scheduled
        ),
        on_error=row.on_error,
        schedule=_renewing(row.schedule),
        grace=timedelta(seconds=row.misfire_grace_seconds),
        account_id=row.account_id,
        exclusions=parse(row.exclusions),
        most_units=row.most_units,
        calls_left=row.calls_left,
    )


def _renewing(stored: dict[str, Any]) -> Schedule:
    """What will read again after this run. A schedule that became unreadable (its task
    is disabled, and says so) renews nothing, as if it were run on demand."""
    try:
        return parse_schedule(stored, default_timezone="UTC")
    except ImpossibleSchedule as unreadable:
        log.warning("schedule.unreadable", fields=str(unreadable))
        return Schedule(OnDemand(), "UTC")


async def begin(
    session: AsyncSession, claim: Claim, units: Sequence[Unit], *, at_once: int = 0
) -> list[tuple[UUID, Unit]]:
    """Record the units that are to be read, and those of an earlier attempt that
    still are; what that attempt finished stands. The caller holds the execution. Where
    there was no earlier attempt, the first units may be said to be read `at_once`."""
    # Only one that was claimed before can have units.
    ids, ended = await _known(session, claim) if claim.fence > 1 else ({}, set())
    new = [unit for unit in units if unit not in ids]
    for start in range(0, len(new), BATCH):
        batch = {unit: new_id() for unit in new[start : start + BATCH]}
        ids |= batch
        rows = _rows(claim, batch, begun=at_once - start)
        await execute(session, _INSERT_UNITS, rows)
    return [(ids[unit], unit) for unit in units if unit not in ended]


async def _known(
    session: AsyncSession, claim: Claim
) -> tuple[dict[Unit, UUID], set[Unit]]:
    """The units of earlier attempts, and those of them that ended; what was under way
    is to be read again."""
    of_execution = (
        ExecutionUnit.organization_id == claim.organization_id,
        ExecutionUnit.execution_id == claim.execution_id,
    )
    await session.execute(
        update(ExecutionUnit)
        .where(*of_execution, ExecutionUnit.status == UnitStatus.RUNNING)
        .values(status=UnitStatus.PENDING)
        .execution_options(synchronize_session=False)
    )
    row = ExecutionUnit
    known = await session.execute(
        select(row.kind, row.service, row.region, row.key, row.id, row.status).where(
            *of_execution
        )
    )
    ids, ended = {}, set()
    for kind, *place, id, status in known:
        ids[unit := Unit(cast("Kind", kind), *place)] = id
        if status != UnitStatus.PENDING:
            ended.add(unit)
    return ids, ended


_INSERT_UNITS = insert(ExecutionUnit).values(
    **{name: bindparam(f"new_{name}") for name in ("id", "status")},
    **{field.name: bindparam(f"new_{field.name}") for field in fields(Unit)},
    organization_id=bindparam("claim_organization_id"),
    execution_id=bindparam("claim_execution_id"),
    started_at=case((bindparam("has_begun", type_=Boolean), func.app_now())),
)


def _rows(
    claim: Claim, ids: Mapping[Unit, UUID], *, begun: int
) -> list[dict[str, Any]]:
    """What is to be inserted for each unit; the first ones have begun."""
    return [
        {
            **claim.held,
            "new_id": id,
            "new_status": UnitStatus.RUNNING if n < begun else UnitStatus.PENDING,
            "has_begun": n < begun,
            **{f"new_{name}": value for name, value in asdict(unit).items()},
        }
        for n, (unit, id) in enumerate(ids.items())
    ]


# A unit of the claim's execution; `_unit` binds which.
_UNIT = (
    ExecutionUnit.organization_id == bindparam("claim_organization_id"),
    ExecutionUnit.execution_id == bindparam("claim_execution_id"),
    ExecutionUnit.id == bindparam("unit_id"),
)


def _unit(claim: Claim, unit_id: UUID) -> dict[str, Any]:
    return claim.held | {"unit_id": unit_id}


_BEGIN_UNIT = (
    update(ExecutionUnit)
    .where(*_UNIT, select(TaskExecution.id).where(*HELD).exists())
    .values(status=UnitStatus.RUNNING, started_at=func.app_now())
    .returning(ExecutionUnit.id)
    .execution_options(synchronize_session=False)
)


async def begin_unit(session: AsyncSession, claim: Claim, unit_id: UUID) -> None:
    """Say that it is being read; LeaseLost if the execution is another's by now."""
    if (await execute(session, _BEGIN_UNIT, _unit(claim, unit_id))).scalar() is None:
        raise lease_lost(claim)


async def finish_unit(
    session: AsyncSession,
    claim: Claim,
    unit_id: UUID,
    unit: Unit,
    *,
    work: Work,
    status: UnitStatus,
    reason: str | None = None,
    error: dict[str, Any] | None = None,
    asked: Asked = NOT_ASKED,
) -> None:
    """Record a unit that ended without an answer. A failed one makes its scope's
    verdict unknown: an older verdict is not shown as if it still held."""
    if error is not None:
        await scopes.record_failed(session, claim, unit, error=error)
    elif status == UnitStatus.NOT_APPLICABLE:
        await scopes.record_not_applicable(session, claim, unit, stale_at=work.stale_at)
    await end_unit(
        session, claim, unit_id, status, asked=asked, reason=reason, error=error
    )


def spool(unit: Unit, work: Work) -> Spool[Any]:
    """What takes the pages of this unit while AWS is asked."""
    if unit.kind == "list":
        return inventory.spool()
    return findings.spool(unit, work.exclusions)


async def record_read(
    session: AsyncSession,
    claim: Claim,
    unit_id: UUID,
    unit: Unit,
    read: Spool[Any],
    *,
    work: Work,
    asked: Asked,
) -> None:
    """Record what a unit read, in one transaction with the unit's success. Raises
    AWSServiceError for what cannot be recorded, such as one identity listed twice."""
    if read.rows:
        await stage(session, read)
    record: Any = (
        inventory.record_listing if unit.kind == "list" else findings.record_findings
    )
    rule = rule_of(unit.kind, unit.key)
    # To merge many rows takes seconds, in which no heartbeat should have to wait for
    # the execution's row: it is locked last, and the unit's, too, which a worker that
    # took the execution over would change while it holds that row.
    found = await record(session, claim, unit, read, rule=rule, stale_at=work.stale_at)
    await end_unit(
        session, claim, unit_id, UnitStatus.SUCCEEDED, found=found, asked=asked
    )


_HELD = select(TaskExecution.id).where(*HELD).with_for_update(key_share=True).cte()
_END_UNIT = (
    update(ExecutionUnit)
    .where(*_UNIT, ExecutionUnit.execution_id == _HELD.c.id)
    .values(
        **{
            name: bindparam(f"unit_{name}")
            for name in ("status", "reason", "verdict", "counts", "error")
        },
        **{name: bindparam(f"unit_{name}") for name in Asked._fields},
        finished_at=func.app_now(),
    )
    .returning(ExecutionUnit.id)
    .execution_options(synchronize_session=False)
)


async def end_unit(
    session: AsyncSession,
    claim: Claim,
    unit_id: UUID,
    status: UnitStatus,
    *,
    asked: Asked,
    found: Found = NOTHING,
    reason: str | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    """Record how a unit ended, and hold its execution until the transaction ends;
    LeaseLost if that is another's by now."""
    values = {
        **_unit(claim, unit_id),
        **{f"unit_{name}": value for name, value in asked._asdict().items()},
        "unit_status": status,
        "unit_reason": reason,
        "unit_verdict": found.verdict,
        "unit_counts": dict(found.counts),
        "unit_error": error,
    }
    if (await execute(session, _END_UNIT, values)).scalar() is None:
        raise lease_lost(claim)
    measures.count_calls(session, asked.calls, asked.retries, asked.throttled)
