"""Stripe's API: asked once, at one version, with nothing of the environment, and every
answer that is none is one of our errors."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import pytest
import stripe

from app.core.secret import Secret
from app.integrations.stripe_client import (
    VERSION,
    StripeAway,
    StripeClient,
    StripeKeyRefused,
    StripeRefused,
)
from tests.fakestripe.buying import customer, make_shop
from tests.fakestripe.server import Backstage

KEY = "sk_test_canary4711"


class Reply(NamedTuple):
    status: int
    body: Any
    leads_to: str = ""


@contextmanager
def answering(reply: Reply, heard: list[dict[str, str]]) -> Iterator[StripeClient]:
    """Stripe as it answers always the same; what was asked is heard."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append({"path": self.path, **self.headers})
            body = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            self.send_response(reply.status)
            self.send_header("Request-Id", "req_1")
            self.send_header("Location", reply.leads_to)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Nothing is to be said of it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        yield StripeClient(Secret(KEY), livemode=False, url=url)
        server.shutdown()
        thread.join()


def refusal(status: int, **error: str) -> Reply:
    return Reply(status, {"error": {"message": "No.", **error}})


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (refusal(401), StripeKeyRefused),
        (refusal(403), StripeKeyRefused),
        (refusal(400, code="resource_missing"), StripeRefused),
        (refusal(400, type="idempotency_error"), StripeRefused),
        (refusal(402, code="card_declined"), StripeRefused),
        (refusal(404), StripeRefused),
        (refusal(409), StripeAway),
        (refusal(429), StripeAway),
        (refusal(500), StripeAway),
        (refusal(503), StripeAway),
        (Reply(500, "<html>"), StripeAway),
        (Reply(200, "no json"), StripeAway),
        (Reply(200, {"object": "list"}), StripeAway),
        (Reply(200, {"object": "list", "data": [{"id": "sub_1"}]}), StripeAway),
        (Reply(302, "", "/elsewhere"), StripeAway),
    ],
    ids=lambda one: (
        f"{one.status} {json.dumps(one.body)[:40]}" if isinstance(one, Reply) else ""
    ),
)
async def test_every_answer_that_is_none_is_an_error_of_ours_and_asked_for_once(
    reply: Reply, expected: type[Exception]
) -> None:
    heard: list[dict[str, str]] = []
    with answering(reply, heard) as client, pytest.raises(expected) as raised:
        await client.subscriptions_of("cus_1")
    assert len(heard) == 1
    assert KEY not in str(raised.value)


async def test_nobody_there_is_an_error_of_ours() -> None:
    client = StripeClient(Secret(KEY), livemode=False, url="http://127.0.0.1:9")
    with pytest.raises(StripeAway):
        await client.subscriptions_of("cus_1")


async def test_a_refusal_says_stripes_reason_and_request() -> None:
    reply = refusal(404, code="resource_missing")
    with answering(reply, []) as client, pytest.raises(StripeRefused) as refused:
        await client.subscriptions_of("cus_1")
    assert refused.value.reason == "resource_missing"
    assert refused.value.detail == "No. (req_1)"


async def test_it_is_asked_at_one_version_past_proxies_and_passwords_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    nobody = "http://127.0.0.1:9"
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    heard: list[dict[str, str]] = []
    empty = {"object": "list", "data": [], "has_more": False, "url": "/"}
    with answering(Reply(200, empty), heard) as client:
        assert await client.subscriptions_of("cus_1") == []
    [asked] = heard
    assert asked["Authorization"] == f"Bearer {KEY}"
    assert asked["Stripe-Version"] == VERSION


def test_the_version_is_the_one_that_the_library_was_made_for() -> None:
    assert stripe.api_version in {None, VERSION}
    made_for = stripe.StripeClient(KEY)._requestor._options.stripe_version  # noqa: SLF001 — it is told nowhere else
    assert made_for == VERSION


async def test_all_pages_are_read(backstage: Backstage) -> None:
    shop = make_shop(backstage)
    buyer = customer(shop)
    made = [
        shop.stripe.v1.subscriptions.create(
            {"customer": buyer, "items": [{"price": shop.team}]}
        ).id
        for _ in range(101)
    ]
    client = StripeClient(Secret(backstage.key), livemode=False, url=backstage.url)
    found = await client.subscriptions_of(buyer)
    assert sorted(one.id for one in found) == sorted(made)
