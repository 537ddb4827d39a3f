"""What only a fake has: a clock for all, faults, and a hand on the post. No key is
asked for; it listens on loopback alone."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from tests.fakestripe import life
from tests.fakestripe.api_sales import books_of
from tests.fakestripe.api_sessions import endpoint
from tests.fakestripe.books import Json, Rules
from tests.fakestripe.gate import Fault, Gate
from tests.fakestripe.post import Knobs, Letter, Post

router = APIRouter(prefix="/_fake")


def _post(request: Request) -> Post:
    post: Post = request.app.state.post
    return post


def _gate(request: Request) -> Gate:
    gate: Gate = request.app.state.gate
    return gate


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


@router.get("")
async def look(request: Request) -> Json:
    """What was asked of the API, and what became of each letter."""
    return {
        "requests": _gate(request).requests,
        "letters": [one.told() for one in _post(request).letters],
    }


class Ahead(Order):
    seconds: int


@router.post("/clock")
async def move_clock(request: Request, ahead: Ahead) -> Json:
    """Move the clock of all that have none of their own."""
    books = books_of(request)
    life.advance(books, None, books.now() + ahead.seconds)
    return {"now": books.now()}


@router.put("/rules")
async def set_rules(request: Request, rules: Rules) -> Rules:
    books_of(request).rules = rules
    return rules


@router.put("/post")
async def set_knobs(request: Request, knobs: Knobs) -> Knobs:
    """What is not named is as at first. What waits goes out when no longer held."""
    post = _post(request)
    post.knobs = knobs
    if not knobs.held:
        post.send_soon()
    return knobs


class Release(Order):
    order: list[str] | None = None


@router.post("/post/release")
async def release(request: Request, wanted: Release) -> list[Json]:
    """Send what is held, and say what became of it."""
    return [one.told() for one in await _post(request).release(wanted.order)]


@router.get("/post/settled")
async def settled(request: Request) -> list[Json]:
    """All letters, once nothing is on its way."""
    post = _post(request)
    await post.settle()
    return [one.told() for one in post.letters]


class Endpoint(Order):
    url: str
    secret: str
    events: list[str] = ["*"]


@router.post("/endpoints")
async def add_endpoint(request: Request, wanted: Endpoint) -> Json:
    """As in the dashboard, with a secret that is known beforehand."""
    made = endpoint(books_of(request), wanted.url, wanted.events)
    _post(request).secrets[made["id"]] = wanted.secret
    return made


@router.get("/events")
async def list_events(request: Request) -> list[Json]:
    """The id and the type of each, the oldest first."""
    return [
        {"id": one["id"], "type": one["type"]}
        for one in books_of(request).every("event")[::-1]
    ]


class Signing(Order):
    events: list[str]
    secret: str
    knobs: Knobs = Knobs()


@router.post("/sign")
async def sign(request: Request, wanted: Signing) -> list[dict[str, Any]]:
    """Events as they would be sent, for a test that delivers them itself."""
    books = books_of(request)
    own = Post(books, wanted.knobs)
    signed = [own.signed(books.get("event", id), wanted.secret) for id in wanted.events]
    return [{"body": body.decode(), "headers": headers} for body, headers in signed]


@router.post("/events/{id}/resend")
async def resend(request: Request, id: str) -> list[Json]:
    """As the dashboard's button does: once more to every endpoint."""
    books, post = books_of(request), _post(request)
    event = books.get("event", id)
    letters = [Letter(event, one) for one in books.every("webhook_endpoint")]
    post.letters += letters
    await post.send(letters)
    return [one.told() for one in letters]


@router.post("/faults")
async def order_fault(request: Request, fault: Fault) -> Fault:
    """For the next request that it fits."""
    _gate(request).faults.append(fault)
    return fault


@router.delete("/faults")
async def forget_faults(request: Request) -> Json:
    """Those that met no request; and what is held goes out."""
    _gate(request).forget_faults()
    return {}


class Reset(Order):
    keep_prices: bool = False


@router.post("/reset")
async def reset(request: Request, wanted: Reset) -> Json:
    """Forget everything, or all but what is sold."""
    was = books_of(request).objects
    request.app.state.begin()
    if wanted.keep_prices:
        sold = {
            id: it for id, it in was.items() if it["object"] in {"product", "price"}
        }
        books_of(request).objects.update(sold)
    return {}
