"""What every answer must be, whoever asks for whatever: ours by its headers, a problem
where it is an error, and no more than who asks may have."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.api.problems import MEDIA_TYPE
from tests.personae import Persona
from tests.tenancy.routes import Endpoint

PROBLEMS = Path(__file__).parents[2] / "docs/problems"
MEMBERS = {"type", "title", "status", "code", "detail", "instance", "errors"}
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
BAD_REQUEST = 400


def faults_of(status: int, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    """What is wrong with it, whatever was asked. `headers` by lower-case names."""
    for name, value in HEADERS.items():
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name)}"
    if "default-src 'none'" not in headers.get("content-security-policy", ""):
        yield "there is no strict Content-Security-Policy"
    if "x-request-id" not in headers:
        yield "there is no request id"
    if status >= BAD_REQUEST and body:
        yield from _faults_of_problem(status, headers, body)


def _faults_of_problem(
    status: int, headers: Mapping[str, str], body: bytes
) -> Iterator[str]:
    if headers.get("content-type") != MEDIA_TYPE:
        yield f"an error is {headers.get('content-type')}"
        return
    problem = json.loads(body)
    if problem.keys() != MEMBERS:
        yield f"a problem has {sorted(problem)}"
    elif problem["status"] != status:
        yield f"the problem says {problem['status']}, the answer {status}"
    elif problem["type"] != f"/problems/{problem['code']}":
        yield f"the type of {problem['code']} is {problem['type']}"
    elif not (PROBLEMS / f"{problem['code']}.md").exists():
        yield f"{problem['code']} is documented nowhere"


def is_ignored_auth(
    endpoint: Endpoint, persona: Persona | None, status: int, *, takes_bearer: bool
) -> bool:
    """Whether it was answered as if one might: without a token, with a role or a key
    that may not, or with a key what is a person's own."""
    if status >= BAD_REQUEST or not takes_bearer:
        return False
    if persona is None:
        return True
    if endpoint.permission is None:
        return persona.actor.key_id is not None
    return not persona.actor.may(endpoint.permission)
