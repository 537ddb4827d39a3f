"""Every route for everybody, with one's own, a foreign and a random id: first the role,
then the same 404 for what is another's and for what is not. Once as deployed, and once
under a login to which every policy shows everything: the queries alone must hold."""

from collections.abc import AsyncIterator, Iterator, Mapping
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from httpx import Response

from app.core.permissions import OPEN_TO_KEYS, Permission
from app.core.tokens import AccessClaims, issue_access_token
from tests.personae import Persona
from tests.tenancy.keys import KINDS
from tests.tenancy.routes import Endpoint, endpoints
from tests.tenancy.world import Holdings, account_tables
from tests.tenancy.worlds import Ask, Worlds, asking, without_policies
from tests.walks.test_routes import PUBLIC

pytestmark = pytest.mark.asyncio(loop_scope="module")

Ids = Mapping[str, UUID]
ENDPOINTS = [endpoint for endpoint in endpoints() if not endpoint.is_stream]
# What is a person's own, and no key's; what takes no bearer at all is neither.
ONES_OWN = {"GET /api/v1/auth/me"} | {
    place for place, reason in PUBLIC.items() if "session" in reason
}
GUARDED = [endpoint for endpoint in endpoints() if endpoint.permission is not None]
WITH_ID = [endpoint for endpoint in GUARDED if endpoint.nouns]
NAMING = [endpoint for endpoint in GUARDED if endpoint.query_ids or endpoint.body_ids]


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=[False, True],
    ids=["as-deployed", "queries-alone"],
)
async def ask(request: pytest.FixtureRequest, worlds: Worlds) -> AsyncIterator[Ask]:
    settings = without_policies(worlds.full) if request.param else worlds.full
    async with asking(settings) as ask:
        yield ask


@pytest.mark.parametrize("endpoint", GUARDED, ids=str)
async def test_says_401_to_who_is_nobody_here(
    endpoint: Endpoint, ask: Ask, worlds: Worlds
) -> None:
    """Without a token, and with a well-signed one for an organization that its user
    does not belong to."""
    mallory = worlds.people.mallory
    claims = AccessClaims(
        mallory.user_id, worlds.north.organization_id, mallory.session_id
    )
    trespasser, _ = issue_access_token(worlds.full, claims)
    for token in (None, trespasser):
        for ids in _every_id(endpoint, worlds):
            answer = await ask(
                token, endpoint.method, endpoint.url(ids), body=endpoint.body
            )
            assert answer.status_code == 401, (token, ids, answer.text)


@pytest.mark.parametrize("endpoint", GUARDED, ids=str)
async def test_asks_for_the_role_before_it_looks_for_anything(
    endpoint: Endpoint, ask: Ask, worlds: Worlds
) -> None:
    """Whatever the ids, and before the body is read."""
    assert endpoint.permission is not None
    for persona in (*worlds.people.colleagues, *worlds.keys.of_colleagues):
        if persona.actor.may(endpoint.permission):
            continue
        for ids in _every_id(endpoint, worlds):
            for body in (endpoint.body, {"nonsense": True}):
                answer = await ask(
                    persona.token, endpoint.method, endpoint.url(ids), body=body
                )
                assert answer.status_code == 403, (persona.name, ids, answer.text)
                assert answer.json()["code"] == "forbidden"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
async def test_a_key_may_what_it_was_made_for_and_no_more(
    endpoint: Endpoint, ask: Ask, worlds: Worlds
) -> None:
    """Of either kind: with that scope alone it is heard, with all others it is not. To
    what no key may have, and to what is a person's own, no scope helps."""
    keys, wanted = worlds.keys, endpoint.permission
    ids = {name: uuid4() for name in endpoint.nouns}

    async def status_for(key: Persona) -> int:
        body = None if endpoint.body is None else {"nonsense": True}
        answer = await ask(key.token, endpoint.method, endpoint.url(ids), body=body)
        return answer.status_code

    for kind in KINDS:
        if wanted is None:
            if str(endpoint) in ONES_OWN:
                any_key = keys.with_only[kind, Permission.READ_TASKS]
                assert await status_for(any_key) == 403, kind
            continue
        is_heard = wanted in OPEN_TO_KEYS and str(endpoint) not in ONES_OWN
        assert await status_for(keys.with_all_but[kind, wanted]) == 403, kind
        said = await status_for(keys.with_only[kind, wanted])
        assert said in ({200, 404, 422} if is_heard else {403}), (kind, said)


@pytest.mark.parametrize("endpoint", WITH_ID, ids=str)
async def test_answers_the_same_404_for_foreign_and_for_unknown(
    endpoint: Endpoint, ask: Ask, worlds: Worlds
) -> None:
    said: dict[tuple[object, ...], tuple[str, Ids]] = {}
    people, keys = worlds.people, worlds.keys
    ours = (*people.colleagues, *keys.of_colleagues)
    for persona in (*ours, people.mallory, keys.mallorys):
        if not persona.actor.may(endpoint.permission):  # type: ignore[arg-type]  # it is guarded
            continue
        for ids in _hidden_ids(endpoint, worlds, persona):
            answer = await ask(
                persona.token,
                endpoint.method,
                endpoint.url(ids),
                body=endpoint.body,
                query=_query(endpoint, _of(worlds, persona)),
            )
            assert answer.status_code == 404, (persona.name, ids, answer.text)
            said.setdefault(_bytes(answer), (persona.name, ids))
    assert len(said) == 1, said


@pytest.mark.parametrize("endpoint", NAMING, ids=str)
async def test_a_foreign_id_beside_the_path_is_as_good_as_an_unknown_one(
    endpoint: Endpoint, ask: Ask, worlds: Worlds
) -> None:
    """In the query and in the body, for Alice with Mallory's and for Clara with what
    she may not see."""
    people = worlds.people
    for persona, others in (
        (people.alice, worlds.foreign),
        (people.clara, worlds.south),
    ):
        if not persona.actor.may(endpoint.permission):  # type: ignore[arg-type]  # it is guarded
            continue
        for name, noun in endpoint.query_ids.items():
            await _is_as_unknown_in_query(
                endpoint, ask, persona, worlds, name, others.id_of(noun)
            )
        for place, noun in endpoint.body_ids.items():
            url = endpoint.url(worlds.north.ids_for(endpoint.nouns))
            foreign, unknown = others.id_of(noun), uuid4()
            if foreign == worlds.north.id_of(noun):
                continue  # the organization's as a whole, and so hers
            answers = [
                await ask(
                    persona.token,
                    endpoint.method,
                    url,
                    body=endpoint.body_with(place, id),
                )
                for id in (foreign, unknown)
            ]
            pointer = "/" + "/".join(map(str, place))
            assert answers[1].status_code == 422, answers[1].text
            assert pointer in {
                error["pointer"] for error in answers[1].json()["errors"]
            }
            assert _masked(answers[0], foreign) == _masked(answers[1], unknown)


async def _is_as_unknown_in_query(
    endpoint: Endpoint,
    ask: Ask,
    persona: Persona,
    worlds: Worlds,
    name: str,
    foreign: UUID,
) -> None:
    url = endpoint.url(worlds.north.ids_for(endpoint.nouns))
    unknown = uuid4()
    own = worlds.north.id_of(endpoint.query_ids[name])
    answers = [
        await ask(persona.token, endpoint.method, url, query={name: str(id)})
        for id in (foreign, unknown, own)
    ]
    assert answers[1].status_code < 500, answers[1].text
    assert _masked(answers[0], foreign) == _masked(answers[1], unknown)
    # It does look at the id: one's own is answered otherwise.
    assert _masked(answers[2], own) != _masked(answers[1], unknown)


# ── which ids, and what is compared ──────────────────────────────────────────────


def _of(worlds: Worlds, persona: Persona) -> Holdings:
    return worlds.foreign if _is_mallorys(worlds, persona) else worlds.north


def _is_mallorys(worlds: Worlds, persona: Persona) -> bool:
    return persona.organization_id == worlds.foreign.organization_id


def _query(endpoint: Endpoint, holdings: Holdings) -> dict[str, str]:
    """The ids that the query must have."""
    return {
        name: str(holdings.id_of(noun))
        for name, noun in endpoint.query_ids.items()
        if name in endpoint.required_query
    }


def _every_id(endpoint: Endpoint, worlds: Worlds) -> Iterator[Ids]:
    yield worlds.north.ids_for(endpoint.nouns)
    if endpoint.nouns:
        yield worlds.foreign.ids_for(endpoint.nouns)
        yield {name: uuid4() for name in endpoint.nouns}


def _hidden_ids(endpoint: Endpoint, worlds: Worlds, persona: Persona) -> Iterator[Ids]:
    """What the persona must not find: each id of the path in turn, and all of them,
    another's or nobody's."""
    own = _of(worlds, persona).ids_for(endpoint.nouns)
    others = [worlds.north if _is_mallorys(worlds, persona) else worlds.foreign]
    if persona.actor.label_scope is not None:
        others.append(worlds.south)
    for holdings in others:
        hidden = holdings.ids_for(endpoint.nouns)
        for name, noun in endpoint.nouns.items():
            if holdings is not worlds.south or noun in account_tables():
                yield own | {name: hidden[name]}
                yield own | {name: uuid4()}
        if holdings is not worlds.south:
            yield hidden


def _bytes(answer: Response) -> tuple[object, ...]:
    headers = dict(answer.headers)
    for counted in ("x-request-id", "ratelimit", "ratelimit-policy"):
        headers.pop(counted, None)
    return answer.status_code, answer.content, tuple(sorted(headers.items()))


def _masked(answer: Response, id: UUID) -> tuple[object, ...]:
    """The answer without the id that was asked for."""
    return answer.status_code, answer.text.replace(str(id), "…")
