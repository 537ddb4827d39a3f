"""Opens an execution's sessions at AWS: one per set of actions, each allowed no more
than these by its session policy."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from datetime import timedelta

import anyio

from app.aws.call import Guard
from app.aws.engine import ANY_ACTION, sessions_for
from app.aws.errors import PLATFORM_FAULT, AWSConfigurationError, error
from app.aws.policy import Policy, session_policy, widest_session_policy
from app.aws.session import TenantSession
from app.aws.unit import Unit
from app.core.clock import now
from app.core.crypto import KeyServiceUnavailable, Undecryptable
from app.core.errors import NoVerifiedCredentials
from app.services.claims import Claim
from app.services.credential_opening import Opened, connect, open_session
from app.services.task_targets import PURPOSES
from app.tasks.worker import Worker

LONG_UNIT = timedelta(minutes=30)
SESSIONS_KEPT = 24  # of one execution; units come service by service
SPARE = timedelta(minutes=2)  # between the deadline and the last call that it stops


def _policy(actions: tuple[str, ...]) -> Policy:
    if actions == ANY_ACTION:
        return widest_session_policy()
    [policy] = session_policy(actions)
    return policy


class Connections:
    """The sessions of one execution, opened when first needed."""

    def __init__(self, worker: Worker, claim: Claim, guard: Guard) -> None:
        self._worker = worker
        self._claim = claim
        self._guard = guard
        self._deadline = now() + claim.timeout
        self._opened: Opened | None = None
        self._sessions: OrderedDict[tuple[str, ...], TenantSession] = OrderedDict()
        self._opening = asyncio.Lock()
        self._locks: dict[tuple[str, ...], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._actions: dict[Unit, tuple[str, ...]] = {}

    def expect(self, units: Iterable[Unit]) -> None:
        """Units that will share sessions, as far as they can."""
        self._actions = sessions_for(units)

    async def session_of(self, unit: Unit) -> TenantSession:
        """Of a unit that was expected."""
        return await self.session_for(self._actions[unit])

    async def session_for(self, actions: Iterable[str]) -> TenantSession:
        """A session that may do `actions`; raises AWSError, or what stops us."""
        key = tuple(sorted(actions))
        async with self._locks[key]:  # other sessions are opened meanwhile
            session = self._sessions.get(key)
            if session is None or not self._lasts(session):
                session = self._sessions[key] = await self._connect(key)
            self._sessions.move_to_end(key)
            if len(self._sessions) > SESSIONS_KEPT:
                self._sessions.popitem(last=False)
            return session

    def _lasts(self, session: TenantSession) -> bool:
        """Whether its keys outlive the execution, or at least a long unit."""
        if session.expires_at is None:
            return True
        return session.expires_at >= min(self._deadline, now() + LONG_UNIT)

    async def _connect(self, actions: tuple[str, ...]) -> TenantSession:
        opened = await self._open()
        policy = _policy(actions)
        name = f"cloudrota-{self._claim.execution_id}"
        return await anyio.to_thread.run_sync(
            lambda: connect(
                opened,
                self._worker.platform,
                self._worker.endpoint,
                session_name=name,
                policy=policy,
                guard=self._guard,
                lasting=self._deadline - now() + SPARE,
            )
        )

    async def _open(self) -> Opened:
        async with self._opening:
            if self._opened is None:
                self._opened = await self._open_stored()
            return self._opened

    async def _open_stored(self) -> Opened:
        try:
            return await open_session(
                self._worker.database,
                self._worker.keys,
                self._claim.organization_id,
                self._claim.aws_account_id,
                PURPOSES[self._claim.kind],
            )
        except (NoVerifiedCredentials, Undecryptable, KeyServiceUnavailable) as missing:
            # No call of the customer's was made, and none may be told of.
            is_ours = not isinstance(missing, NoVerifiedCredentials)
            raise error(
                AWSConfigurationError,
                code=missing.code.replace("-", "_"),
                message=missing.detail,
                service="sts",
                operation="AssumeRole",
                region="us-east-1",
                notes=("configuration", PLATFORM_FAULT) if is_ours else (),
            ) from missing
