"""The database: one engine per login, one unit of work per request or job step.

`unit_of_work` is the only place that commits. The tenant is set per transaction, never
per connection, so that a pooled connection carries nothing over.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Connection, CursorResult, Executable, event, exc, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from app.core import measures, tracing
from app.core.clock import monotonic
from app.core.queue import Publisher, publish_hints
from app.core.setting_faults import NotSet
from app.core.settings import Settings
from app.core.tenant_connection import TenantConnection
from app.core.tls import database_options

log = structlog.get_logger(__name__)

_NOTHING = text("SELECT")
_WRITTEN = text("SELECT pg_current_xact_id_if_assigned()::text")


# What says that the database cannot be reached now, to those that will ask again.
AWAY = (DBAPIError, OSError, exc.TimeoutError)


class Login(StrEnum):
    """The database logins, by what each may do (bootstrap.py, migrations)."""

    APP = "app"
    WORKER = "worker"
    SYSTEM = "system"
    OWNER = "owner"


def database_url(settings: Settings, login: Login) -> str:
    """The login's URL; NotSet names the variable that is missing."""
    url = {
        Login.APP: settings.database_url,
        Login.WORKER: settings.database_worker_url,
        Login.SYSTEM: settings.database_system_url,
        Login.OWNER: settings.database_owner_url,
    }[login]
    if url is None:
        name = "DATABASE_URL" if login is Login.APP else f"DATABASE_{login.upper()}_URL"
        raise NotSet(f"{name} is not set")
    return url.get_secret_value()


_TRACED = {"db.system.name": "postgresql"}
_LOGIN = "cloudrota.login"
CONNECT_SECONDS = 10
# So long after its last use a connection is asked whether it is still there.
IDLE_SECONDS = 5

# uvloop's words for a connection that was reset since it was used last; it has no
# class of its own for it.
_CLOSED = "the handler is closed"


class Patience(NamedTuple):
    """Seconds that are waited: for a connection of the pool, and for an answer. The
    server ends a statement sooner (`statement_timeout`); who hears nothing for longer
    has lost it, and would otherwise wait for ever."""

    pool: float
    answer: float | None


PATIENCE = {
    Login.APP: Patience(30, 15),
    # Its units wait behind large merges.
    Login.WORKER: Patience(300, 75),
    # Three in a row still fit into a lease: heartbeats are among them.
    Login.SYSTEM: Patience(30, 15),
    Login.OWNER: Patience(30, None),
}


def make_engine(settings: Settings, login: Login) -> AsyncEngine:
    patience = PATIENCE[login]
    arguments: dict[str, object] = {
        "timeout": CONNECT_SECONDS,
        "command_timeout": patience.answer,
        "connection_class": TenantConnection,
    }
    if settings.database_behind_pooler:
        # A pooler hands one connection to many clients: no statement may be known
        # to it by a name that another client also uses.
        arguments |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__{uuid4()}__",
        }
    url = database_url(settings, login)
    engine = create_async_engine(
        url,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=patience.pool,
        connect_args=arguments | database_options(settings, url),
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "handle_error", _lose_the_silent)
    event.listen(engine.sync_engine, "checkin", _put_back)
    event.listen(engine.sync_engine, "checkout", _ask_the_idle)
    return engine


def _put_back(connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = monotonic()
    if connection is not None:  # of one that was lost nothing is left
        connection.driver_connection.begin_next_as(None)


def _ask_the_idle(
    connection: Any, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """A connection that was closed since its last use, with all beside it, is replaced
    by a new one. That it was closed silently is found out by a ping, three round trips,
    which only one that nobody used for a while is worth."""
    if connection.driver_connection.is_closed():
        raise exc.InvalidatePoolError("It was closed since its last use.")
    if monotonic() - record.info.get("used_at", monotonic()) < IDLE_SECONDS:
        return
    try:
        connection.ping()
    except TimeoutError:
        raise  # the others beside it are as silent: see _leave
    except (OSError, connection.dbapi.Error) as error:
        raise exc.InvalidatePoolError(str(error)) from error


def _lose_the_silent(context: ExceptionContext) -> None:
    """A connection that did not answer is thrown away, not asked to roll back."""
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True


class _Turn:
    """The right to one of the pool's connections. The pool by itself gives one that is
    back to whoever asks just then, and who was woken for it waits anew, as the last."""

    def __init__(self, among: asyncio.Semaphore) -> None:
        self._among = among
        self._is_mine = False

    async def wait(self, seconds: float) -> None:
        """Those who wait get it in the order in which they came."""
        if not self._among.locked():
            await self._among.acquire()
        else:
            try:
                async with asyncio.timeout(seconds):
                    await self._among.acquire()
            except TimeoutError:
                raise exc.TimeoutError("no connection became free in time") from None
        self._is_mine = True

    def end(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._among.release()


class Database:
    """The engines and sessions of one process."""

    def __init__(self, settings: Settings, publisher: Publisher) -> None:
        self._settings = settings
        self._publisher = publisher
        self._engines: dict[Login, AsyncEngine] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        size = settings.database_pool_size
        self._turns = {login: asyncio.Semaphore(size) for login in Login}

    def engine(self, login: Login) -> AsyncEngine:
        if login not in self._engines:
            self._engines[login] = make_engine(self._settings, login)
        return self._engines[login]

    async def close(self) -> None:
        for engine in self._engines.values():
            await engine.dispose()
        self._engines.clear()
        await asyncio.gather(*self._leaving)

    def _leave(self, login: Login, silent: AsyncEngine) -> None:
        """If one connection is silent, so are those beside it: the next unit of work
        has new ones, without waiting for each of the old."""
        if self._engines.get(login) is not silent:
            return
        log.warning("db.silent", login=login)
        del self._engines[login]
        leaving = asyncio.create_task(silent.dispose())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

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
        engine, turn = self.engine(login), _Turn(self._turns[login])
        await turn.wait(PATIENCE[login].pool)
        try:
            async with AsyncSession(engine, expire_on_commit=False) as session:
                set_tenant(
                    session,
                    organization_id=organization_id,
                    user_id=user_id,
                    actor=actor,
                )
                session.info["turn"] = turn
                with tracing.step("transaction", {**_TRACED, _LOGIN: login.value}):
                    yield session
                    await session.commit()
                turn.end()
                measures.settle(session)
                await publish_hints(session, self._publisher)
        except TimeoutError:
            self._leave(login, engine)
            raise
        except RuntimeError as error:
            if _CLOSED not in str(error):
                raise
            raise ConnectionResetError("the connection was closed") from error
        finally:
            turn.end()

    @asynccontextmanager
    async def system_session(self, reason: str) -> AsyncIterator[AsyncSession]:
        """A unit of work across tenants, under the login with the narrowest grants."""
        log.debug("db.system_session", reason=reason)
        async with self.unit_of_work(Login.SYSTEM, actor=reason) as session:
            yield session


async def pause(session: AsyncSession) -> None:
    """End the session's transaction before an outsider is asked; the next statement
    begins another one, for the same tenant, and everything read is read anew. Only what
    has read so far can be paused: RuntimeError where anything was written or locked."""
    if await session.scalar(_WRITTEN) is not None:
        raise RuntimeError("only what has written nothing can be paused")
    await session.rollback()
    if (turn := session.info.get("turn")) is not None:
        turn.end()


async def execute(
    session: AsyncSession,
    statement: Executable,
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> CursorResult[Any]:
    """Run a statement that was built once, past the ORM, which would have nothing to do
    for it and doubles its cost. What the session holds unflushed, it does not see."""
    connection: AsyncConnection | None = session.info.get("connection")
    if connection is None or connection.closed:  # it is closed with its transaction
        connection = session.info["connection"] = await session.connection()
    return await connection.execute(statement, values)


async def driver_of(session: AsyncSession) -> Any:
    """The driver's own connection, in the session's transaction. SQLAlchemy begins that
    with the first statement that goes through it."""
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    if not cast("TenantConnection", driver).is_in_transaction():
        await connection.execute(_NOTHING)
    return driver


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
    session: Session, transaction: SessionTransaction, connection: Connection
) -> None:
    if transaction.nested:  # a savepoint, of a transaction that has begun
        return
    begun = cast("TenantConnection", connection.connection.driver_connection)
    begun.begin_next_as(session.info.get("tenant"))
