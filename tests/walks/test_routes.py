"""Every route declares its permission, is documented, and answers problems."""

from itertools import pairwise
from typing import Any

import pytest
from fastapi import FastAPI

from app.api import openapi
from app.core.permissions import ROLE_PERMISSIONS, Permission, Role

# Before somebody is known there is nobody to permit; each with the reason.
PUBLIC = {
    "/healthz": "a load balancer asks",
    "/readyz": "a load balancer asks",
    "/api/v1/auth/register": "makes the account",
    "/api/v1/auth/login": "makes the session",
    "/api/v1/auth/verify-email": "the mailed token is the proof",
    "/api/v1/auth/refresh": "the refresh cookie is the proof",
    "/api/v1/auth/logout": "the refresh cookie is the proof",
    "/api/v1/webhooks/stripe": "the signature is the proof",
}
# Somebody signed in, whatever the role.
ANYBODY = {"/api/v1/auth/switch"}


@pytest.fixture(scope="module")
def document(template_app: FastAPI) -> dict[str, Any]:
    document: dict[str, Any] = openapi.document(template_app)
    return document


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_route_declares_its_permission(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        declared = "x-permission" in operation
        assert declared != (path in PUBLIC or path in ANYBODY), f"{method} {path}"


def test_no_public_route_is_remembered_that_is_gone(document: dict[str, Any]) -> None:
    assert (PUBLIC.keys() | ANYBODY) <= document["paths"].keys()


def test_every_route_is_described_and_answers_problems(
    document: dict[str, Any],
) -> None:
    for path, method, operation in operations(document):
        place = f"{method} {path}"
        assert operation.get("summary"), place
        assert operation.get("description"), place
        assert "422" not in operation["responses"], place
        assert "application/problem+json" in str(operation["responses"]["default"])


def test_ids_in_paths_are_uuids(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path" and parameter["name"] == "id":
                assert parameter["schema"]["format"] == "uuid", f"{method} {path}"


def test_every_permission_is_somebodys_and_roles_only_grow() -> None:
    assert ROLE_PERMISSIONS[Role.OWNER] == frozenset(Permission)
    order = (Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER)
    for less, more in pairwise(order):
        assert ROLE_PERMISSIONS[less] <= ROLE_PERMISSIONS[more]
