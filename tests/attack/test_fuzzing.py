"""The fuzzing counts what is wrong: each kind of fault is planted into a small API, and
found. And nothing is found in one that has none."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tests.attack.faulty import (
    Answer,
    SmallGround,
    api,
    may_be_nobody,
    served,
    signed_in,
)
from tests.attack.fuzzing import Depth, Tally, fuzz, play
from tests.attack.steering import Steering

DEPTH = Depth(examples=4, chains=1, steps=2, bounds=True)
FIGURES = ("server_errors", "schema_breaks", "ignored_auth", "foreign_leaks")


def well(_: Request) -> Answer:
    return Answer(said="all is well")


def fuzzed(app: FastAPI, voice: str = "viewer") -> Tally:
    with served(app) as ground:
        return fuzzed_on(ground, voice)


def fuzzed_on(ground: SmallGround, voice: str) -> Tally:
    tally = Tally()
    fuzz(ground, voice, tally, DEPTH, seed=1)
    return tally


def test_finds_nothing_where_nothing_is_wrong() -> None:
    for voice in ("viewer", "service key", "nobody"):
        tally = fuzzed(api(well), voice)
        assert tally.figures["cases"] > 10
        assert {name: tally.figures[name] for name in FIGURES} == dict.fromkeys(
            FIGURES, 0
        ), list(tally.said())


def test_counts_a_case_for_each_request_that_was_answered() -> None:
    asked: list[str] = []

    def counting(request: Request) -> str:
        asked.append(request.method)
        return "anybody"

    tally = fuzzed(api(well, who=counting))
    answered = tally.statuses[200] + tally.statuses[422]
    assert len(asked) == answered
    assert sum(tally.statuses.values()) == tally.figures["cases"]


def test_what_was_made_in_another_tenant_is_not_missed() -> None:
    def case(id: str) -> Any:
        return SimpleNamespace(id=id, headers={}, method="GET", path="/")

    with served(api(well)) as ground:
        steering = Steering(ground, "viewer", 1)
        for id in ("made", "asked for"):
            steering.steer(case(id))
        steering.renew()
        steering.steer(case("asked for later"))
    assert steering.are_of_one_tenant("made", "asked for")
    assert not steering.are_of_one_tenant("made", "asked for later")


def fails(request: Request) -> Answer:
    if request.query_params.get("most", "1") != "1":
        raise ZeroDivisionError
    return well(request)


def breaks_its_schema(_: Request) -> Any:
    return JSONResponse({"said": 7})


def breaks_its_type(_: Request) -> Any:
    return JSONResponse({"said": "well"}, media_type="application/xml")


def forgets_a_header(_: Request) -> Any:
    return JSONResponse({"said": "well"}, headers={"Cache-Control": "public"})


def is_no_problem(_: Request) -> Any:
    return JSONResponse({"detail": "no"}, 404)


@pytest.mark.parametrize(
    ("figure", "answer"),
    [
        ("server_errors", fails),
        ("schema_breaks", breaks_its_schema),
        ("schema_breaks", breaks_its_type),
        ("schema_breaks", forgets_a_header),
        ("schema_breaks", is_no_problem),
    ],
)
def test_counts_an_answer_that_is_wrong(
    figure: str, answer: Callable[[Request], Any]
) -> None:
    tally = fuzzed(api(answer))
    wrong = {name for name in FIGURES if tally.figures[name]}
    assert wrong == {figure}, list(tally.said())


@pytest.mark.parametrize("voice", ["owner", "service key", "nobody"])
def test_counts_a_route_that_forgets_to_ask_for_a_token(voice: str) -> None:
    assert fuzzed(api(well, who=may_be_nobody), voice).figures["ignored_auth"] > 0


AUDIT, SESSIONS = "/api/v1/audit-log", "/api/v1/auth/sessions"


@pytest.mark.parametrize(
    ("path", "voice", "is_ignored"),
    [
        (AUDIT, "admin", False),
        (AUDIT, "viewer", True),  # whose role may not
        (AUDIT, "limited key", True),  # it tells of all accounts
        (SESSIONS, "viewer", False),
        (SESSIONS, "personal key", True),  # a person's own
    ],
)
def test_counts_a_route_that_forgets_what_its_role_or_key_may(
    path: str, voice: str, *, is_ignored: bool
) -> None:
    tally = fuzzed(api(well, path=path), voice)
    assert (tally.figures["ignored_auth"] > 0) is is_ignored, list(tally.said())


def test_counts_what_is_told_of_another_tenant() -> None:
    told: list[str] = []

    def leaks(_: Request) -> Answer:
        return Answer(said=told[0])

    with served(api(leaks)) as ground:
        for secret, figure in (
            (ground.home.seen.mark, 0),
            (ground.foreign.seen.mark.lower(), 1),
            (str(ground.foreign.owner.user_id), 1),
            (ground.foreign.unseen.account_id, 1),
        ):
            told[:] = [secret]
            leaked = fuzzed_on(ground, "viewer").figures["foreign_leaks"]
            assert bool(leaked) == figure, secret
        told[:] = [ground.home.unseen.mark]
        assert not fuzzed_on(ground, "member").figures["foreign_leaks"]
        assert fuzzed_on(ground, "limited member").figures["foreign_leaks"]


def test_says_how_to_ask_again_without_a_secret() -> None:
    said = "\n".join(fuzzed(api(fails)).said())
    assert "curl -X GET" in said
    assert "most=" in said
    assert "token of" not in said


def test_is_the_same_again_by_its_seed() -> None:
    asked: list[str] = []

    def noting(request: Request) -> Answer:
        asked.append(str(request.url.query))
        return well(request)

    runs = []
    with served(api(noting)) as ground:
        for _ in range(2):
            fuzzed_on(ground, "viewer")
            runs.append(list(asked))
            asked.clear()
    assert runs[0] == runs[1]
    assert len(set(runs[0])) > 3


def test_founds_a_tenant_anew_when_something_of_it_was_ended() -> None:
    def tenants_after(method: str) -> int:
        app = api(well, path="/api/v1/things", method=method, who=signed_in)
        with served(app) as ground:
            steering = Steering(ground, "owner", 1)
            play(ground, steering, Tally(), DEPTH, seed=1)
            return len(steering.tenants)

    assert tenants_after("GET") == 1
    assert tenants_after("DELETE") > 1
