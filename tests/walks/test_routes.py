"""Routes: each says who may use it, and takes nothing without a bound, and no member
that it does not know; and permissions and routes are about each other."""

import inspect
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from app.api.router import Router
from app.api.routes.documentation import problem_page
from app.core.permissions import (
    FORBIDDEN_TO_KEYS,
    OPEN_TO_KEYS,
    ROLE_PERMISSIONS,
    Permission,
    Role,
)
from tests.tasks.processes import ROOT
from tests.tenancy.routes import UNKNOWN, Endpoint, application, endpoints

ENDPOINTS = endpoints()
ROUTES = ROOT / "app/api/routes"
WITH_BODY = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]

# Routes without a permission, and why nobody needs one.
_SIGNS_IN = "asked by who is not signed in yet"
_ONES_OWN = "any session; only its user's own"
PUBLIC = {
    "GET /healthz": "a load balancer's",
    "GET /readyz": "a load balancer's; says nothing of any tenant",
    "GET /.well-known/cloudrota-evidence-keys.json": "everybody's; public keys",
    "GET /metrics": "the operator's, on the inside; says nothing of any tenant",
    "GET /docs": "everybody's; the same for all",
    "GET /docs/start.js": "everybody's; the same for all",
    "GET /problems/{code}": "everybody's; what an error means",
    "POST /api/v1/auth/register": _SIGNS_IN,
    "POST /api/v1/auth/login": _SIGNS_IN,
    "POST /api/v1/auth/verify-email": "who has the mailed token",
    "POST /api/v1/auth/forgot-password": _SIGNS_IN,
    "POST /api/v1/auth/reset-password": "who has the mailed token",
    "POST /api/v1/auth/change-password": _ONES_OWN,
    "GET /api/v1/auth/sessions": _ONES_OWN,
    "DELETE /api/v1/auth/sessions/{id}": _ONES_OWN,
    "POST /api/v1/auth/logout-everywhere": _ONES_OWN,
    "POST /api/v1/auth/organizations": "any session; its user will own it",
    "POST /api/v1/auth/delete-account": _ONES_OWN,
    "POST /api/v1/auth/leave": _ONES_OWN,
    "POST /api/v1/auth/read-invitation": "who has the mailed token",
    "POST /api/v1/auth/accept-invitation": "who has the mailed token",
    "POST /api/v1/notification-channels/confirm": "who has the mailed token",
    "PATCH /api/v1/auth/me": _ONES_OWN,
    "GET /api/v1/auth/me/export": _ONES_OWN,
    "GET /api/v1/auth/mfa": _ONES_OWN,
    "POST /api/v1/auth/mfa/totp": _ONES_OWN,
    "POST /api/v1/auth/mfa/totp/confirm": _ONES_OWN,
    "DELETE /api/v1/auth/mfa/totp": _ONES_OWN,
    "POST /api/v1/auth/mfa/recovery-codes": _ONES_OWN,
    "POST /api/v1/auth/step-up": _ONES_OWN,
    "POST /api/v1/auth/refresh": "who has the refresh cookie",
    "POST /api/v1/auth/logout": "who has the refresh cookie",
    "POST /api/v1/auth/switch": "any session; only to where its user is a member",
    "POST /api/v1/webhooks/stripe": "Stripe, which signs its requests",
}
# Permissions that no route declares, and what asks for them.
ASKED_BY_A_RULE = {
    Permission.EDIT_SERVICE_KEYS: "services/api_keys.py: of whose keys it is about",
}
# Streams, which do not end: each needs tests of its own for who sees what.
STREAMS = {"GET /api/v1/events"}
# Members whose bounds the document does not show, and where they are.
BOUNDED_ELSEWHERE = {
    "parameters": "JSON of the task type's own shape, which is checked by its schema",
    "jitter_seconds": "at most a day, which the reading of schedules refuses by name",
    "label_scope": "as `selector`, whose shape it is",
    "selector": "its values are bounded as the list that a single one is made to",
    "X-Cloudrota-CSRF": "only compared; the server bounds headers",
}

Schema = dict[str, Any]


def test_every_route_says_who_may_use_it() -> None:
    without = {str(one) for one in ENDPOINTS if one.permission is None}
    assert without == set(PUBLIC)


def test_every_stream_has_tests_of_its_own() -> None:
    assert {str(one) for one in ENDPOINTS if one.is_stream} == STREAMS


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_it_is_known_whose_every_id_is(endpoint: Endpoint) -> None:
    """So that the matrix of tenancy can attack it: see tests/tenancy/routes.py."""
    nouns = (endpoint.nouns, endpoint.query_ids, endpoint.body_ids)
    unknown = [noun for of in nouns for noun in of.values() if noun.startswith(UNKNOWN)]
    assert unknown == []


def test_every_permission_is_asked_for_and_given() -> None:
    declared = {endpoint.permission for endpoint in ENDPOINTS} - {None}
    given = set().union(*ROLE_PERMISSIONS.values())
    assert declared | ASKED_BY_A_RULE.keys() == given == set(Permission)
    assert not declared & ASKED_BY_A_RULE.keys()


def test_it_is_decided_of_every_permission_whether_a_key_may_have_it() -> None:
    assert set(Permission) == OPEN_TO_KEYS | FORBIDDEN_TO_KEYS
    assert not OPEN_TO_KEYS & FORBIDDEN_TO_KEYS


def test_no_key_changes_what_lets_others_in() -> None:
    """Whatever the name of a permission will be."""
    guarded = re.compile("member|invit|key|credential|bill|subscri|delet|eras|owner")
    changing = {one for one in Permission if not one.endswith(".read")}
    assert {one for one in changing if guarded.search(one)} <= FORBIDDEN_TO_KEYS


def test_each_role_may_what_the_next_lower_one_may() -> None:
    ladder = [Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER]
    assert set(ladder) == set(Role)
    for lower, higher in pairwise(ladder):
        assert ROLE_PERMISSIONS[lower] <= ROLE_PERMISSIONS[higher]


def test_a_viewer_changes_nothing() -> None:
    """A route that does has no permission of a viewer's, unless it only previews."""
    changing = [
        str(endpoint)
        for endpoint in ENDPOINTS
        if endpoint.method != "GET"
        and endpoint.permission in ROLE_PERMISSIONS[Role.VIEWER]
        and not endpoint.path.endswith("/preview")
    ]
    assert changing == []


def test_the_document_says_each_permission() -> None:
    paths = application().openapi()["paths"]
    for endpoint in ENDPOINTS:
        if endpoint.route.include_in_schema:
            operation = paths[endpoint.path][endpoint.method.lower()]
            said = operation.get("x-permission")
            assert said == (endpoint.permission and endpoint.permission.value)
            assert (
                "application/problem+json"
                in operation["responses"]["default"]["content"]
            )


def test_every_route_is_described_and_answers_problems() -> None:
    for path, methods in application().openapi()["paths"].items():
        for method, operation in methods.items():
            place = f"{method} {path}"
            assert operation.get("summary"), place
            assert operation.get("description"), place
            assert "422" not in operation["responses"], place


def test_ids_in_paths_are_uuids() -> None:
    """Anything else is refused before it is looked for."""
    for endpoint in ENDPOINTS:
        if str(endpoint) in PUBLIC:
            continue  # it names no tenant's row
        for parameter in endpoint.route.dependant.path_params:
            if parameter.name in endpoint.nouns:
                assert parameter.field_info.annotation is UUID, str(endpoint)


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=str)
def test_a_body_has_an_example_that_is_accepted(endpoint: Endpoint) -> None:
    field = endpoint.route.body_field
    assert field is not None
    annotation: Any = field.field_info.annotation
    assert endpoint.body, "give the schema an example; the matrix of tenancy sends it"
    TypeAdapter(annotation).validate_python(endpoint.body)


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=str)
def test_a_body_takes_numbers_and_flags_as_json_has_them(endpoint: Endpoint) -> None:
    """Not `"5"` or true for a number, nor 0 or "no" for a flag, as pydantic would."""
    field = endpoint.route.body_field
    assert field is not None
    annotation: Any = field.field_info.annotation
    assert list(_lax(TypeAdapter(annotation).core_schema)) == []


_SCALARS = {"bool", "int", "float"}


def _lax(schema: object, member: str = "") -> Iterator[str]:
    """The members whose numbers and flags are read out of other types, too."""
    if isinstance(schema, list | tuple):
        for inner in schema:
            yield from _lax(inner, member)
    if not isinstance(schema, dict):
        return
    kind = str(schema.get("type"))
    # JsonValue has one of each, chosen by the type of the value.
    if kind in _SCALARS and kind != member and not schema.get("strict"):
        yield member
    for name, inner in schema.items():
        if name not in {"metadata", "serialization"}:
            yield from _lax(inner, name)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_all_that_is_sent_has_a_bound(endpoint: Endpoint) -> None:
    assert list(_unbounded(endpoint)) == []


def _unbounded(endpoint: Endpoint) -> Iterator[str]:
    document = application().openapi()
    operation = (
        document["paths"].get(endpoint.path, {}).get(endpoint.method.lower(), {})
    )
    for parameter in operation.get("parameters", ()):
        yield from _loose(parameter["schema"], parameter["name"], document)
    content = operation.get("requestBody", {}).get("content", {})
    for body in content.values():
        yield from _loose(body["schema"], "", document)


def _loose(schema: Schema, place: str, document: Schema) -> Iterator[str]:
    """The members that are longer than any number, or take what they do not know."""
    if place.rpartition("/")[2] in BOUNDED_ELSEWHERE:
        return
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _loose(document["components"]["schemas"][name], place, document)
    for word in ("anyOf", "oneOf", "allOf"):
        for form in schema.get(word, ()):
            yield from _loose(form, place, document)
    yield from _loose_here(schema, place)
    for name, inner in schema.get("properties", {}).items():
        yield from _loose(inner, f"{place}/{name}", document)
    for word in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(word), dict):
            yield from _loose(schema[word], place, document)


def _loose_here(schema: Schema, place: str) -> Iterator[str]:
    kind = schema.get("type")
    is_listed = "enum" in schema or "const" in schema
    has_form = schema.get("format") in {"uuid", "date-time", "date", "time"}
    has_pattern = _ends(schema.get("pattern", ""))
    if kind == "string" and not (is_listed or has_form or has_pattern):
        if "maxLength" not in schema:
            yield f"{place}: a text without maxLength"
    elif kind == "array" and "maxItems" not in schema:
        yield f"{place}: a list without maxItems"
    elif kind == "object" and "properties" not in schema:
        if "maxProperties" not in schema:
            yield f"{place}: an object without maxProperties"
    elif kind == "object" and schema.get("additionalProperties") is not False:
        yield f"{place}: takes members that it does not know"
    elif kind == "integer" and not {"maximum", "exclusiveMaximum"} & set(schema):
        yield f"{place}: a number without a maximum"


def _ends(pattern: str) -> bool:
    """It is anchored, and repeats nothing without an end."""
    return (
        pattern.startswith("^")
        and pattern.endswith("$")
        and not set(pattern) & set("*+")
    )


def test_nothing_is_asked_for_in_a_thread() -> None:
    """The framework runs a plain function in one, which costs more than most of them
    do; one that blocks is a coroutine function with a thread of its own."""
    asked = {
        dependency.call
        for context in iter_route_contexts(application().routes)
        if isinstance(context.original_route, APIRoute)
        for dependency in _beneath(context.dependant)
    }
    plain = {one for one in asked if not _is_asynchronous(one)}
    assert len(asked) > 100
    assert plain == {problem_page}, "reads a file"


def _beneath(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for one in dependant.dependencies:
        yield from _beneath(one)


def _is_asynchronous(call: Any) -> bool:
    return any(
        inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one)
        for one in (call, type(call).__call__)
    )


def test_each_router_of_the_version_looks_only_at_its_own_paths() -> None:
    """Its prefix is all that tells whose a path is: see app/api/router.py."""
    included = [
        getattr(route, "original_router", None) for route in application().routes
    ]
    routers = [router for router in included if isinstance(router, Router)]
    assert len(routers) == len(list(ROUTES.glob("[a-z]*.py"))) - 2, "of no version"
    for router in routers:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            assert route.path.startswith(router.prefix)
