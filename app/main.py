"""Wires the API together: settings, database, keys, middleware, routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType

from anyio import to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware

from app.api import console, openapi, problems
from app.api.middleware import BodyLimit, RequestContext, Surprises
from app.api.router import VERSION_1
from app.api.routes import (
    api_keys,
    artifacts,
    audit_log,
    auth,
    aws_accounts,
    aws_credentials,
    catalog,
    deliveries,
    documentation,
    events,
    evidence,
    execution_control,
    executions,
    explanations,
    health,
    invitations,
    members,
    mfa,
    notification_channels,
    notification_mutes,
    notification_rules,
    operations,
    organization,
    plans,
    policies,
    resources,
    runs,
    schedules,
    subscription,
    task_runs,
    tasks,
    usage,
    webhook_endpoints,
    webhooks,
)
from app.api.routes import problems as problem_routes
from app.api.strict_json import refuse_ambiguous_json
from app.core.db import Database
from app.core.limits import Limiter
from app.core.log import configure_logging
from app.core.settings import Settings, settings
from app.core.signing import SigningKeys
from app.core.version import VERSION
from app.integrations import telemetry
from app.services import price_list
from app.services.key_providers import key_provider
from app.services.live_hub import LiveHub
from app.tasks.publisher import RedisPublisher

# By our pages on other origins, beside what is always readable.
_READABLE = (
    *("ETag", "X-Request-Id", "Retry-After", "Deprecation", "Sunset"),
    *("RateLimit", "RateLimit-Policy"),
)


def create_app(configured: Settings | None = None) -> FastAPI:
    """The ASGI application. Without `configured`, the environment's settings."""
    configured = configured or settings()
    configure_logging(configured, "api")
    traces = telemetry.start(configured, "api")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current: Settings = app.state.settings
        publisher = RedisPublisher(current)
        app.state.database = Database(current, publisher)
        app.state.limiter = Limiter(current)
        app.state.live_hub = LiveHub(current, app.state.database, publisher)
        try:
            await price_list.must_have_default(app.state.database, current)
            async with app.state.live_hub.running():
                yield
        finally:
            await app.state.database.close()
            await app.state.limiter.close()
            await publisher.close()
            await to_thread.run_sync(telemetry.stop, traces)

    app = FastAPI(
        title="Cloudrota",
        version=VERSION,
        summary="Keeps a rota of duties for AWS accounts.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        telemetry=telemetry.of_requests(traces),
    )
    app.state.settings = configured
    app.state.keys = key_provider(configured)
    app.state.signing_keys = SigningKeys.from_settings(configured)
    app.add_middleware(Surprises)
    app.add_middleware(BodyLimit, limit=configured.max_request_bytes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=configured.origins,
        allow_credentials=True,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=_READABLE,
    )
    app.add_middleware(RequestContext, only_https=not configured.is_local)
    problems.install(app)
    documentation.install(app)
    app.include_router(operations.router)
    app.include_router(evidence.public)
    _include_version_1(app)
    console.install(app)
    openapi.install(app)
    return app


def _include_version_1(app: FastAPI) -> None:
    modules: tuple[ModuleType, ...] = (
        api_keys,
        artifacts,
        audit_log,
        auth,
        aws_accounts,
        aws_credentials,
        catalog,
        deliveries,
        events,
        evidence,
        execution_control,
        executions,
        explanations,
        health,
        invitations,
        members,
        mfa,
        notification_channels,
        notification_mutes,
        notification_rules,
        organization,
        plans,
        policies,
        problem_routes,
        resources,
        runs,
        schedules,
        subscription,
        task_runs,
        tasks,
        usage,
        webhook_endpoints,
        webhooks,
    )
    for module in modules:
        reads_json = [] if module is webhooks else [Depends(refuse_ambiguous_json)]
        app.include_router(module.router, prefix=VERSION_1, dependencies=reads_json)
