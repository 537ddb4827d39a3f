"""What is too large, broken or strange is refused plainly, before it is looked at."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Client
from tests.personae import People

PATH = "/api/v1/tasks"


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(40):
        yield b" " * 65_536


async def test_a_declared_body_over_the_limit_is_not_read(
    client: Client, people: People
) -> None:
    answer = await client(people.alice).post(PATH, content=b" " * 2_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_an_undeclared_body_over_the_limit_is_cut_off(
    client: Client, people: People
) -> None:
    answer = await client(people.alice).post(PATH, content=_endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"name": 1', b"null", b""])
async def test_a_body_that_is_no_object_is_a_problem(
    client: Client, people: People, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client(people.alice).post(PATH, content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid"
    assert answer.json()["errors"]


async def test_a_lone_surrogate_in_a_name_is_refused_and_can_be_told(
    client: Client, people: People
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client(people.alice).post(
        PATH, content=b'{"\\ud800": 1, "name": "\\ud800"}', headers=headers
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("cursor", ["x", "eyJ9", "W10", "!!!!", "WyJhIl0", "A" * 600])
async def test_a_broken_cursor_names_itself(
    client: Client, people: People, cursor: str
) -> None:
    answer = await client(people.alice).get(PATH, params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/cursor"


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "1e3"])
async def test_a_limit_out_of_bounds_names_itself(
    client: Client, people: People, limit: str
) -> None:
    answer = await client(people.alice).get(PATH, params={"limit": limit})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/limit"
