"""Members of a body that are not the client's to say: to every route with a body, at
every object of it. Each must be refused by name; then nothing was done with it."""

import asyncio
import json
import random
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import httpx

from app.models import Base
from tests.attack.ground import Ground
from tests.attack.report import Figures, say
from tests.tenancy.routes import Endpoint, Place, application, endpoints

_AT_ONCE = 8
_REFUSED = 422
# Whose body is somebody else's, and is believed by its signature.
_SIGNED = "/api/v1/webhooks/stripe"
_CORE = (
    *("organization_id", "user_id", "role", "id", "created_by", "email_verified"),
    *("status", "plan", "external_id", "is_admin", "permissions", "label_scope"),
)
_SPELLED = (
    *("organizationId", "Role", "ROLE", "role ", "role[]", "role.name", "/role"),
    *("__proto__", "constructor", "__class__", "model_config", "$ref", "", "*"),
    *("tenant_id", "owner_id", "is_owner", "admin", "mfa_enabled", "proof_age"),
)


@dataclass(frozen=True)
class Try:
    """Members put into the object at `place` of an endpoint's good body."""

    endpoint: Endpoint
    place: Place
    members: Mapping[str, Any]
    body: Any
    is_whole: bool  # its other members are good ones


def run(ground: Ground, *, long: bool) -> Figures:
    """`mass_assigned` is how many were not refused by their names, and how many objects
    say in the OpenAPI that they take whatever comes."""
    tries = [*_tries(ground, long=long)]
    wrong = asyncio.run(_ask_all(ground, tries))
    members = sum(len(one.members) for one in tries)
    return {"mass_assigned": wrong + _open(), "mass_assignments": members}


def _taking() -> list[Endpoint]:
    """Who take a body."""
    taking = [one for one in endpoints() if one.body is not None]
    return [one for one in taking if one.path != _SIGNED]


def _open() -> int:
    """Objects with known members that take unknown ones too."""
    found = 0
    for endpoint in _taking():
        for place, schema in _objects(endpoint):
            if (
                "properties" in schema
                and schema.get("additionalProperties") is not False
            ):
                say(f"{endpoint} takes whatever comes at {place}")
                found += 1
    return found


# ── what is sent ─────────────────────────────────────────────────────────────────


def _tries(ground: Ground, *, long: bool) -> Iterator[Try]:
    """Each of the core alone, and all there are at once; in a long run each alone."""
    chance = random.Random(ground.seed)  # noqa: S311 — no secret
    columns = {
        column.name for table in Base.metadata.tables.values() for column in table.c
    }
    every = sorted({*_CORE, *_SPELLED, *columns})
    for endpoint in _taking():
        for place, schema in _objects(endpoint):
            known = schema.get("properties", {})
            if schema.get("additionalProperties") is not False:
                continue  # a map, whose members are data; or told by `_open`
            foreign = [name for name in every if name not in known]
            alone = foreign if long else [one for one in _CORE if one not in known]
            for name in (*alone, chance.choice(foreign)):
                yield _try(ground, endpoint, place, [name])
            yield _try(ground, endpoint, place, foreign)


def _try(ground: Ground, endpoint: Endpoint, place: Place, names: Iterable[str]) -> Try:
    members = {name: _value(ground, name) for name in names}
    body = endpoint.body_of(ground.home.seen.id_of)
    there, is_whole = body, True
    for step in place:
        try:
            there = there[step]
        except (KeyError, IndexError, TypeError):
            there, is_whole = None, False
            break
    whole = {**there, **members} if isinstance(there, dict) else members
    made = _put(deepcopy(body), place, whole)
    return Try(endpoint, place, members, made, is_whole and isinstance(there, dict))


def _value(ground: Ground, name: str) -> Any:
    """What somebody would like it to be."""
    if name == "role":
        return "owner"
    if name in {"permissions", "scopes"}:
        return ["organization.delete"]
    if name == "organization_id":
        return str(ground.foreign.owner.organization_id)
    if name.startswith(("is_", "email_verified", "mfa")):
        return True
    return str(ground.foreign.owner.user_id)


def _put(value: Any, place: Place, made: Any) -> Any:
    if not place:
        return made
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        first = value[0] if isinstance(value, list) and value else None
        return [_put(first, rest, made)]
    inner = value if isinstance(value, dict) else {}
    return inner | {step: _put(inner.get(step), rest, made)}


def _objects(endpoint: Endpoint) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every object that its body may have, with its place."""
    document = application().openapi()
    operation = document["paths"][endpoint.path][endpoint.method.lower()]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    seen: set[Place] = set()
    for place, found in _within(schema, (), document):
        if place not in seen:
            seen.add(place)
            yield place, found


def _within(
    schema: Mapping[str, Any], place: Place, document: Mapping[str, Any]
) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _within(document["components"]["schemas"][name], place, document)
        return
    for word in ("anyOf", "oneOf", "allOf"):
        for alternative in schema.get(word, ()):
            yield from _within(alternative, place, document)
    if schema.get("type") == "object":
        yield place, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _within(inner, (*place, name), document)
    if isinstance(schema.get("items"), dict):
        yield from _within(schema["items"], (*place, 0), document)


# ── what is answered ─────────────────────────────────────────────────────────────


async def _ask_all(ground: Ground, tries: Iterable[Try]) -> int:
    gate = asyncio.Semaphore(_AT_ONCE)
    # The server closes what is idle after five seconds; nothing is sent into that.
    limits = httpx.Limits(keepalive_expiry=2)
    async with httpx.AsyncClient(
        base_url=ground.base_url, trust_env=False, timeout=30, limits=limits
    ) as client:

        async def ask(one: Try) -> int:
            async with gate:
                return await _ask(client, ground, one)

        return sum(await asyncio.gather(*(ask(one) for one in tries)))


async def _ask(client: httpx.AsyncClient, ground: Ground, one: Try) -> int:
    """How many of its members were not refused by name."""
    endpoint = one.endpoint
    ids = {name: ground.home.seen.id_of(of) for name, of in endpoint.nouns.items()}
    answer = await client.request(
        endpoint.method,
        endpoint.url(ids),
        content=json.dumps(one.body),
        headers={
            "Authorization": f"Bearer {ground.home.owner.token}",
            "Content-Type": "application/json",
            "X-Cloudrota-CSRF": "1",
            "Cookie": "cloudrota_refresh=none",
        },
    )
    if answer.status_code != _REFUSED:
        say(f"{endpoint} answered {answer.status_code} to {[*one.members][:3]}")
        return len(one.members)
    if not one.is_whole:
        return 0  # what else is missing there may be told first
    named = {
        error["pointer"].rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        for error in answer.json()["errors"]
        if error["code"] == "extra_forbidden"
    }
    unnamed = one.members.keys() - named
    if unnamed:
        say(f"{endpoint} at {one.place} did not name {sorted(unnamed)[:5]}")
    return len(unnamed)
