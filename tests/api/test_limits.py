"""What is too large, broken or strange is refused plainly, before it is looked at."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.core.settings import Settings
from tests.api.listening import serving
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


_DEEP = 100_000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * _DEEP + b"]" * _DEEP, id="deep lists"),
        pytest.param(b'{"a":' * _DEEP + b"1" + b"}" * _DEEP, id="deep objects"),
        pytest.param(b'{"timeout_seconds": ' + b"9" * 5000 + b"}", id="digits"),
        pytest.param(b'{"timeout_seconds": 1e400}', id="endless"),
        pytest.param(b'{"parameters": {"a": NaN}}', id="no number"),
        pytest.param(b'{"parameters": {"a": -Infinity}}', id="infinite"),
        pytest.param(b'{"name": "\\u0000"}', id="NUL"),
        pytest.param(b'{"parameters": {"\\udfff": ["\\ud800"]}}', id="surrogates"),
        pytest.param(b'\xef\xbb\xbf{"name": "a"}', id="byte order mark"),
        pytest.param('{"name": "a"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"name": "a", "name": "b"}', id="doubled"),
        pytest.param(b'{"name": "a", "n\\u0061me": "b"}', id="doubled unseen"),
        pytest.param(b'{"targets": {"a": 1, "a": 1}}', id="doubled within"),
    ],
)
async def test_a_strange_body_is_a_problem_and_makes_nothing(
    client: Client, people: People, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    alice = client(people.alice)
    answer = await alice.post(PATH, content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await alice.get(PATH)).json()["items"] == []


@pytest.mark.parametrize(
    ("twice", "code"),
    [
        (b'{"enabled": true, "enabled": false}', "json_double"),
        (b'{"a": NaN}', "json_invalid"),
        (b'{"a": Infinity}', "json_invalid"),
        ('{"enabled": true}'.encode("utf-16"), "json_invalid"),
        (b'\xef\xbb\xbf{"enabled": true}', "json_invalid"),
    ],
)
async def test_a_body_that_others_may_read_differently_names_what_is_wrong(
    client: Client, people: People, twice: bytes, code: str
) -> None:
    answer = await client(people.alice).patch(
        f"{PATH}/{UUID(int=0)}",
        content=twice,
        headers={"Content-Type": "application/json"},
    )
    assert [error["code"] for error in answer.json()["errors"]] == [code]


FALSE_LENGTHS = [
    "Content-Length: 99999999999999999999",
    "Content-Length: 2000000",
    "Content-Length: -1",
    "Content-Length: 5, 6",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: five",
    "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
]


async def _send(address: str, head: str) -> bytes:
    url = urlsplit(address)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    request = f"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{{}}"
    writer.write(request.encode())
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_body_with_a_false_length_gets_a_client_error_or_nothing(
    configured: Settings, template_app: FastAPI
) -> None:
    """What speaks HTTP wrongly is the server's to refuse, before it is ours."""
    async with serving(configured, template_app) as address:
        for head in FALSE_LENGTHS:
            answer = await _send(address, head)
            assert not answer or answer.startswith(b"HTTP/1.1 4"), (head, answer)


async def test_an_undeclared_body_in_chunks_is_read_and_bounded(
    configured: Settings, template_app: FastAPI
) -> None:
    async with (
        serving(configured, template_app) as address,
        AsyncClient(base_url=address, trust_env=False) as asks,
    ):
        path, headers = "/api/v1/auth/login", {"Content-Type": "application/json"}
        answer = await asks.post(path, content=_endless(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
        answer = await asks.post(path, content=_in_parts(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert answer.json()["errors"][0]["pointer"] == "/password"


async def _in_parts() -> AsyncIterator[bytes]:
    for part in (b'{"email": "rita@', b'example.com"', b"}"):
        yield part


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
