"""What docs/api-policy.md promises of every route: what creates can be asked again,
what is edited has a tag, what will go says so, and nobody may ask without end."""

from datetime import date
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from fastapi import Depends, FastAPI, HTTPException
from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient

from app.api.deprecation import deprecated
from app.api.deps import CurrentActor, GateOfVisitor, limited
from app.api.middleware import RequestContext
from tests.tenancy.routes import Endpoint, application, endpoints

ENDPOINTS = [one for one in endpoints() if one.route.include_in_schema]

# POSTs that answer "made" or "will be", and why a repeat makes nothing twice.
_ONCE_BY_NATURE = "a repeat finds it done"
WITHOUT_KEY = {
    "POST /api/v1/auth/register": "nobody is known yet; an address registers once",
    "POST /api/v1/auth/forgot-password": "one link works at a time",
    "POST /api/v1/auth/organizations": "nobody owns two of one name",
    "POST /api/v1/organization/deletion": _ONCE_BY_NATURE,
    "POST /api/v1/auth/mfa/totp": "a secret that is not confirmed is replaced",
    "POST /api/v1/executions/{id}/cancel": _ONCE_BY_NATURE,
    "POST /api/v1/deliveries/{id}/replay": "one that waits is answered again",
    "POST /api/v1/notification-channels/{id}/deliveries/replay": "each only once",
    "POST /api/v1/webhook-endpoints/{id}/deliveries/replay": "each only once",
    "POST /api/v1/aws-credentials/{id}/verify": "asks to look again; makes nothing",
    "POST /api/v1/notification-channels/{id}/test": "makes nothing, and not often",
    "POST /api/v1/notification-channels/{id}/confirmation": "one link works at a time",
    "POST /api/v1/webhook-endpoints/{id}/test": "makes nothing, and not often",
}


def operation(endpoint: Endpoint) -> dict[str, Any]:
    found = application().openapi()["paths"][endpoint.path][endpoint.method.lower()]
    assert isinstance(found, dict)
    return found


def takes(endpoint: Endpoint, header: str) -> bool:
    return any(
        parameter["in"] == "header" and parameter["name"].lower() == header
        for parameter in operation(endpoint).get("parameters", ())
    )


def tags(endpoint: Endpoint) -> bool:
    return "ETag" in operation(endpoint)["responses"]["200"].get("headers", {})


def test_every_post_that_creates_can_be_asked_again() -> None:
    creating = {
        str(one): takes(one, "idempotency-key")
        for one in ENDPOINTS
        if one.method == "POST" and {"201", "202"} & set(operation(one)["responses"])
    }
    assert {name for name, may in creating.items() if not may} == set(WITHOUT_KEY)


def test_what_is_edited_has_a_tag_that_edits_may_name() -> None:
    readers = {one.path: one for one in ENDPOINTS if one.method == "GET"}
    edits = [one for one in ENDPOINTS if one.method in {"PATCH", "PUT"}]
    assert edits
    for edit in edits:
        assert takes(edit, "if-match"), f"{edit} would overwrite another's edit"
        assert tags(edit), f"{edit} does not say the tag of what it made"
        reader = readers.get(edit.path)
        assert reader is not None, f"nothing reads what {edit} changes"
        assert tags(reader), f"{reader} does not say the tag for {edit}"


# Routes that nobody counts, and why.
UNCOUNTED = {
    "GET /healthz": "a load balancer's",
    "GET /readyz": "a load balancer's",
}


def asks_for(endpoint: Endpoint) -> set[object]:
    """All that the route depends on, near and far."""
    found: set[object] = set()
    waiting = [endpoint.route.dependant]
    while waiting:
        one = waiting.pop()
        found.add(one.call)
        waiting += one.dependencies
    return found


def test_every_route_is_counted() -> None:
    """By its actor, by its visitor's address, or as a try to sign in."""
    (counts, *_), (throttles, *_) = (
        get_args(alias)[1:] for alias in (CurrentActor, GateOfVisitor)
    )
    by_any = {counts.dependency, throttles.dependency, limited}
    uncounted = {str(one) for one in ENDPOINTS if not asks_for(one) & by_any}
    assert uncounted == set(UNCOUNTED)


def test_every_search_and_export_is_capped() -> None:
    capped_routes = {
        str(one)
        for one in ENDPOINTS
        if any(hasattr(call, "cap") for call in asks_for(one))
    }
    searching = {
        str(one)
        for one in ENDPOINTS
        if {"q"} & {p["name"] for p in operation(one).get("parameters", ())}
    }
    exporting = {
        str(one) for one in ENDPOINTS if one.path.endswith(("/export", "/evidence"))
    }
    making_files = {"POST /api/v1/executions/{id}/artifacts"}
    looking_far_back = {"GET /api/v1/resources/counts"}
    assert capped_routes == searching | exporting | making_files | looking_far_back


def sunset_of(route: APIRoute) -> date | None:
    for dependency in route.dependencies:
        found = getattr(dependency.dependency, "sunset", None)
        if isinstance(found, date):
            return found
    return None


def test_what_is_deprecated_says_until_when() -> None:
    for endpoint in endpoints():
        is_marked = bool(endpoint.route.deprecated)
        assert is_marked == (sunset_of(endpoint.route) is not None), str(endpoint)


@pytest.fixture
def toy() -> FastAPI:
    """One route that will go and one that stays."""
    app = FastAPI()
    gone = deprecated(since=date(2026, 1, 1), sunset=date(2026, 7, 1))

    @app.get("/old", deprecated=True, dependencies=[Depends(gone)])
    async def old() -> str:
        raise HTTPException(404)

    @app.get("/new")
    async def new() -> str:
        return "new"

    app.state.settings = SimpleNamespace(trusted_proxies=0)
    app.add_middleware(RequestContext, only_https=False)
    return app


async def test_each_answer_of_a_route_that_will_go_says_so(toy: FastAPI) -> None:
    transport = ASGITransport(toy, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://toy") as client:
        old, new = await client.get("/old"), await client.get("/new")
    assert old.status_code == 404, "a refusal, too"
    assert old.headers["deprecation"] == "@1767225600"
    assert old.headers["sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT"
    assert not {"deprecation", "sunset"} & set(new.headers)


def test_nobody_has_less_than_half_a_year() -> None:
    with pytest.raises(ValueError, match="180 days"):
        deprecated(since=date(2026, 1, 1), sunset=date(2026, 6, 1))
