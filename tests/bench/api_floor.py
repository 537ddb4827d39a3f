"""The least that answers a page of tasks to who is signed in: FastAPI, asyncpg, orjson,
in one transaction with the tenant's settings; and the least that answers at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response

from app.core.settings import settings
from app.core.tokens import read_access_token
from tests.bench.schedule_ground import plain

_TENANT = (
    "SELECT set_config('app.organization_id', $1, true),"
    " set_config('app.user_id', $2, true)"
)
_USER = "SELECT email, disabled_at FROM users WHERE id = $1"
_PAGE = """
SELECT t.id, t.kind, t.enabled, t.disabled_reason, t.next_run_at, t.created_by,
  t.created_at, t.updated_at, v.name, v.type, v.services, v.regions, v.targets,
  v.parameters, v.schedule, v.after, v.priority, v.timeout_seconds, v.on_error,
  v.retry_policy, v.overlap, v.misfire_grace_seconds, v.notifications, v.version
FROM tasks t
JOIN task_versions v ON v.organization_id = t.organization_id AND v.task_id = t.id
  AND v.version = t.version
WHERE t.organization_id = $1 AND t.deleted_at IS NULL
ORDER BY t.id DESC LIMIT 51
"""
_CONFIGURED = settings()


async def _as_bytes(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=str,
        decoder=lambda text: orjson.Fragment(text.encode()),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    size = _CONFIGURED.database_pool_size
    async with asyncpg.create_pool(
        plain(_CONFIGURED.database_url), min_size=size, max_size=size, init=_as_bytes
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.get("/healthz")
async def hello() -> dict[str, str]:
    """What FastAPI itself costs."""
    return {"status": "alive"}


@app.get("/tasks")
async def tasks(request: Request) -> Response:
    """JWT, user row, settings and page."""
    token = request.headers["authorization"].removeprefix("Bearer ")
    claims = read_access_token(_CONFIGURED, token)
    pool: Any = request.app.state.pool
    async with pool.acquire() as connection, connection.transaction():
        whose = (str(claims.organization_id), str(claims.user_id))
        await connection.execute(_TENANT, *whose)
        user = await connection.fetchrow(_USER, claims.user_id)
        rows = await connection.fetch(_PAGE, claims.organization_id)
    if user is None or user["disabled_at"] is not None:
        return Response(status_code=401)
    items = [dict(row) for row in rows[:50]]
    answer = {"items": items, "next_cursor": str(rows[49]["id"])}
    return Response(orjson.dumps(answer, default=str), media_type="application/json")
