"""What a route may ask for: the session of its request, who is asking (with a session's
token or an API key), a page, and an idempotency key."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Annotated, cast

import structlog
from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app.api import read_only
from app.api.openapi import declared_permission
from app.core import api_keys
from app.core.actor import Actor
from app.core.crypto import KeyProvider
from app.core.db import Database, Login
from app.core.errors import MfaEnrolmentRequired, PersonNeeded, Unauthenticated
from app.core.limits import Limiter
from app.core.origin import ORIGIN
from app.core.permissions import Permission
from app.core.settings import Settings
from app.core.tokens import AccessClaims, read_access_token
from app.services import actors, rate_limits
from app.services.paging import DEFAULT_LIMIT, MAX_LIMIT
from app.services.paging import Page as PageRequest
from app.services.throttling import Gate

# What every request goes through asks the request itself, with few dependencies: each
# is solved anew wherever it is named, and that is a good part of what a request costs.
# None of them may be a plain function: the framework runs those in a thread.


def _settings_of(request: Request) -> Settings:
    return cast("Settings", request.app.state.settings)


def _database_of(request: Request) -> Database:
    return cast("Database", request.app.state.database)


def _limiter_of(request: Request) -> Limiter:
    return cast("Limiter", request.app.state.limiter)


async def _settings(request: Request) -> Settings:
    return _settings_of(request)


async def _database(request: Request) -> Database:
    return _database_of(request)


async def _keys(request: Request) -> KeyProvider:
    return cast("KeyProvider", request.app.state.keys)


async def _limiter(request: Request) -> Limiter:
    return _limiter_of(request)


async def _address() -> str | None:
    return ORIGIN.get().address


SettingsOfApp = Annotated[Settings, Depends(_settings)]
DatabaseOfApp = Annotated[Database, Depends(_database)]
KeysOfApp = Annotated[KeyProvider, Depends(_keys)]
LimiterOfApp = Annotated[Limiter, Depends(_limiter)]
AddressOfClient = Annotated[str | None, Depends(_address)]


async def _gate(
    database: DatabaseOfApp,
    settings: SettingsOfApp,
    limiter: LimiterOfApp,
    address: AddressOfClient,
) -> Gate:
    return Gate(database, settings, limiter, address)


GateOfVisitor = Annotated[Gate, Depends(_gate)]


class _Bearer(HTTPBearer):
    """Who asks, and how the document says it is told: the framework's bearer, with what
    it bears."""

    def __init__(self) -> None:
        super().__init__(
            auto_error=False,
            scheme_name="HTTPBearer",
            description="A JWT from /auth/login, or an API key.",
        )

    async def __call__(self, request: Request) -> AccessClaims | Actor:  # type: ignore[override]  # not the text, but whose it is
        caller = await _caller(request, await super().__call__(request))
        request.state.caller = caller
        return caller


async def _caller(
    request: Request, bearer: HTTPAuthorizationCredentials | None
) -> AccessClaims | Actor:
    """The claims of a session's token, which are looked at in its transaction; or the
    actor of an API key, which had to be looked up to know whose transaction it is."""
    if len(request.headers.getlist("authorization")) > 1:
        raise Unauthenticated("Send one Authorization header, not several.")
    if bearer is None:
        raise Unauthenticated("Send an access token: Authorization: Bearer …")
    if not bearer.credentials.startswith(api_keys.BEGINNING):
        return read_access_token(_settings_of(request), bearer.credentials)
    # Who tries keys costs a look-up each: what comes from one address is bounded first.
    address = ORIGIN.get().address
    counted = await rate_limits.count(
        _limiter_of(request), _settings_of(request), address=address, actor=None
    )
    _keep_to(request, counted)
    request.state.counted = counted
    return await actors.authenticate_key(
        _database_of(request), bearer.credentials, address=address
    )


Caller = Annotated[AccessClaims | Actor, Depends(_Bearer())]


async def _claims(caller: Caller) -> AccessClaims:
    """For what is a person's own, which no key may touch."""
    if isinstance(caller, Actor):
        raise PersonNeeded("Sign in and do it yourself.")
    return caller


Claims = Annotated[AccessClaims, Depends(_claims)]


async def _session(request: Request, caller: Caller) -> AsyncIterator[AsyncSession]:
    async with _database_of(request).unit_of_work(
        Login.APP,
        organization_id=caller.organization_id,
        user_id=caller.user_id,
        actor=caller.signature,
    ) as session:
        yield session


# Function scope: with the default one the answer leaves before the commit, so that a
# failed commit would still say 200.
DbSession = Annotated[AsyncSession, Depends(_session, scope="function")]


_ENROLLING = "/api/v1/auth/"


async def _actor(request: Request, session: DbSession) -> Actor:
    caller: AccessClaims | Actor = request.state.caller  # the session is theirs
    settings, limiter = _settings_of(request), _limiter_of(request)
    structlog.contextvars.bind_contextvars(
        organization_id=str(caller.organization_id), actor=caller.signature
    )
    # Redis is asked while PostgreSQL is, so that the answer waits for neither twice.
    before: rate_limits.Count | None = getattr(request.state, "counted", None)
    counting = asyncio.create_task(
        rate_limits.count(
            limiter,
            settings,
            address=ORIGIN.get().address,
            actor=caller.signature,
        )
        if before is None
        else rate_limits.count_actor(limiter, settings, caller.signature)
    )
    try:
        actor = await _known(session, caller)
    finally:
        counted = await counting
    # Who it is that a problem is told to: a refusal is recorded (api/problems.py).
    request.state.actor = actor
    _keep_to(request, counted.beside(before))
    if actor.key_id is not None and declared_permission(request) is None:
        raise PersonNeeded("Sign in and do it yourself.")
    if actor.must_enrol and not request.url.path.startswith(_ENROLLING):
        raise MfaEnrolmentRequired("Turn it on under /auth/mfa; then go on here.")
    return actor


async def _known(session: AsyncSession, caller: AccessClaims | Actor) -> Actor:
    if isinstance(caller, Actor):
        return caller
    return await actors.authenticate(session, caller)


CurrentActor = Annotated[Actor, Depends(_actor)]


def _keep_to(request: Request, counted: rate_limits.Count) -> None:
    request.scope["answer_headers"].update(counted.headers())
    counted.must_fit()


async def limited(request: Request) -> None:
    """For routes without an actor: bounds what one address may ask."""
    counted = await rate_limits.count(
        _limiter_of(request),
        _settings_of(request),
        address=ORIGIN.get().address,
        actor=None,
    )
    _keep_to(request, counted)


def capped(cap: rate_limits.Cap) -> Callable[..., Awaitable[None]]:
    """For routes that cost much: bounds what one tenant may ask. A search is one only
    with something to look for."""

    async def check(request: Request, actor: CurrentActor) -> None:
        if cap is rate_limits.Cap.SEARCHES and "q" not in request.query_params:
            return
        counted = await rate_limits.count_capped(
            _limiter_of(request), _settings_of(request), cap, actor.organization_id
        )
        counted.must_fit()

    check.cap = cap  # type: ignore[attr-defined]  # read by tests/walks
    return check


def needs(
    permission: Permission, *, fresh: bool = False
) -> Callable[[Request, Actor], Awaitable[None]]:
    """Declares a route's permission: `dependencies=[Depends(needs(...))]`. It is
    asked before the body is looked at and before anything is searched for. With
    `fresh` it must not be long ago that one proved who one is."""

    async def check(request: Request, actor: CurrentActor) -> None:
        actor.must(permission)
        if actor.is_read_only:
            await read_only.must_stay_open(request)
        if fresh:
            actor.must_have_proved(_step_up_within(_settings_of(request)))

    check.permission = permission  # type: ignore[attr-defined]  # read by api/openapi.py
    check.needs_fresh_proof = fresh  # type: ignore[attr-defined]  # same
    return check


async def needs_fresh_proof(
    database: DatabaseOfApp, settings: SettingsOfApp, claims: Claims
) -> None:
    """The same for a route without a permission. It has a transaction of its own, so
    that none is open while the route hashes."""
    async with actors.in_name_of(database, claims) as session:
        actor = await actors.authenticate(session, claims)
    actor.must_have_proved(_step_up_within(settings))


needs_fresh_proof.needs_fresh_proof = True  # type: ignore[attr-defined]  # same


def _step_up_within(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.step_up_minutes)


async def _page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
) -> PageRequest:
    return PageRequest(limit=limit, cursor=cursor)


Page = Annotated[PageRequest, Depends(_page)]

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="Makes a repeat safe."),
]
