"""Opens an execution's sessions at AWS: one per set of actions, each allowed no more
than these by its session policy."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

import anyio

from app.aws.call import Guard
from app.aws.engine import actions_for
from app.aws.errors import AWSConfigurationError, error
from app.aws.policy import session_policy
from app.aws.session import TenantSession
from app.aws.unit import Unit
from app.core.clock import now
from app.core.crypto import Undecryptable
from app.core.errors import NoVerifiedCredentials
from app.models.aws_account import CredentialsPurpose
from app.services.claims import Claim
from app.services.credential_opening import Opened, connect, open_session
from app.tasks.worker import Worker

LONG_UNIT = timedelta(minutes=30)
SPARE = timedelta(minutes=2)  # between the deadline and the last call that it stops


class Connections:
    """The sessions of one execution, opened when first needed."""

    def __init__(self, worker: Worker, claim: Claim, guard: Guard) -> None:
        self._worker = worker
        self._claim = claim
        self._guard = guard
        self._deadline = now() + claim.timeout
        self._opened: Opened | None = None
        self._sessions: dict[tuple[str, ...], TenantSession] = {}
        self._lock = asyncio.Lock()
        self._actions: dict[str, tuple[str, ...]] = {}

    def expect(self, units: Iterable[Unit]) -> None:
        """Units of one service will share a session, where its policy can name all
        their actions."""
        by_service: dict[str, list[Unit]] = defaultdict(list)
        for unit in units:
            by_service[unit.service].append(unit)
        for service, of_service in by_service.items():
            actions = actions_for(of_service)
            if len(session_policy(actions)) == 1:
                self._actions[service] = actions

    async def session_of(self, unit: Unit) -> TenantSession:
        actions = self._actions.get(unit.service) or actions_for([unit])
        return await self.session_for(actions)

    async def session_for(self, actions: Iterable[str]) -> TenantSession:
        """A session that may do `actions`; raises AWSError, or what stops us."""
        key = tuple(sorted(actions))
        async with self._lock:
            session = self._sessions.get(key)
            if session is None or not self._lasts(session):
                session = self._sessions[key] = await self._connect(key)
            return session

    def _lasts(self, session: TenantSession) -> bool:
        """Whether its keys outlive the execution, or at least a long unit."""
        if session.expires_at is None:
            return True
        return session.expires_at >= min(self._deadline, now() + LONG_UNIT)

    async def _connect(self, actions: tuple[str, ...]) -> TenantSession:
        opened = await self._open()
        [policy] = session_policy(actions)
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
        if self._opened is None:
            try:
                self._opened = await open_session(
                    self._worker.database,
                    self._worker.keys,
                    self._claim.organization_id,
                    self._claim.aws_account_id,
                    CredentialsPurpose.READ,
                )
            except (NoVerifiedCredentials, Undecryptable) as missing:
                raise error(
                    AWSConfigurationError,
                    code=missing.code.replace("-", "_"),
                    message=missing.detail,
                    service="sts",
                    operation="AssumeRole",
                    region="us-east-1",
                ) from missing
        return self._opened
