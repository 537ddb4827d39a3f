"""Runs one execution: claim → act → record. The unit is strict (an error ends it, is
categorised and recorded), its siblings stop or go on as the task says."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import anyio
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.call import Allowance, Guard
from app.aws.engine import AccountRegions, enabled_regions, require_applicable
from app.aws.errors import AWSConfigurationError, AWSError, error
from app.aws.regions import ACTIONS as REGION_ACTIONS
from app.aws.services.registry import service_for
from app.aws.session import TenantSession
from app.aws.unit import GLOBAL, NotApplicable, Unit
from app.core.clock import now
from app.core.errors import LeaseLost
from app.models.run import Status, UnitStatus
from app.models.task import ActionKind, OnError
from app.services import claims, execution_ends, execution_work, runs
from app.services.claims import Claim
from app.services.decisions.coverage import Exclusion
from app.services.decisions.usage import PLAN_LIMIT
from app.services.execution_work import Asked, Work
from app.services.staging import Spool, SpoolFull
from app.services.task_types import task_type
from app.tasks.acting import Acting
from app.tasks.connecting import Connections
from app.tasks.stopping import Stop, Stopped, StopReason
from app.tasks.worker import Worker

log = structlog.get_logger(__name__)

ALL_ENABLED = "all_enabled"

Result = TypeVar("Result")

_ENDS = {
    StopReason.CANCELLED: (Status.CANCELLED, "cancelled"),
    StopReason.TIMED_OUT: (Status.FAILED, "timed_out"),
    StopReason.OUTCOME_UNKNOWN: (Status.INTERRUPTED, "outcome_unknown"),
}


async def run(worker: Worker, claim: Claim, stop: Stop) -> None:
    """Work on a claimed execution until it is finished, released or lost."""
    log.info("execution.started", attempt=claim.attempt, fence=claim.fence)
    try:
        await _Execution(worker, claim, stop).run()
    except LeaseLost as lost:
        log.warning("execution.lease_lost", reason=lost.detail)


@dataclass
class _Execution:
    worker: Worker
    claim: Claim
    stop: Stop
    excluded: list[Exclusion] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    begun: set[UUID] = field(default_factory=set)
    unended: int = 0
    has_ended: bool = False

    def __post_init__(self) -> None:
        self.allowance = Allowance(self.worker.settings.aws_calls_per_execution)
        self.guard = self._new_guard()  # calls that belong to no unit

    def _new_guard(self) -> Guard:
        return Guard(self.stop.check, self.allowance, self.worker.pacer)

    async def run(self) -> None:
        connections = Connections(self.worker, self.claim, self.guard)
        regions: AccountRegions | None
        try:
            async with self._transaction() as session:
                work = await execution_work.load(session, self.claim)
                self.services = work.services
                if self._is_beyond_plan(work):
                    ended = (Status.SKIPPED, PLAN_LIMIT)
                    told = await self._end(session, ended=ended)
                    log.info("execution.finished", **told)
                    return
                # Planned before anything is asked, so that a failure names what it
                # kept unread; unless the account itself must say which regions.
                asks_first = ALL_ENABLED in work.regions
                if not asks_first:
                    units = await self._plan(session, work, work.regions)
            if asks_first:
                regions = await self._ask_regions(connections)
                async with self._transaction() as session:
                    await claims.hold(session, self.claim)
                    units = await self._plan(session, work, sorted(regions.enabled))
            else:
                regions = await self._regions_for(units, connections)
        except AWSError as error:
            await self._finish(error=error)
            return
        except Stopped:
            await self._finish()
            return
        if self.claim.kind is ActionKind.MUTATE:
            await self._act_all(work, units, connections, regions)
        else:
            await self._read_all(work, units, connections, regions)
        if not self.has_ended:
            await self._finish()

    def _is_beyond_plan(self, work: Work) -> bool:
        """Whether no call to AWS is left this month; of those that are, it may make no
        more. A change that has begun is not left half done for that."""
        is_changing = self.claim.kind is ActionKind.MUTATE and self.claim.fence > 1
        if work.calls_left is None or is_changing:
            return False
        self.allowance.narrow(
            work.calls_left,
            message="The calls to AWS that your plan left of this month are used up",
            advice="Change to a larger plan, or wait for the next month.",
        )
        return work.calls_left <= 0

    # ── planning ─────────────────────────────────────────────────────────────────

    async def _regions_for(
        self, units: list[tuple[UUID, Unit]], connections: Connections
    ) -> AccountRegions | None:
        """The account's own regions; not asked where no unit is regional."""
        if _all_global([unit for _, unit in units]):
            return None
        return await self._ask_regions(connections)

    async def _ask_regions(self, connections: Connections) -> AccountRegions:
        session = await connections.session_for(REGION_ACTIONS)
        return await _in_thread(lambda: enabled_regions(session, guard=self.guard))

    async def _plan(
        self, session: AsyncSession, work: Work, regions: list[str]
    ) -> list[tuple[UUID, Unit]]:
        """Record the units of these regions; those that are still to be read."""
        planned = task_type(work.type).plan(work.services, regions, work.parameters)
        units, self.excluded = work.split(planned)
        self._refuse_too_many(units, work.most_units)
        at_once = self._at_once(work, units)
        to_read = await execution_work.begin(
            session, self.claim, units, at_once=at_once
        )
        self.begun = {unit_id for unit_id, _ in to_read[:at_once]}
        return to_read

    def _at_once(self, work: Work, units: Sequence[Unit]) -> int:
        """How many units are read as soon as they are planned: no earlier attempt left
        any, and the account's regions need not be asked any more."""
        asks = ALL_ENABLED not in work.regions and not _all_global(units)
        is_first = self.claim.fence == 1 and self.claim.kind is ActionKind.READ
        return self.worker.settings.units_at_once if is_first and not asks else 0

    def _refuse_too_many(self, units: Sequence[Unit], of_plan: int | None) -> None:
        most = of_deployment = self.worker.settings.units_per_execution
        if of_plan is not None:
            most = min(of_plan, of_deployment)
        if len(units) > most:
            whose = "your plan" if most == of_plan else "this installation"
            raise error(
                AWSConfigurationError,
                code="unit_cap",
                message=f"{len(units):,} units are planned, {whose} allows {most:,}",
                service=units[0].service,
                operation="",
                region=units[0].region,
                phase="plan",
                advice="Split the task: fewer services or regions in each.",
            )

    # ── acting ───────────────────────────────────────────────────────────────────

    async def _act_all(
        self,
        work: Work,
        units: Sequence[tuple[UUID, Unit]],
        connections: Connections,
        regions: AccountRegions | None,
    ) -> None:
        whose = (self.worker, self.claim, self.stop)
        acting = Acting(*whose, work, connections, self._new_guard)
        await acting.act_all(units, regions)

    # ── reading ──────────────────────────────────────────────────────────────────

    async def _read_all(
        self,
        work: Work,
        units: list[tuple[UUID, Unit]],
        connections: Connections,
        regions: AccountRegions | None,
    ) -> None:
        connections.expect(unit for _, unit in units)
        self.unended = len(units)
        waiting = iter(units)

        async def read_on() -> None:
            for unit_id, unit in waiting:
                if self.stop.reason is not None:
                    return
                await self._read(work, unit_id, unit, connections, regions)
                self.unended -= 1

        async with _one_error(), anyio.create_task_group() as group:
            for _ in range(self.worker.settings.units_at_once):
                group.start_soon(read_on)

    async def _read(
        self,
        work: Work,
        unit_id: UUID,
        unit: Unit,
        connections: Connections,
        regions: AccountRegions | None,
    ) -> None:
        guard = self._new_guard()
        try:
            require_applicable(unit, regions)
            if unit_id not in self.begun:
                async with self._transaction() as session:
                    await execution_work.begin_unit(session, self.claim, unit_id)
            session_of_unit = await connections.session_of(unit)
            with execution_work.spool(unit, work) as spool:
                await _in_thread(lambda: _call(unit, session_of_unit, guard, spool))
                await self._record(work, unit_id, unit, spool, guard)
        except NotApplicable as absent:
            await self._end_unit(
                work,
                unit_id,
                unit,
                guard,
                UnitStatus.NOT_APPLICABLE,
                reason=absent.reason,
            )
        except AWSError as error:
            if work.on_error is OnError.STOP:
                self.stop.ask(StopReason.SIBLING_FAILED)
            facts = error.facts.as_json()
            await self._end_unit(
                work, unit_id, unit, guard, UnitStatus.FAILED, error=facts
            )
        except Stopped as stopped:
            if stopped.reason not in (StopReason.RELEASED, StopReason.LEASE_LOST):
                reason = stopped.reason.value
                await self._end_unit(
                    work, unit_id, unit, guard, UnitStatus.CANCELLED, reason=reason
                )

    async def _record(
        self, work: Work, unit_id: UUID, unit: Unit, spool: Spool[Any], guard: Guard
    ) -> None:
        """Record a unit that was read; with the last one the execution ends, unless it
        was asked to stop."""
        told = None
        async with self._transaction() as session:
            await execution_work.record_read(
                session,
                self.claim,
                unit_id,
                unit,
                spool,
                work=work,
                asked=Asked.by(guard),
            )
            if self.unended == 1 and self.stop.reason is None:
                told = await self._end(session)
        if told is not None:
            self.has_ended = True
            log.info("execution.finished", **told)

    async def _end_unit(
        self,
        work: Work,
        unit_id: UUID,
        unit: Unit,
        guard: Guard,
        status: UnitStatus,
        **facts: Any,
    ) -> None:
        async with self._transaction() as session:
            await execution_work.finish_unit(
                session,
                self.claim,
                unit_id,
                unit,
                work=work,
                status=status,
                asked=Asked.by(guard),
                **facts,
            )

    # ── ending ───────────────────────────────────────────────────────────────────

    async def _finish(self, error: AWSError | None = None) -> None:
        reason = self.stop.reason
        if reason is StopReason.LEASE_LOST:
            raise LeaseLost("It was not extended in time.")
        if reason is StopReason.RELEASED:
            await self._release()
            return
        ended = _ENDS.get(reason) if reason is not None else None
        if error is not None:
            ended = (Status.FAILED, "before_first_unit")
        async with self._transaction() as session:
            told = await self._end(session, ended=ended, error=error)
        log.info("execution.finished", **told)

    async def _end(
        self,
        session: AsyncSession,
        *,
        ended: tuple[Status, str | None] | None = None,
        error: AWSError | None = None,
    ) -> dict[str, Any]:
        return await execution_ends.finish(
            session,
            self.claim,
            services=self.services,
            excluded=self.excluded,
            ended=ended,
            error=error.facts.as_json() if error is not None else None,
            asked=Asked.by(self.guard),
        )

    async def _release(self) -> None:
        async with self._transaction() as session:
            await claims.release(session, self.claim)
            await runs.settle(session, self.claim.organization_id, self.claim.run_id)
        log.info("execution.released")

    def _transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self.worker.transaction(self.claim)


def _all_global(units: Iterable[Unit]) -> bool:
    return all(unit.region == GLOBAL for unit in units)


def _call(unit: Unit, session: TenantSession, guard: Guard, spool: Spool[Any]) -> None:
    """Read a unit page by page into the spool, in a worker thread."""
    category = service_for(unit)
    pages: Iterator[Sequence[Any]]
    if unit.kind == "list":
        pages = category.resource_list(unit, session, guard=guard)
    else:
        pages = category.health_check(unit, session, guard=guard, now=now())
    try:
        for page in pages:
            spool.add(page)
    except SpoolFull as full:
        raise full.as_error(
            service=unit.service,
            operation=unit.key.partition(":")[2],
            region=unit.region,
        ) from full


async def _in_thread(work: Callable[[], Result]) -> Result:
    # Not abandoned on cancellation: an AWS call that is under way is waited for.
    return await anyio.to_thread.run_sync(work)


@asynccontextmanager
async def _one_error() -> AsyncIterator[None]:
    """Out of a task group, the first error itself instead of a group of them."""
    try:
        yield
    except BaseExceptionGroup as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from group
