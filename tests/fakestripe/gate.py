"""What each request to the API passes: who asks, in which version, whether it was asked
before under the same idempotency key, and the faults that a test ordered."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from tests.fakestripe import life
from tests.fakestripe.books import API_VERSION, Books
from tests.fakestripe.refusals import Refused

Answering = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request. `status`: it is answered that, of which 200 is
    the true answer; none: nobody answers. `after`: only once the work is done. The
    answer is held up for `seconds`, or until faults are forgotten, and by then may no
    longer be true."""

    status: int | None = 500
    after: bool = False
    seconds: float = 0
    held: bool = False
    path: str = ""  # the first request whose path begins so


@dataclass
class Kept:
    """The first request under an idempotency key, and its answer once there is one."""

    fingerprint: str
    answer: tuple[int, bytes] | None = None


@dataclass
class Gate:
    books: Books
    faults: list[Fault] = field(default_factory=list)
    keys: dict[str, Kept] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def forget_faults(self) -> None:
        """Those that met no request; and what is held goes out."""
        self.faults.clear()
        self.released.set()
        self.released = asyncio.Event()

    async def pass_through(self, request: Request, answering: Answering) -> Response:
        self.requests.append((request.method, request.url.path))
        fault = self._next_fault(request.url.path)
        if fault and not fault.after:
            await asyncio.sleep(fault.seconds)
            response = _faulty(fault)
        else:
            response = await self._answered(request, answering, fault)
            response = _faulty(fault) if fault and fault.status != 200 else response
        response.headers["Request-Id"] = self.books.new_id("req")
        response.headers["Stripe-Version"] = API_VERSION
        return response

    async def _answered(
        self, request: Request, answering: Answering, fault: Fault | None
    ) -> Response:
        try:
            self._admit(request)
            key = request.headers.get("Idempotency-Key")
            if request.method != "POST" or key is None:
                return await self._worked(request, answering, key, fault)
            return await self._once(request, answering, key, fault)
        except Refused as refused:
            return JSONResponse(refused.body, refused.status)

    def _admit(self, request: Request) -> None:
        given = request.headers.get("Authorization", "")
        if given != f"Bearer {self.books.key}":
            shown = given.removeprefix("Bearer ")[:8]
            raise Refused(401, f"Invalid API Key provided: {shown}****", kept=False)
        version = request.headers.get("Stripe-Version", API_VERSION)
        if version != API_VERSION:
            raise Refused(400, f"Invalid Stripe API version: {version}", kept=False)

    async def _once(
        self, request: Request, answering: Answering, key: str, fault: Fault | None
    ) -> Response:
        body = await request.body()
        print_ = hashlib.sha256(request.url.path.encode() + b"\0" + body).hexdigest()
        if (kept := self.keys.get(key)) is not None:
            return _repeated(kept, print_, key)
        kept = self.keys[key] = Kept(print_)
        try:
            response = await self._worked(request, answering, key, fault)
        except Refused as refused:
            if not refused.kept:
                del self.keys[key]
                raise
            response = JSONResponse(refused.body, refused.status)
        kept.answer = response.status_code, bytes(response.body)
        return response

    async def _worked(
        self,
        request: Request,
        answering: Answering,
        key: str | None,
        fault: Fault | None,
    ) -> Response:
        life.catch_up(self.books)
        self.books.asked = {"id": self.books.new_id("req"), "idempotency_key": key}
        try:
            return await answering(request)
        finally:
            self.books.asked = {"id": None, "idempotency_key": None}
            if fault is not None:
                await asyncio.sleep(fault.seconds)
                await (self.released.wait() if fault.held else asyncio.sleep(0))

    def _next_fault(self, path: str) -> Fault | None:
        for number, fault in enumerate(self.faults):
            if path.startswith(fault.path):
                return self.faults.pop(number)
        return None


def _repeated(kept: Kept, fingerprint: str, key: str) -> Response:
    if kept.fingerprint != fingerprint:
        raise Refused(
            400,
            "Keys for idempotent requests can only be used with the same parameters "
            f"they were first used with. Try using a key other than '{key}' if you "
            "meant to execute a different request.",
            type="idempotency_error",
        )
    if kept.answer is None:
        raise Refused(
            409,
            "There is currently another in-progress request using this Idempotent "
            "Key (that probably means you submitted twice, and the other request is "
            f"still going through): {key}.",
            code="idempotency_key_in_use",
        )
    status, body = kept.answer
    replayed = Response(body, status, media_type="application/json")
    replayed.headers["Idempotent-Replayed"] = "true"
    return replayed


class HungUp(Response):
    """Ends the connection in the middle of an answer: the server closes it when less
    comes than was promised."""

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _faulty(fault: Fault) -> Response:
    if fault.status is None:
        return HungUp()
    error = {"type": "api_error", "message": "A fault that a test ordered."}
    return JSONResponse({"error": error}, fault.status)


class StripeRoute(APIRoute):
    """A route of the API; its handler is behind the gate."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override] # narrower than a coroutine
        answering = super().get_route_handler()

        async def through(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            return await gate.pass_through(request, answering)

        return through
