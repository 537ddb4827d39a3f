"""What somebody may not see does not change a byte of what they are answered; and what
they may see, they do see. Every route that reads, in databases with and without it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import Response

from app.core.embedded import PostgresServer
from app.core.permissions import Permission
from app.core.settings import Settings
from tests.personae import Persona
from tests.tenancy.routes import Endpoint, endpoints
from tests.tenancy.world import Holdings
from tests.tenancy.worlds import (
    SPARE,
    SPARE_ALONE,
    Ask,
    Worlds,
    asking,
    at,
    clone,
    planted_only,
    without_policies,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUARDED = [endpoint for endpoint in endpoints() if endpoint.permission is not None]
READING = [
    endpoint for endpoint in GUARDED if endpoint.only_reads and not endpoint.is_stream
]
CHANGING = [endpoint for endpoint in GUARDED if not endpoint.only_reads]
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEY = re.compile(
    r'cr_live_\w+|(?<="secret":")[^"]+|(?<="secret_last4":")[^"]+'
    r'|(?<="secret_fingerprint":")[^"]+'
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)")
# Lists in which Alice's own do not appear.
WITHOUT_OWN = {
    "/api/v1/audit-log/heads": "instants, numbers and hashes",
    "/api/v1/catalog/services": "the services of AWS are the same for everybody",
    "/api/v1/executions/{id}/diff": "she compares an execution with itself",
    "/api/v1/members": "her colleagues are not hers; tests/api/test_members.py",
    "/api/v1/plans": "what is sold is the same for everybody",
    "/api/v1/tasks/preview": "the names of units and limits, none of a tenant's",
    "/api/v1/webhook-endpoints/{id}/deliveries": "the world's are a channel's;"
    " tests/api/test_deliveries.py",
    "/api/v1/usage": "numbers and the names of limits",
}
# What of Alice's a limited member does not see, and why.
NOT_OF_THE_LIMITED = {
    "/api/v1/members/{id}": "colleagues may be another client's",
}
# What a limited member is told about the whole organization, with the reason.
ABOUT_EVERYTHING = {
    "/api/v1/tasks/preview": "a plan's limits count every task of the organization",
}
# What is another each time, and tells of the times before.
SIGNED = {"/api/v1/executions/{id}/evidence"}
MOST_PAGES = 20


@dataclass(frozen=True)
class Sight:
    """The same API on each of the three databases."""

    alone: Ask
    limited: Ask
    full: Ask


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sight(worlds: Worlds) -> AsyncIterator[Sight]:
    async with (
        asking(worlds.alone) as alone,
        asking(worlds.limited) as limited,
        asking(worlds.full) as full,
    ):
        yield Sight(alone, limited, full)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bare(worlds: Worlds) -> AsyncIterator[Ask]:
    """The full database as seen by the queries alone."""
    async with asking(without_policies(worlds.full)) as ask:
        yield ask


@pytest.mark.parametrize("endpoint", READING, ids=str)
async def test_another_organization_changes_nothing(
    endpoint: Endpoint, sight: Sight, bare: Ask, worlds: Worlds
) -> None:
    """As deployed, and where only the queries keep tenants apart."""
    mallory = worlds.people.mallory
    name = f"{worlds.north.mark} name"
    alone = await _read(sight.alone, endpoint, mallory, worlds.foreign, name)
    for ask in (sight.full, bare):
        beside = await _read(ask, endpoint, mallory, worlds.foreign, name)
        assert beside == alone
        traces = worlds.north.traces | worlds.south.traces | {"alice@example.com"}
        assert [trace for trace in traces if trace in beside] == []


@pytest.mark.parametrize("endpoint", READING, ids=str)
async def test_accounts_out_of_ones_labels_change_nothing(
    endpoint: Endpoint, sight: Sight, worlds: Worlds
) -> None:
    """Neither for who is limited to labels, nor for a key that is."""
    # What is the organization's as a whole stands in both, and in a path that is asked.
    traces = worlds.south.traces - worlds.north.traces
    for persona in (worlds.people.clara, *worlds.keys.limited):
        beside = await _read(sight.full, endpoint, persona, worlds.north)
        assert [trace for trace in traces if trace in beside] == []
        if endpoint.path not in ABOUT_EVERYTHING:
            narrow = await _read(sight.limited, endpoint, persona, worlds.north)
            assert beside == narrow, persona.name


@pytest.mark.parametrize("endpoint", READING, ids=str)
async def test_people_do_see_their_own(
    endpoint: Endpoint, sight: Sight, worlds: Worlds
) -> None:
    """Without this the two above could be true of an API that answers nothing."""
    for persona in (*worlds.people.colleagues, *worlds.keys.of_colleagues):
        if not persona.actor.may(endpoint.permission):  # type: ignore[arg-type]  # it is guarded
            continue
        if _is_of_others(endpoint, persona):
            continue
        if persona.actor.label_scope and endpoint.path in NOT_OF_THE_LIMITED:
            continue
        answer = await _read(sight.full, endpoint, persona, worlds.north)
        assert answer.startswith("200 "), (persona.name, answer)
        if '"items":' in answer and endpoint.path not in WITHOUT_OWN:
            assert worlds.north.mark in answer, (persona.name, answer)


def _is_of_others(endpoint: Endpoint, persona: Persona) -> bool:
    if endpoint.path == "/api/v1/auth/me":
        return persona.actor.key_id is not None  # a person's own
    is_keys = endpoint.path.startswith("/api/v1/api-keys")
    return is_keys and not persona.actor.may(Permission.EDIT_SERVICE_KEYS)


async def test_alice_sees_what_clara_does_not(sight: Sight, worlds: Worlds) -> None:
    """The comparison does notice what the two databases differ in."""
    different = [
        endpoint.path
        for endpoint in READING
        if await _read(sight.limited, endpoint, worlds.people.alice, worlds.north)
        != await _read(sight.full, endpoint, worlds.people.alice, worlds.north)
    ]
    lists = {"tasks", "aws-accounts", "aws-credentials", "resources", "executions"}
    assert {f"/api/v1/{noun}" for noun in lists} <= set(different)


@dataclass(frozen=True)
class Place:
    """Where one request changes something: an API, and who makes databases for it."""

    app: FastAPI
    superuser: str


@pytest.fixture
def place(template_app: FastAPI, postgres_server: PostgresServer) -> Place:
    return Place(template_app, postgres_server.superuser_dsn)


@pytest.mark.parametrize("endpoint", CHANGING, ids=str)
async def test_alice_reaches_her_own(
    endpoint: Endpoint, worlds: Worlds, place: Place
) -> None:
    """Whatever the answer to the example of its body is, it is not that there is no
    such thing."""
    answer = await _try(
        place, worlds.full, SPARE, endpoint, worlds.people.alice, worlds.north
    )
    if endpoint.path.startswith("/api/v1/subscription/"):
        assert answer.json()["code"] == "stripe-not-configured"
        return  # in these databases nothing is sold; tests/api/test_checkout.py
    assert answer.status_code < 500, answer.text
    assert answer.status_code not in {401, 403, 404, 405}, answer.text


@pytest.mark.parametrize("endpoint", CHANGING, ids=str)
async def test_another_organization_changes_no_outcome(
    endpoint: Endpoint, worlds: Worlds, place: Place
) -> None:
    """Of what Mallory does to her own, with names and an account that Acme has too,
    where only the queries keep the two apart."""
    mallory = worlds.people.mallory
    name = f"{worlds.north.mark} name"
    for holdings in (worlds.foreign, worlds.foreign_selecting):
        outcomes = [
            await _try(
                *(place, without_policies(worlds.full), spare, endpoint),
                *(mallory, holdings, name),
            )
            for spare in (SPARE_ALONE, SPARE)
        ]
        alone, beside = (f"{one.status_code} {_plain(one.text)}" for one in outcomes)
        assert beside == alone


async def _try(
    place: Place,
    settings: Settings,
    spare: str,
    endpoint: Endpoint,
    persona: Persona,
    holdings: Holdings,
    name: str | None = None,
) -> Response:
    """The answer of a route that changes something, in a database to be thrown away."""
    await clone(place.superuser, spare, "world_changed")
    body = _body(endpoint, holdings, name)
    async with asking(at(settings, "world_changed"), place.app) as ask:
        return await ask(
            persona.token,
            endpoint.method,
            endpoint.url(holdings.ids_for(endpoint.nouns)),
            body=body,
        )


def _body(endpoint: Endpoint, holdings: Holdings, name: str | None) -> Any:
    """The example with the ids of `holdings`, and where it has a name, with that."""
    body = endpoint.body_of(holdings.id_of)
    if name is not None and isinstance(body, dict) and "name" in body:
        body["name"] = name
    return body


def _plain(text: str) -> str:
    """Without the ids, keys and instants that are new each time."""
    return _INSTANT.sub("…", _KEY.sub("…", _ID.sub("…", text)))


# ── reading ──────────────────────────────────────────────────────────────────────


def _lasting(bundle: str) -> str:
    """Without when it was made, its signature, and what was taken before it."""
    passing = (
        *('"is":"end"', '"is":"signature"'),
        *('"action":"execution.evidence"', '"action":"artifact.download"'),
        '"action":"execution.export"',
    )
    lines = [one for one in bundle.splitlines() if not any(w in one for w in passing)]
    return "\n".join([_INSTANT.sub("", line) for line in lines])


async def _read(
    ask: Ask,
    endpoint: Endpoint,
    persona: Persona,
    holdings: Holdings,
    name: str | None = None,
) -> str:
    """Status and body; of a list all pages, one item a page."""
    url = endpoint.url(holdings.ids_for(endpoint.nouns))
    query = {
        name: str(holdings.id_of(noun))
        for name, noun in endpoint.query_ids.items()
        if name in endpoint.required_query
    } | planted_only(endpoint)
    body = _body(endpoint, holdings, name)
    if endpoint.is_paged:
        query["limit"] = "1"
    pages = []
    for _ in range(MOST_PAGES):
        answer = await ask(persona.token, endpoint.method, url, body=body, query=query)
        assert answer.status_code < 500, answer.text
        text = _lasting(answer.text) if endpoint.path in SIGNED else answer.text
        pages.append(f"{answer.status_code} {text}")
        cursor = _next_cursor(answer)
        if cursor is None:
            break
        query["cursor"] = cursor
    return "\n".join(pages)


def _next_cursor(answer: Response) -> str | None:
    if not answer.headers.get("content-type", "").endswith("json"):
        return None
    body = answer.json()
    return body.get("next_cursor") if isinstance(body, dict) else None
