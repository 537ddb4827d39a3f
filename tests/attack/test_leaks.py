"""The search for what belongs to somebody else finds it where it is planted."""

import gzip
from collections.abc import Callable

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tests.attack import leaks
from tests.attack.faulty import SmallGround, served, surrounded
from tests.attack.leaks import Canaries

CANARIES = Canaries.of(["QZMARK", "0192f000-0000-7000-8000-00000000000A"])


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b'{"name": "QZMARK Ltd"}'),
        ({}, b'{"email": "qzmark-owner@example.com"}'),
        ({}, b"id\n0192F000-0000-7000-8000-00000000000a"),
        ({}, gzip.compress(b"of QZMARK", mtime=0)),
        ({"content-disposition": "attachment; filename=qzmark.csv"}, b""),
    ],
)
def test_sees_a_canary_wherever_it_is(headers: dict[str, str], body: bytes) -> None:
    assert CANARIES.in_answer(headers, body, asked="GET /api/v1/tasks")


def test_does_not_take_an_echo_for_a_leak() -> None:
    asked = "/api/v1/tasks?q=QZMARK%20Ltd"
    assert not CANARIES.in_answer({}, b'{"detail": "QZMARK Ltd"}', asked=asked)
    assert CANARIES.in_answer(
        {}, b"QZMARK 0192f000-0000-7000-8000-00000000000a", asked=asked
    )


def telling(what: Callable[[str], str]) -> FastAPI:
    """Answers whatever is read with what who bears that token is told."""
    app = surrounded()

    @app.get("/{path:path}")
    def read(request: Request) -> JSONResponse:
        bearer = request.headers["authorization"]
        return JSONResponse({"items": [what(bearer)], "next_cursor": None})

    return app


@pytest.fixture
def _few_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that there are, some with ids and one with a list."""
    wanted = {"/api/v1/tasks/{id}", "/api/v1/executions/{id}/units", "/api/v1/tasks"}
    few = [one for one in leaks.READ if one.path in wanted]
    assert len(few) == len(wanted)
    monkeypatch.setattr(leaks, "READ", few)


@pytest.mark.usefixtures("_few_routes")
def test_finds_what_is_planted_for_each_who_is_told() -> None:
    grounds: list[SmallGround] = []

    def nothing(_: str) -> str:
        return ""

    def foreign(bearer: str) -> str:
        return grounds[0].foreign.seen.mark if bearer.endswith(" viewer") else ""

    def hidden(bearer: str) -> str:
        return grounds[0].home.unseen.mark

    def own(_: str) -> str:
        return grounds[0].home.seen.mark

    for what, leaked in ((nothing, 0), (own, 0), (foreign, 3), (hidden, 6)):
        with served(telling(what)) as ground:
            grounds[:] = [ground]
            figures = leaks.run(ground, long=False)
            assert figures == {"foreign_leaks": leaked, "owners_finds": 0}


@pytest.mark.usefixtures("_few_routes")
def test_counts_where_an_owner_finds_its_own() -> None:
    grounds: list[SmallGround] = []

    def to_its_owner(_: str) -> str:
        return grounds[0].foreign.seen.mark

    with served(telling(to_its_owner)) as ground:
        grounds.append(ground)
        assert leaks.run(ground, long=False)["owners_finds"] == 3
