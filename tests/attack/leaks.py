"""Does an answer hold what belongs to somebody else? Every text of a tenant of the
ground holds a mark that nothing else holds, and its ids and account numbers are known:
whatever answers hold of these, to others, is a leak."""

import gzip
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import httpx

from tests.attack.ground import Ground
from tests.attack.report import Figures, say
from tests.personae import Persona
from tests.tenancy.routes import Endpoint, endpoints
from tests.tenancy.world import Holdings

GZIP = b"\x1f\x8b"
MOST_PAGES = 50
# A stream does not end: tests/api/test_events_tenancy.py reads it, and the fuzzing its
# beginning.
READ = [one for one in endpoints() if one.method == "GET" and not one.is_stream]


@dataclass(frozen=True)
class Canaries:
    """What to look for, in lower case."""

    traces: frozenset[str]

    @classmethod
    def of(cls, traces: Iterable[str]) -> "Canaries":
        return cls(frozenset(trace.lower() for trace in traces))

    def in_answer(
        self, headers: Mapping[str, str], body: bytes, *, asked: str
    ) -> set[str]:
        """Those that it holds, but for what was `asked`: who sends an id is told
        nothing by hearing it again."""
        if body.startswith(GZIP):
            body = gzip.decompress(body)
        said = f"{headers} {body.decode(errors='replace')}".lower()
        known = f"{asked} {unquote(asked)}".lower()
        return {one for one in self.traces if one in said and one not in known}


# ── a pass of its own ────────────────────────────────────────────────────────────


def run(ground: Ground, *, long: bool) -> Figures:
    """All that can be read, asked for by everybody with the ids of what they must not
    see, in path and query. And by an owner with its own: at so many routes its marks
    are found, or nothing would have been looked at."""
    home, foreign = ground.home, ground.foreign
    leaks = 0
    for name, persona in home.voices.items():
        leaks += _leaks(ground, name, persona, foreign.seen, foreign.traces)
        if persona.actor.label_scope is not None:
            leaks += _leaks(ground, name, persona, home.unseen, home.hidden_traces)
    with asking(ground, foreign.owner) as client:
        canaries = Canaries.of(foreign.traces)
        finds = [
            endpoint
            for endpoint in READ
            if _found(client, endpoint, [foreign.seen], canaries)
        ]
    return {"foreign_leaks": leaks, "owners_finds": len(finds)}


def _leaks(
    ground: Ground, name: str, persona: Persona, hidden: Holdings, traces: Iterable[str]
) -> int:
    """At how many routes the persona is told something of what is hidden from it."""
    canaries = Canaries.of(traces)
    leaks = 0
    with asking(ground, persona) as client:
        for endpoint in READ:
            found = _found(client, endpoint, [hidden, ground.home.seen], canaries)
            if found:
                say(f"{name} was told {sorted(found)} by {endpoint}")
                leaks += 1
    return leaks


def _found(
    client: httpx.Client,
    endpoint: Endpoint,
    owners: Collection[Holdings],
    canaries: Canaries,
) -> set[str]:
    """What its answers hold of the canaries, asked with the ids of each owner in the
    path, and without and with those of the first in the query."""
    found: set[str] = set()
    for path, query in _asked(endpoint, owners):
        for answer in pages(client, endpoint, path, query):
            found |= canaries.in_answer(
                answer.headers, answer.content, asked=str(answer.request.url)
            )
    return found


def _asked(
    endpoint: Endpoint, owners: Collection[Holdings]
) -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    """Paths and queries, each once."""
    first, *_ = owners
    named = {name: str(first.id_of(noun)) for name, noun in endpoint.query_ids.items()}
    queries = [{}, named]
    if any(one.name == "q" for one in endpoint.route.dependant.query_params):
        queries.append({"q": first.mark})
    return {
        (endpoint.url(owner.ids_for(endpoint.nouns)), tuple(query.items()))
        for owner in owners
        for query in queries
    }


def asking(ground: Ground, persona: Persona) -> httpx.Client:
    bearer = {"Authorization": f"Bearer {persona.token}"}
    return httpx.Client(
        base_url=ground.base_url, headers=bearer, trust_env=False, timeout=30
    )


def pages(
    client: httpx.Client,
    endpoint: Endpoint,
    path: str,
    query: Iterable[tuple[str, str]],
) -> Iterator[httpx.Response]:
    """The answer; of a list all of its pages."""
    asked = dict(query)
    for _ in range(MOST_PAGES):
        answer = client.get(path, params=asked)
        yield answer
        cursor = _next(endpoint, answer)
        if cursor is None:
            return
        asked["cursor"] = cursor


def _next(endpoint: Endpoint, answer: httpx.Response) -> str | None:
    if not endpoint.is_paged or not answer.is_success:
        return None
    body = json.loads(answer.text)
    cursor: str | None = body.get("next_cursor")
    return cursor
