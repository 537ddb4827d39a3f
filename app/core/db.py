"""The database: one engine per login, one unit of work per request or job step.

`unit_of_work` is the only place that commits. The tenant is set per transaction, never
per connection, so that a pooled connection carries nothing over.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session, SessionTransaction

from app.core.queue import Publisher, publish_hints
from app.core.settings import Settings

log = structlog.get_logger(__name__)

_SET_TENANT = text(
    "SELECT set_config('app.organization_id', :organization_id, true),"
    " set_config('app.user_id', :user_id, true),"
    " set_config('app.actor', :actor, true)"
)


class Login(StrEnum):
    """The database logins, by what each may do (bootstrap.py, migrations)."""

    APP = "app"
    WORKER = "worker"
    SYSTEM = "system"
    OWNER = "owner"


def database_url(settings: Settings, login: Login) -> str:
    """The login's URL; ValueError names the variable that is not set."""
    url = {
        Login.APP: settings.database_url,
        Login.WORKER: settings.database_worker_url,
        Login.SYSTEM: settings.database_system_url,
        Login.OWNER: settings.database_owner_url,
    }[login]
    if url is None:
        name = "DATABASE_URL" if login is Login.APP else f"DATABASE_{login.upper()}_URL"
        raise ValueError(f"{name} is not set")
    return url.get_secret_value()


# How long somebody waits for a connection. A worker's units wait behind large merges;
# a request does not wait so long.
_POOL_SECONDS = {
    Login.APP: 30,
    Login.WORKER: 300,
    Login.SYSTEM: 30,
    Login.OWNER: 30,
}


def make_engine(settings: Settings, login: Login) -> AsyncEngine:
    arguments: dict[str, object] = {"timeout": 10}
    if settings.database_behind_pooler:
        # A pooler hands one connection to many clients: no statement may be known
        # to it by a name that another client also uses.
        arguments |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__{uuid4()}__",
        }
    return create_async_engine(
        database_url(settings, login),
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS[login],
        pool_pre_ping=True,
        connect_args=arguments,
        hide_parameters=True,
    )


class Database:
    """The engines and sessions of one process."""

    def __init__(self, settings: Settings, publisher: Publisher) -> None:
        self._settings = settings
        self._publisher = publisher
        self._engines: dict[Login, AsyncEngine] = {}

    def engine(self, login: Login) -> AsyncEngine:
        if login not in self._engines:
            self._engines[login] = make_engine(self._settings, login)
        return self._engines[login]

    async def close(self) -> None:
        for engine in self._engines.values():
            await engine.dispose()
        self._engines.clear()

    @asynccontextmanager
    async def unit_of_work(
        self,
        login: Login,
        *,
        organization_id: UUID | None = None,
        user_id: UUID | None = None,
        actor: str = "system",
    ) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back by any error; then the
        hints enqueued in it are sent."""
        sessions = async_sessionmaker(self.engine(login), expire_on_commit=False)
        async with sessions() as session:
            set_tenant(
                session, organization_id=organization_id, user_id=user_id, actor=actor
            )
            yield session
            await session.commit()
            await publish_hints(session, self._publisher)

    @asynccontextmanager
    async def system_session(self, reason: str) -> AsyncIterator[AsyncSession]:
        """A unit of work across tenants, under the login with the narrowest grants."""
        log.debug("db.system_session", reason=reason)
        async with self.unit_of_work(Login.SYSTEM, actor=reason) as session:
            yield session


def set_tenant(
    session: AsyncSession,
    *,
    organization_id: UUID | None,
    user_id: UUID | None,
    actor: str,
) -> None:
    """Say for whom the session's next transactions are; none may be open."""
    if session.in_transaction():
        raise RuntimeError("the tenant is set before a transaction begins")
    session.info["tenant"] = {
        "organization_id": str(organization_id or ""),
        "user_id": str(user_id or ""),
        "actor": actor,
    }


@event.listens_for(Session, "after_begin")
def _set_tenant_for_transaction(
    session: Session, _transaction: SessionTransaction, connection: Connection
) -> None:
    tenant = session.info.get("tenant")
    if tenant is not None:
        connection.execute(_SET_TENANT, tenant)
