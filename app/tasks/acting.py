"""Units that change something, one after the other: intent → one call → outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import anyio

from app.aws.acting import act, described, outcome_is_unknown, token_of
from app.aws.call import Guard
from app.aws.engine import AccountRegions, require_applicable
from app.aws.errors import AWSError
from app.aws.session import TenantSession
from app.aws.unit import Intent, NotApplicable, Unit
from app.core.clock import monotonic
from app.models.run import UnitStatus
from app.models.task import OnError
from app.services import actions
from app.services.claims import LEASE, Claim
from app.services.execution_work import Asked, Work
from app.services.task_types import task_type
from app.tasks.connecting import Connections
from app.tasks.stopping import Stop, Stopped, StopReason
from app.tasks.worker import Worker

SPARE_SECONDS = 20  # of the lease, when the call is sent


@dataclass(frozen=True, slots=True)
class Acting:
    """What one execution does."""

    worker: Worker
    claim: Claim
    stop: Stop
    work: Work
    connections: Connections
    new_guard: Callable[[], Guard]

    async def act_all(
        self, units: Sequence[tuple[UUID, Unit]], regions: AccountRegions | None
    ) -> None:
        """Stops at the first failure if the task says so, and always where the outcome
        of a call is not known."""
        for unit_id, unit in units:
            if self.stop.reason is not None:
                return
            try:
                require_applicable(unit, regions)
                session = await self._session_of(unit)
            except NotApplicable as absent:
                why = {"reason": absent.reason}
                await self._end_unbegun(unit_id, UnitStatus.NOT_APPLICABLE, **why)
            except AWSError as error:
                facts = {"error": error.facts.as_json()}
                await self._end_unbegun(unit_id, UnitStatus.FAILED, **facts)
                self._failed()
            except Stopped:
                return
            else:
                await self._act(unit_id, unit, session)

    async def _session_of(self, unit: Unit) -> TenantSession:
        allowed = task_type(self.work.type).actions([unit])
        return await self.connections.session_for(allowed)

    async def _act(self, unit_id: UUID, unit: Unit, session: TenantSession) -> None:
        id = self.claim.execution_id
        intent = task_type(self.work.type).intended(unit, id, self.work.parameters)
        guard = self.new_guard()
        asked_at = monotonic()
        async with self.worker.transaction(self.claim) as transaction:
            about = described(session, intent)
            await actions.intend(transaction, self.claim, unit_id, about)
        if monotonic() - asked_at > LEASE.total_seconds() - SPARE_SECONDS:
            # The commit took so long that the lease may end before the call does.
            self.stop.ask(StopReason.RELEASED)
        try:
            self.stop.check()
            await self._call(unit, session, intent, guard)
        except Stopped:
            async with self.worker.transaction(self.claim) as transaction:
                await actions.withdraw(transaction, self.claim, unit_id)
        except AWSError as error:
            is_unknown = outcome_is_unknown(error)
            facts = error.facts.as_json()
            await self._record(unit_id, guard, error=facts, is_unknown=is_unknown)
            self._failed(is_unknown=is_unknown)
        else:
            await self._record(unit_id, guard)

    async def _call(
        self, unit: Unit, session: TenantSession, intent: Intent, guard: Guard
    ) -> None:
        token = token_of(self.claim.execution_id, f"{unit.region}:{unit.key}")
        # Not abandoned on cancellation: a call that is under way is waited for.
        await anyio.to_thread.run_sync(
            lambda: act(session, intent, token=token, guard=guard)
        )

    def _failed(self, *, is_unknown: bool = False) -> None:
        if is_unknown:
            self.stop.ask(StopReason.OUTCOME_UNKNOWN)
        elif self.work.on_error is OnError.STOP:
            self.stop.ask(StopReason.SIBLING_FAILED)

    async def _record(self, unit_id: UUID, guard: Guard, **outcome: Any) -> None:
        asked = Asked.by(guard)
        async with self.worker.transaction(self.claim) as transaction:
            await actions.record_outcome(
                transaction, self.claim, unit_id, asked=asked, **outcome
            )

    async def _end_unbegun(
        self, unit_id: UUID, status: UnitStatus, **facts: Any
    ) -> None:
        async with self.worker.transaction(self.claim) as transaction:
            await actions.end_unbegun(transaction, self.claim, unit_id, status, **facts)
