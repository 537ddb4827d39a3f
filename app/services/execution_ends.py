"""How an execution ends: its result, its coverage, its problems, and its run."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import measures
from app.core.db import execute
from app.core.ids import new_id
from app.models.run import (
    ExecutionUnit,
    Status,
    TaskExecution,
    TaskResult,
    UnitStatus,
)
from app.services import execution_retries, problems, runs, usage
from app.services.claims import HELD, Claim, hold
from app.services.decisions.coverage import NO_UNIT, Coverage, Exclusion, UnitEnd, cover
from app.services.decisions.status import execution_status
from app.services.decisions.verdicts import roll_up
from app.services.execution_work import NOT_ASKED, Asked

REACHABLE = "reachable"
OUTCOME_UNKNOWN = "outcome_unknown"
EXCLUDED = "excluded"


_END = (
    update(TaskExecution)
    .where(*HELD)
    .values(
        status=bindparam("end"),
        reason=bindparam("end_reason"),
        error=bindparam("end_error"),
        lease_owner=None,
        lease_until=None,
        finished_at=func.app_now(),
    )
    .execution_options(synchronize_session=False)
)


async def finish(
    session: AsyncSession,
    claim: Claim,
    *,
    services: Sequence[str] = (),
    excluded: Sequence[Exclusion] = (),
    ended: tuple[Status, str | None] | None = None,
    error: dict[str, Any] | None = None,
    asked: Asked = NOT_ASKED,
) -> dict[str, Any]:
    """End an execution: units not begun become `not_attempted`, the result is written,
    the run summed up, problems opened or closed. Or, if its task's policy has failures
    like this one tried again, put it back into the queue: then nothing has ended yet.

    `ended` overrules what the units say (cancelled, timed out, failed before the first
    unit) unless all were read all the same; `services` are named as not read if no unit
    came to be. Returns what is to be told of it once it is committed.
    """
    execution = await hold(session, claim)
    units = await settle_units(session, claim.organization_id, claim.execution_id)
    whole = execution_status([unit.status.value for unit in units])
    if not units and excluded:
        ended = Status.SKIPPED, EXCLUDED
    elif ended is None or whole.status == "succeeded":
        ended = Status(whole.status), whole.reason
    status, reason = ended
    if status is Status.SUCCEEDED:
        # All was read in an earlier attempt; what failed since kept nothing unread.
        error = None
    elif error is None:
        error = next((unit.error for unit in units if unit.error is not None), None)
    told = _told(status, reason, units, error)
    if status is Status.FAILED and await execution_retries.try_again(
        session, execution, reason=reason, error=error, units=units, asked=asked
    ):
        await runs.settle(session, claim.organization_id, claim.run_id)
        return told | {"status": Status.QUEUED.value, "reason": "retry"}
    coverage = _coverage(units, excluded, services, reason)
    cost = await _write_result(session, execution, units, coverage, asked=asked)
    end = {"end": status, "end_reason": reason, "end_error": error}
    await execute(session, _END, claim.held | end)
    measures.count(session, measures.FINISHED, status=status.value)
    await _remember_problems(session, execution, status, units, error)
    await runs.settle(session, claim.organization_id, claim.run_id)
    await usage.add_calls(session, claim.organization_id, cost.calls)
    return told


def _told(
    status: Status,
    reason: str | None,
    units: Sequence[object],
    error: Mapping[str, Any] | None,
) -> dict[str, Any]:
    told = ("category", "code", "missing_action", "region", "request_id")
    facts = {name: (error or {}).get(name) for name in told}
    return {"status": status.value, "reason": reason, "units": len(units), **facts}


_UNENDED = (UnitStatus.PENDING, UnitStatus.RUNNING)
_OF_EXECUTION = (
    ExecutionUnit.organization_id == bindparam("tenant_id"),
    ExecutionUnit.execution_id == bindparam("of_execution_id"),
)
_UNITS = (
    select(
        *(ExecutionUnit.kind, ExecutionUnit.service, ExecutionUnit.region),
        *(ExecutionUnit.key, ExecutionUnit.status, ExecutionUnit.reason),
        *(ExecutionUnit.error, ExecutionUnit.counts, ExecutionUnit.calls),
        *(ExecutionUnit.retries, ExecutionUnit.throttled, ExecutionUnit.pacing),
    )
    .where(*_OF_EXECUTION)
    .order_by(ExecutionUnit.finished_at.nulls_last(), ExecutionUnit.id)
)
_IS_RUNNING = ExecutionUnit.status == UnitStatus.RUNNING
_IS_UNHEARD = and_(_IS_RUNNING, ExecutionUnit.kind == "act")
_END_UNITS = (
    update(ExecutionUnit)
    .where(*_OF_EXECUTION, ExecutionUnit.status.in_(_UNENDED))
    .values(
        status=case(
            (_IS_UNHEARD, UnitStatus.FAILED),
            (_IS_RUNNING, UnitStatus.CANCELLED),
            else_=UnitStatus.NOT_ATTEMPTED,
        ),
        reason=case((_IS_UNHEARD, OUTCOME_UNKNOWN), else_=ExecutionUnit.reason),
        finished_at=func.app_now(),
    )
    .execution_options(synchronize_session=False)
)


async def settle_units(
    session: AsyncSession, organization_id: UUID, execution_id: UUID
) -> Sequence[Row[*tuple[Any, ...]]]:
    """All units of an execution that ends, in the order of their ends: those not begun
    become `not_attempted`, those in flight `cancelled`. One that was to change
    something becomes `failed` with `outcome_unknown`: its call may have had its
    effect."""
    units = {"tenant_id": organization_id, "of_execution_id": execution_id}
    found = (await execute(session, _UNITS, units)).all()
    if any(unit.status in _UNENDED for unit in found):
        await execute(session, _END_UNITS, units)
        found = (await execute(session, _UNITS, units)).all()
    return found


async def settle_lost(
    session: AsyncSession, organization_id: UUID, execution_id: UUID
) -> None:
    """Record what is left of an execution that ended without its worker, lost for good
    or cancelled while it waited to go on: its units, its result, and the problems of
    units that had failed. Its status is final."""
    execution = await session.get_one(TaskExecution, execution_id)
    assert execution.organization_id == organization_id
    units = await settle_units(session, organization_id, execution_id)
    written = await session.scalar(
        select(TaskResult.id).where(
            TaskResult.organization_id == organization_id,
            TaskResult.execution_id == execution_id,
        )
    )
    if written is None:
        coverage = _coverage(units, (), (), execution.reason)
        cost = await _write_result(session, execution, units, coverage)
        await _remember_problems(
            session, execution, execution.status, units, execution.error
        )
        await usage.add_calls(session, organization_id, cost.calls)


def _coverage(
    units: Sequence[Row[*tuple[Any, ...]]],
    excluded: Sequence[Exclusion],
    services: Sequence[str],
    reason: str | None,
) -> Coverage:
    ends = [UnitEnd(u.region, u.service, u.key, u.status.value, _why(u)) for u in units]
    if not units and not excluded:
        ends = [UnitEnd("*", s, NO_UNIT, "not_attempted", reason) for s in services]
    return cover(ends, excluded)


def _why(unit: Row[*tuple[Any, ...]]) -> str | None:
    if unit.error is not None:
        return f"{unit.error['category']}: {unit.error['code']}"
    reason: str | None = unit.reason
    return reason


_RESULT = insert(TaskResult)


async def _write_result(
    session: AsyncSession,
    execution: TaskExecution,
    units: Sequence[Row[*tuple[Any, ...]]],
    coverage: Coverage,
    *,
    asked: Asked = NOT_ASKED,
) -> Asked:
    """What it cost, all tries together: once in the life of an execution."""
    counts: Counter[str] = Counter()
    for unit in units:
        counts.update(unit.counts)
    verdict = None
    if any(unit.kind == "health" for unit in units):
        verdict = _verdict(counts, coverage)
    earlier = await execution_retries.spent(session, execution)
    cost = execution_retries.sum_of(
        [asked, earlier, *map(execution_retries.cost, units)]
    )
    result = {
        "id": new_id(),
        "organization_id": execution.organization_id,
        "execution_id": execution.id,
        "verdict": verdict,
        "counts": dict(counts),
        "coverage": coverage.to_json(),
        **cost.cost(),
    }
    await execute(session, _RESULT, result)
    return cost


def _verdict(by_verdict: Mapping[str, int], coverage: Coverage) -> str | None:
    """The worst of an execution's findings; excluded ones say nothing of health, and
    reachable ones only that AWS answered."""
    of_health: Counter[str | None] = Counter(dict(by_verdict))
    if of_health and set(of_health) == {EXCLUDED} and coverage.is_complete:
        return EXCLUDED
    del of_health[EXCLUDED]
    of_health[None] += of_health.pop(REACHABLE, 0)
    health = roll_up(of_health.elements(), coverage)
    return health.verdict or (REACHABLE if health.reachable else None)


async def _remember_problems(
    session: AsyncSession,
    execution: TaskExecution,
    status: Status,
    units: Sequence[Row[*tuple[Any, ...]]],
    error: dict[str, Any] | None,
) -> None:
    if status == Status.SUCCEEDED:
        await problems.record_recovery(
            session,
            organization_id=execution.organization_id,
            aws_account_id=execution.aws_account_id,
            task_id=execution.task_id,
        )
        return
    errors = [unit.error for unit in units if unit.error is not None]
    # Each cause once, however many units met it; and in one order everywhere, so that
    # no two executions lock two problems crosswise.
    if error is not None:
        errors.append(error)
    causes = {_problem_order(one): one for one in errors}
    for _, one in sorted(causes.items()):
        await problems.record_failure(
            session,
            organization_id=execution.organization_id,
            aws_account_id=execution.aws_account_id,
            execution_id=execution.id,
            error=one,
        )


def _problem_order(error: Mapping[str, Any]) -> tuple[str, str, str]:
    return error["category"], error["code"], error.get("missing_action") or ""
