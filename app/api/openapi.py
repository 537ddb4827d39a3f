"""The OpenAPI document: FastAPI's, with our problems instead of its 422 body and each
route's permission and whether it needs a fresh proof of identity."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from app.api import webhooks
from app.api.problems import MEDIA_TYPE
from app.core.permissions import Permission
from app.schemas import events
from app.schemas.problem import Problem

_PROBLEM = {
    "description": "What is wrong, as problem+json (RFC 9457).",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def permission_of(route: APIRoute | RouteContext) -> Permission | None:
    """What the route declares with `needs(…)`; None on a public route."""
    for dependency in route.dependencies:
        permission = getattr(dependency.dependency, "permission", None)
        if permission is not None:
            return Permission(permission)
    return None


def needs_fresh_proof(route: APIRoute | RouteContext) -> bool:
    """Whether it answers `step-up-required` to who proved long ago who it is."""
    return any(
        getattr(dependency.dependency, "needs_fresh_proof", False)
        for dependency in route.dependencies
    )


def declared_permission(request: Request) -> Permission | None:
    """The permission of the route that answers this request."""
    return _permissions(request.app)[request.scope["endpoint"]]


def route_of(request: Request) -> str:
    """The route that answers this request, as tables name it: `GET /api/v1/usage`."""
    return f"{request.method} {_paths(request.app)[request.scope['endpoint']]}"


@lru_cache(maxsize=1)
def _paths(app: FastAPI) -> Mapping[object, str]:
    return {
        context.endpoint: context.path_format or ""
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
    }


@lru_cache(maxsize=1)
def _permissions(app: FastAPI) -> Mapping[object, Permission | None]:
    """By what answers. Also what all routes of a router declare together."""
    return {
        context.endpoint: permission_of(context)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
    }


def install(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def document(app: FastAPI) -> dict[str, Any]:
    """Made anew at each call."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
    )
    schemas = made["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    schemas.update(events.openapi_schemas())
    schemas.update(webhooks.schemas())
    made["webhooks"] = webhooks.section()
    schemas["FieldProblem"] = schemas["Problem"].pop("$defs")["FieldProblem"]
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            _describe(made["paths"][route.path_format], route)
    return made


def _describe(path: dict[str, Any], route: RouteContext) -> None:
    permission = permission_of(route)
    for method in route.methods or ():
        operation = path[method.lower()]
        operation["responses"].pop("422", None)
        operation["responses"]["default"] = _PROBLEM
        if permission is not None:
            operation["x-permission"] = permission.value
        if needs_fresh_proof(route):
            operation["x-step-up"] = True
