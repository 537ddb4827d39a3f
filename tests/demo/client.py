"""The public REST API as any customer's program uses it."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any, TypeVar

import httpx

from app.core import clock

Json = dict[str, Any]
Found = TypeVar("Found")

LOOK_EVERY_SECONDS = 0.3


class Refused(Exception):
    """The API answered with a problem."""

    def __init__(self, asked: str, response: httpx.Response) -> None:
        super().__init__(f"{asked} answered {response.status_code}: {response.text}")
        self.status = response.status_code


class NotInTime(Exception):
    """What was waited for did not come."""


class API:
    """The API at `url`, as nobody until `sign_in` or `be`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/api/v1", timeout=30, trust_env=False)

    def be(self, access_token: str) -> None:
        self._http.headers["Authorization"] = f"Bearer {access_token}"

    def sign_in(self, email: str, password: str) -> None:
        signed_in = self.post("/auth/login", {"email": email, "password": password})
        self.be(signed_in["access_token"])

    def get(self, path: str, **params: str) -> Json:
        return self._ask("GET", path, params=params)

    def post(
        self, path: str, body: Json | None = None, *, idempotency_key: str | None = None
    ) -> Json:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self._ask("POST", path, json=body, headers=headers)

    def patch(self, path: str, body: Json) -> Json:
        return self._ask("PATCH", path, json=body)

    def items(self, path: str, **params: str) -> Iterator[Json]:
        """Every item of every page."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, **params, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, **request: Any) -> Json:
        response = self._http.request(method, path, **request)
        if not response.is_success:
            raise Refused(f"{method} {path}", response)
        answer: Json = response.json() if response.content else {}
        return answer


def wait_for(look: Callable[[], Found | None], what: str, *, within: float) -> Found:
    """What `look` finds at last; seconds. Raises `NotInTime`."""
    deadline = clock.monotonic() + within
    pause = Event()
    while (found := look()) is None:
        if clock.monotonic() > deadline:
            raise NotInTime(f"{what} did not come within {within:.0f} s")
        pause.wait(LOOK_EVERY_SECONDS)
    return found
