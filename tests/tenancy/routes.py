"""Every route of the application as something that can be asked, from the routes
themselves: what it needs, whose ids its path takes, and a body it would accept."""

import base64
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import SecretStr

from app.api.openapi import permission_of
from app.core.permissions import Permission
from app.core.settings import Settings
from app.main import create_app
from app.models import Base

# Where the word in a path or the name of a member is not the name of the table.
NOUNS = {
    "executions": "task_executions",
    "execution": "task_executions",
    "runs": "task_runs",
    "run": "task_runs",
    "versions": "task_versions",
    "accounts": "aws_accounts",
    "account": "aws_accounts",
    "credentials": "aws_credentials",
    "channel": "notification_channels",
    "channels": "notification_channels",
    "rule": "notification_rules",
    "endpoint": "webhook_endpoints",
    "against": "task_executions",
    "replaces": "tasks",
    "sessions": "user_sessions",
    "subject": "tasks",
}

# What stands for the table of a word that is none of these; a test refuses it.
UNKNOWN = "of which table is "

# Where a body must not name what another of its members names: no task runs after
# itself, and an owner has one of each.
APART: frozenset[tuple[str | int, ...]] = frozenset({("after", 0, "task_id")})

# Path parameters that name nothing of a tenant's.
SHARED_PARAMETERS = {
    "service": "a service of AWS; the catalog is the same for everybody"
}


Schema = Mapping[str, Any]
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Endpoint:
    """One method on one path. `nouns` are the tables of its path's ids."""

    method: str
    path: str
    permission: Permission | None
    nouns: Mapping[str, str]
    query_ids: Mapping[str, str]
    required_query: frozenset[str]
    body: Any
    body_ids: Mapping[Place, str]
    is_stream: bool
    is_paged: bool
    route: APIRoute = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def url(self, ids: Mapping[str, UUID]) -> str:
        """The path with its ids; what is shared gets a value that exists."""
        shared = dict.fromkeys(SHARED_PARAMETERS, "ec2")
        return self.path.format(**shared, **ids)

    @property
    def only_reads(self) -> bool:
        """It answers and changes nothing; previews are asked with a body."""
        return self.method == "GET" or self.path.endswith("/preview")

    def body_of(self, id_of: Callable[[str], UUID]) -> Any:
        """The body with ids that are somebody's, given by table."""
        made = deepcopy(self.body)
        for place, noun in self.body_ids.items():
            if place not in APART:
                made = _put(made, place, str(id_of(noun)))
        return made

    def body_with(self, place: Place, id: UUID) -> Any:
        """The body with this id at that place, whatever stood there."""
        return _put(deepcopy(self.body), place, str(id))


@cache
def application() -> FastAPI:
    """The application, to be looked at and not to be asked."""
    key = base64.b64encode(bytes(32)).decode()
    return create_app(
        Settings(
            _env_file=None,
            environment="test",
            public_url="http://127.0.0.1:8000",
            secret_key=SecretStr("0123456789abcdef" * 4),
            redis_url=SecretStr("redis://127.0.0.1"),
            credential_keys={"walk": SecretStr(key)},
            credential_active_key="walk",
        )
    )


@cache
def endpoints() -> tuple[Endpoint, ...]:
    app = application()
    document = app.openapi()
    return tuple(
        _endpoint(context, context.original_route, method, document)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in sorted(context.methods or ())
    )


def _endpoint(
    context: RouteContext, route: APIRoute, method: str, document: Mapping[str, Any]
) -> Endpoint:
    path = context.path_format or ""
    operation = document["paths"].get(path, {}).get(method.lower(), {})
    body = _body(operation)
    query = [
        parameter
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    ]
    return Endpoint(
        method=method,
        path=path,
        permission=permission_of(context),
        nouns=_nouns(path),
        query_ids={
            parameter["name"]: table_of(parameter["name"])
            for parameter in query
            if _takes_id(parameter["schema"])
        },
        required_query=frozenset(
            parameter["name"] for parameter in query if parameter["required"]
        ),
        body=None if body is None else _example(body, document),
        body_ids={} if body is None else dict(_ids_within(body, (), "", document)),
        is_stream="text/event-stream" in _answer(operation),
        is_paged="cursor" in {parameter["name"] for parameter in query},
        route=route,
    )


def _nouns(path: str) -> dict[str, str]:
    """The table of each id in the path: the word in front of it says so."""
    words = path.strip("/").split("/")
    return {
        word[1:-1]: table_of(before)
        for before, word in pairwise(words)
        if word.startswith("{") and word[1:-1] not in SHARED_PARAMETERS
    }


def table_of(word: str) -> str:
    """The table whose ids a word of a path, query or body stands for."""
    noun = word.replace("-", "_").removesuffix("_ids").removesuffix("_id")
    for table in (noun, f"{noun}s", NOUNS.get(noun, "")):
        if table in Base.metadata.tables:
            return table
    return f"{UNKNOWN}{word}"


def _takes_id(schema: Mapping[str, Any]) -> bool:
    forms = [schema, *schema.get("anyOf", ()), schema.get("items", {})]
    return any(form.get("format") == "uuid" for form in forms)


def _answer(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """What it answers where all is well, by media type."""
    content: Mapping[str, Any] = (
        operation.get("responses", {}).get("200", {}).get("content", {})
    )
    return content


def _body(operation: Mapping[str, Any]) -> Schema | None:
    if "requestBody" not in operation:
        return None
    schema: Schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _example(body: Schema, document: Schema) -> Any:
    """What the schema gives as an example; {} where it gives none."""
    for form in _forms(body, document):
        for example in (form.get("example"), *form.get("examples", ())):
            if example is not None:
                return example
    return {}


def _ids_within(
    schema: Schema, place: Place, name: str, document: Schema
) -> Iterator[tuple[Place, str]]:
    """Where a body may hold ids, and of which table."""
    for form in _forms(schema, document):
        if form.get("format") == "uuid":
            yield place, table_of(name)
        for member, inner in form.get("properties", {}).items():
            yield from _ids_within(inner, (*place, member), member, document)
        if isinstance(form.get("items"), dict):
            yield from _ids_within(form["items"], (*place, 0), name, document)


def _forms(schema: Schema, document: Schema) -> Iterator[Schema]:
    """The schema itself, what it refers to, and its alternatives."""
    yield schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _forms(document["components"]["schemas"][name], document)
    for word in ("anyOf", "oneOf", "allOf"):
        for alternative in schema.get(word, ()):
            yield from _forms(alternative, document)


def _put(value: Any, place: Place, id: str) -> Any:
    if not place:
        return id
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        return [_put(None, rest, id)]
    inner = value if isinstance(value, dict) else {}
    return inner | {step: _put(inner.get(step), rest, id)}
