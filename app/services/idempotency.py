"""`Idempotency-Key`: the same key and body get the same answer, another body 409."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import IdempotencyKeyReused
from app.models.outbox import IdempotencyKey

Response = dict[str, Any]
Answer = TypeVar("Answer", bound=BaseModel)


async def once(
    session: AsyncSession,
    actor: Actor,
    act: Callable[[], Awaitable[Response]],
    *,
    route: str,
    key: str | None,
    request: object,
) -> Response:
    """What `act` answers, or what it answered to an earlier request with this key.

    A second request waits at the key's row until the first has ended; `request` is
    what must be equal, as JSON.
    """
    if key is None:
        return await act()
    digest, identity = _digest(request), _identity(actor, route, key)
    claimed = await session.execute(
        insert(IdempotencyKey)
        .values(**identity, request_hash=digest, response={})
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if claimed.one_or_none() is None:
        return await _earlier(session, identity, digest)
    response = await act()
    row = await session.get_one(IdempotencyKey, tuple(identity.values()))
    row.response = response
    await session.flush()
    return response


async def once_as(
    session: AsyncSession,
    actor: Actor,
    answer: type[Answer],
    act: Callable[[], Awaitable[object]],
    *,
    route: str,
    key: str | None,
    request: object,
) -> Answer:
    """The same where `act` makes what is answered as `answer`."""

    async def respond() -> Response:
        return answer.model_validate(await act()).model_dump(mode="json")

    kept = await once(session, actor, respond, route=route, key=key, request=request)
    return answer.model_validate(kept)


async def earlier_as(
    session: AsyncSession,
    actor: Actor,
    answer: type[Answer],
    *,
    route: str,
    key: str | None,
    request: object,
) -> Answer | None:
    """What an earlier request with this key was answered, before anything is done for
    this one; None where there was none. Two at once may both be told None: `once`
    decides."""
    if key is None:
        return None
    kept = await _kept(session, _identity(actor, route, key), _digest(request))
    return None if kept is None else answer.model_validate(kept)


def _digest(request: object) -> bytes:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).digest()


def _identity(actor: Actor, route: str, key: str) -> dict[str, Any]:
    return {
        "organization_id": actor.organization_id,
        "actor": actor.signature,
        "route": route,
        "key": key,
    }


async def _earlier(
    session: AsyncSession, identity: dict[str, Any], digest: bytes
) -> Response:
    kept = await _kept(session, identity, digest)
    assert kept is not None
    return kept


async def _kept(
    session: AsyncSession, identity: dict[str, Any], digest: bytes
) -> Response | None:
    found = select(IdempotencyKey).filter_by(**identity)
    row = (await session.scalars(found)).one_or_none()
    if row is None:
        return None
    if row.request_hash != digest:
        raise IdempotencyKeyReused("Use a new key for a different request.")
    return row.response
