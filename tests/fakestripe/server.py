"""The fake in a thread of this process, and the hand that tests have on it."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from app.core import clock
from app.core.embedded.process import LOOPBACK, free_port
from tests.fakestripe.app import create_app
from tests.fakestripe.books import Json

KEY = "sk_test_fake"
START_SECONDS = 10


class Backstage:
    """What a test does to the fake, wherever it runs; nothing of it is Stripe's API."""

    def __init__(self, url: str, key: str = KEY) -> None:
        self.url = url
        self.key = key
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30)

    def look(self) -> Json:
        """What was asked of the API, and what became of each letter."""
        seen: Json = self._ask("GET", "/_fake")
        return seen

    def reset(self, *, keep_prices: bool = False) -> None:
        """Forget everything, or all but what is sold."""
        self._ask("POST", "/_fake/reset", {"keep_prices": keep_prices})

    def move_clock(self, *, days: float = 0, seconds: int = 0) -> None:
        """Of all that have no clock of their own; what falls due meanwhile happens."""
        ahead = seconds + int(days * 86_400)
        self._ask("POST", "/_fake/clock", {"seconds": ahead})

    def set_rules(self, **rules: Any) -> None:
        self._ask("PUT", "/_fake/rules", rules)

    def set_post(self, **knobs: Any) -> None:
        self._ask("PUT", "/_fake/post", knobs)

    def release(self, order: list[str] | None = None) -> Any:
        return self._ask("POST", "/_fake/post/release", {"order": order})

    def settled(self) -> Any:
        """All letters, once none waits or is on its way."""
        return self._ask("GET", "/_fake/post/settled")

    def add_endpoint(self, url: str, secret: str) -> None:
        self._ask("POST", "/_fake/endpoints", {"url": url, "secret": secret})

    def events(self) -> list[dict[str, str]]:
        """The id and the type of each, the oldest first."""
        found: list[dict[str, str]] = self._ask("GET", "/_fake/events")
        return found

    def sign(
        self, events: Sequence[str], secret: str, **knobs: Any
    ) -> list[tuple[str, dict[str, str]]]:
        """The body and the headers of each event as it would be sent."""
        asked = {"events": list(events), "secret": secret, "knobs": knobs}
        signed = self._ask("POST", "/_fake/sign", asked)
        return [(one["body"], one["headers"]) for one in signed]

    def resend(self, event: str) -> Any:
        return self._ask("POST", f"/_fake/events/{event}/resend")

    def order_fault(self, **fault: Any) -> None:
        """For the next request that it fits."""
        self._ask("POST", "/_fake/faults", fault)

    def forget_faults(self) -> None:
        """Those that met no request; and what is held goes out."""
        self._ask("DELETE", "/_fake/faults")

    def look_at(self, url: str) -> str:
        """A hosted page."""
        return self._http.get(url).text

    def pay(
        self, url: str, card: str = "4242 4242 4242 4242", **more: str
    ) -> httpx.Response:
        """Fill in the page of a checkout and send it: a redirect if it was taken."""
        return self._http.post(url, data={"card": card, **more})

    def press(self, url: str, act: str, **hidden: str) -> httpx.Response:
        """Press a button of the portal."""
        return self._http.post(url, data={"act": act, **hidden})

    def answer(self, path: str, params: Mapping[str, str]) -> Json:
        """What the API answers to who has the key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = self._http.get(path, params=params, headers=headers)
        answer.raise_for_status()
        said: Json = answer.json()
        return said

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, body: Json | None = None) -> Any:
        answer = self._http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def fake_stripe(port: int | None = None) -> Iterator[Backstage]:
    """A fresh account."""
    port = port or free_port()
    url = f"http://{LOOPBACK}:{port}"
    config = uvicorn.Config(
        create_app(url, KEY),
        host=LOOPBACK,
        port=port,
        log_level="critical",
        lifespan="off",
        loop="asyncio",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="fake Stripe")
    thread.start()
    backstage = Backstage(url)
    try:
        _wait(server)
        yield backstage
    finally:
        backstage.close()
        server.should_exit = True
        thread.join()


def _wait(server: uvicorn.Server) -> None:
    deadline = clock.monotonic() + START_SECONDS
    while not server.started:
        if clock.monotonic() > deadline:
            raise TimeoutError("the fake of Stripe did not start")
        time.sleep(0.01)
