"""The transport for users' URLs: what is inside is never reached, whatever the URL and
the name servers say; what is outside is asked once, safely and briefly."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from app.core.outbound_addresses import is_public
from app.integrations.outbound import (
    Failure,
    Limits,
    Outbound,
    TargetAway,
    resolving,
)
from app.integrations.outbound_target import Refusal, UnsafeTarget
from tests.attack.names import Names, like_the_c_library, name_server
from tests.attack.outbound_forms import ALIASES, NAMES, forms
from tests.attack.receivers import (
    PUBLIC,
    Inside,
    Receiver,
    Reply,
    Write,
    connections,
    receiver,
    says,
    something_inside,
)

PORT = 8443


def _permits(address: str) -> bool:
    return address == PUBLIC or is_public(address)


@pytest.fixture
async def names() -> AsyncIterator[Names]:
    known = {**NAMES, "hooks.example": [PUBLIC], "other.example": [PUBLIC]}
    async with name_server(known, ALIASES) as server:
        yield server


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    async with something_inside() as listener:
        yield listener


@pytest.fixture
async def hooks() -> AsyncIterator[Receiver]:
    async with receiver() as listener:
        yield listener


def _outbound(names: Names, hooks: Receiver, limits: Limits | None = None) -> Outbound:
    return Outbound(
        resolve=resolving(names.resolver),
        permits=_permits,
        ports=frozenset({hooks.port}),
        trust=hooks.trust(),
        limits=limits,
    )


def _url(hooks: Receiver, host: str = "hooks.example", path: str = "/hook") -> str:
    return f"https://{host}:{hooks.port}{path}"


async def _refusal(outbound: Outbound, url: str) -> Refusal:
    with pytest.raises(UnsafeTarget) as refused:
        await outbound.post(url, b"{}", {})
    return refused.value.reason


async def _failure(outbound: Outbound, url: str) -> TargetAway:
    with pytest.raises(TargetAway) as failed:
        await outbound.post(url, b"{}", {})
    return failed.value


# ── What is inside ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url", [pytest.param(url, id=ascii(url)[:60]) for url in forms(PORT)]
)
async def test_what_leads_inside_is_refused_and_nothing_is_connected_to(
    names: Names, url: str
) -> None:
    outbound = Outbound(resolve=like_the_c_library(names))
    with connections() as begun:
        assert await _refusal(outbound, url) == forms(PORT)[url]
    assert begun == []


def test_the_forms_are_many() -> None:
    assert len(forms(PORT)) >= 60


async def test_a_form_would_reach_what_is_inside_if_addresses_were_not_judged(
    names: Names, inside: Inside
) -> None:
    """Otherwise the test above proves nothing."""
    careless = Outbound(
        resolve=like_the_c_library(names),
        permits=lambda _: True,
        ports=frozenset({inside.port}),
    )
    with connections() as begun:
        for host in ("0x7f.1", "①②⑦.0.0.1", "alias2.example", "[::ffff:7f00:1]"):
            await _failure(careless, f"https://{host}:{inside.port}/")
    assert len(begun) == inside.reached == 4


async def test_a_refusal_does_not_tell_which_names_are_known_inside(
    names: Names,
) -> None:
    outbound = Outbound(resolve=resolving(names.resolver))
    told = set()
    for host in ("private.example", "unknown.example", "10.0.0.1"):
        with pytest.raises(UnsafeTarget) as refused:
            await outbound.post(f"https://{host}/", b"", {})
        told.add((refused.value.detail, refused.value.reason))
    assert len(told) == 1
    assert "10." not in str(told)


async def test_a_name_that_moves_inside_is_asked_where_it_was_judged(
    names: Names, inside: Inside
) -> None:
    """The rebinding of names: a good address for the judge, another for whoever
    connects."""
    for first in ([PUBLIC], [INSIDE_ADDRESS], [PUBLIC, INSIDE_ADDRESS]):
        async with receiver(hosts=("rebind.example",)) as hooks:
            later = itertools.chain([first], itertools.repeat([INSIDE_ADDRESS]))
            names.addresses["rebind.example"] = _of_a_only(later)
            outbound = _outbound(names, hooks)
            url = _url(hooks, "rebind.example")
            with connections() as begun:
                if first == [PUBLIC]:
                    assert (await outbound.post(url, b"", {})).is_accepted
                else:
                    assert await _refusal(outbound, url) == Refusal.NOT_PUBLIC
            assert set(begun) <= {PUBLIC}
    assert inside.reached == 0


INSIDE_ADDRESS = "127.0.0.1"


def _of_a_only(answers: "itertools.chain[list[str]]") -> Callable[[], list[str]]:
    """AAAA is asked first, and is no turn of its own."""
    turn = itertools.count()
    return lambda: next(answers) if next(turn) % 2 else []


async def test_a_name_is_resolved_once(names: Names, hooks: Receiver) -> None:
    assert (await _outbound(names, hooks).post(_url(hooks), b"", {})).is_accepted
    assert names.asked == {
        ("hooks.example", "AAAA"): 1,
        ("hooks.example", "A"): 1,
    }


@pytest.mark.parametrize("location", ["https://127.0.0.1:{port}/", "//loop.example/"])
async def test_a_redirect_is_an_answer_and_not_followed(
    names: Names, inside: Inside, hooks: Receiver, location: str
) -> None:
    to = location.replace("{port}", str(inside.port))
    hooks.reply = says("307 Temporary Redirect", b"", f"Location: {to}")
    with connections() as begun:
        answer = await _outbound(names, hooks).post(_url(hooks), b"{}", {})
    assert (answer.status, answer.is_accepted) == (307, False)
    assert begun == [PUBLIC]


async def test_nothing_of_the_environment_leads_elsewhere(
    names: Names, inside: Inside, hooks: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{inside.port}")
    with connections() as begun:
        answer = await _outbound(names, hooks).post(_url(hooks), b"{}", {})
    assert answer.is_accepted
    assert begun == [PUBLIC]


# ── Who answers ──────────────────────────────────────────────────────────────────────


async def test_the_receiver_is_told_the_name_though_an_address_is_asked(
    names: Names, hooks: Receiver
) -> None:
    outbound = _outbound(names, hooks)
    answer = await outbound.post(
        _url(hooks, path="/hook?a=1"), b'{"n": 1}', {"Content-Type": "application/json"}
    )
    assert (answer.status, answer.body, answer.is_cut) == (200, b"{}", False)
    [asked] = hooks.asked
    assert asked.head.startswith("POST /hook?a=1 HTTP/1.1\r\n")
    assert asked.body == b'{"n": 1}'
    assert asked.name == "hooks.example"
    assert asked.header("host") == f"hooks.example:{hooks.port}"
    assert asked.header("content-type") == "application/json"
    assert asked.header("accept-encoding") == "identity"
    assert asked.header("cookie") is asked.header("authorization") is None


async def test_a_certificate_must_be_for_the_name(
    names: Names, hooks: Receiver
) -> None:
    failure = await _failure(_outbound(names, hooks), _url(hooks, "other.example"))
    assert failure.reason == Failure.TLS
    assert "other.example" in failure.detail
    assert PUBLIC not in failure.detail
    assert hooks.asked == []


async def test_a_certificate_must_be_of_a_public_authority(
    names: Names, hooks: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    own = f"{tmp_path}/own.pem"
    hooks.authority.cert_pem.write_to_path(own)
    monkeypatch.setenv("SSL_CERT_FILE", own)
    outbound = Outbound(
        resolve=resolving(names.resolver),
        permits=_permits,
        ports=frozenset({hooks.port}),
    )
    failure = await _failure(outbound, _url(hooks))
    assert failure.reason == Failure.TLS
    assert hooks.asked == []


@pytest.mark.parametrize(
    ("hangs_up", "addresses"),
    [(False, ["127.0.0.3", "127.0.0.4", PUBLIC]), (True, [PUBLIC, PUBLIC])],
)
async def test_another_address_is_tried_only_while_nothing_was_sent(
    hooks: Receiver, hangs_up: bool, addresses: list[str]
) -> None:
    async def resolve(_: str) -> list[str]:
        return addresses

    outbound = Outbound(
        resolve=resolve,
        permits=lambda _: True,
        ports=frozenset({hooks.port}),
        trust=hooks.trust(),
    )
    if hangs_up:
        hooks.reply = _hang_up
        assert (await _failure(outbound, _url(hooks))).reason == Failure.BROKEN
    else:
        assert (await outbound.post(_url(hooks), b"", {})).is_accepted
    assert len(hooks.asked) == 1


async def _hang_up(writer: Write) -> None:
    writer.close()


async def test_of_many_addresses_few_are_tried(names: Names, hooks: Receiver) -> None:
    names.addresses["many.example"] = [f"127.0.1.{n}" for n in range(1, 21)]
    outbound = Outbound(
        resolve=resolving(names.resolver),
        permits=lambda _: True,
        ports=frozenset({hooks.port}),
    )
    with connections() as begun:
        failure = await _failure(outbound, _url(hooks, "many.example"))
    assert failure.reason == Failure.NOT_CONNECTED
    assert len(begun) == 3


# ── Big and slow answers ─────────────────────────────────────────────────────────────


async def test_an_endless_answer_is_cut(names: Names, hooks: Receiver) -> None:
    async def endless(writer: Write) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    hooks.reply = endless
    answer = await _outbound(names, hooks).post(_url(hooks), b"", {})
    assert (answer.status, answer.is_cut) == (200, True)
    assert answer.body == b"x" * 65536


async def test_an_answer_of_just_the_limit_is_whole(
    names: Names, hooks: Receiver
) -> None:
    hooks.reply = says("200 OK", b"x" * 65536)
    answer = await _outbound(names, hooks).post(_url(hooks), b"", {})
    assert (len(answer.body), answer.is_cut) == (65536, False)


async def test_nothing_is_unpacked(names: Names, hooks: Receiver) -> None:
    hooks.reply = says("200 OK", b"\x1f\x8b packed", "Content-Encoding: gzip")
    answer = await _outbound(names, hooks).post(_url(hooks), b"", {})
    assert answer.body == b"\x1f\x8b packed"


async def _silence(_: Write) -> None:
    await asyncio.Event().wait()


async def _drip(writer: Write) -> None:
    """Always something, never the end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nx\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("reply", "limits"),
    [
        (_silence, Limits(read=0.05)),
        (_silence, Limits(total=0.2)),
        (_drip, Limits(total=0.2)),
    ],
)
async def test_a_slow_answer_is_not_waited_for(
    names: Names, hooks: Receiver, reply: Reply, limits: Limits
) -> None:
    hooks.reply = reply
    failure = await _failure(_outbound(names, hooks, limits), _url(hooks))
    assert failure.reason == Failure.TIMED_OUT


async def test_slow_name_servers_are_not_waited_for(
    names: Names, hooks: Receiver
) -> None:
    async def resolve(host: str) -> list[str]:
        await asyncio.Event().wait()
        return [host]

    outbound = Outbound(
        resolve=resolve, ports=frozenset({hooks.port}), limits=Limits(total=0.05)
    )
    assert (await _failure(outbound, _url(hooks))).reason == Failure.TIMED_OUT


async def test_name_servers_that_are_away_are_no_unknown_name(
    names: Names, hooks: Receiver
) -> None:
    names.port = 1
    resolver = names.resolver()
    resolver.lifetime = 0.2
    outbound = Outbound(
        resolve=resolving(lambda: resolver), ports=frozenset({hooks.port})
    )
    assert (await _failure(outbound, _url(hooks))).reason == Failure.UNRESOLVED


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000,
    ],
)
async def test_what_is_no_answer_is_told_as_such(
    names: Names, hooks: Receiver, said: bytes
) -> None:
    async def say(writer: Write) -> None:
        writer.write(said)
        await writer.drain()

    hooks.reply = say
    failure = await _failure(_outbound(names, hooks), _url(hooks))
    assert failure.reason == Failure.BROKEN


async def test_a_listener_that_speaks_no_tls_is_not_trusted(
    names: Names, inside: Inside
) -> None:
    outbound = Outbound(
        resolve=resolving(names.resolver),
        permits=lambda _: True,
        ports=frozenset({inside.port}),
    )
    failure = await _failure(outbound, f"https://loop.example:{inside.port}/")
    assert failure.reason in {Failure.TLS, Failure.NOT_CONNECTED, Failure.BROKEN}
    assert inside.reached == 1
