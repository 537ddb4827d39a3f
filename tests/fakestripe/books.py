"""What the fake knows: objects as Stripe's API shows them, clocks, what happened."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from app.core import clock
from tests.fakestripe.refusals import invalid, missing

Json = dict[str, Any]

# The one version of the API that the fake speaks: that of the library we use.
API_VERSION = "2026-10-28.endive"

HOUR = 3_600
DAY = 24 * HOUR

_TOLD_AS = {"subscription": "customer.subscription"}


@dataclass
class Rules:
    """What an account's owner sets in Stripe's dashboard."""

    # From each failed payment of an invoice to its next attempt.
    retries: tuple[int, ...] = (3 * DAY, 5 * DAY, 7 * DAY)
    # What a subscription becomes after the last one: canceled, unpaid or past_due.
    unpaid_becomes: str = "canceled"
    # Percent by country of the customer's address, where tax is automatic.
    taxes: dict[str, int] = field(default_factory=lambda: {"DE": 19, "FR": 20})


@dataclass
class Books:
    """Of one account. Objects are plain JSON; changes go through `change`, which tells
    of them, so that no event is forgotten."""

    key: str = "sk_test_fake"
    rules: Rules = field(default_factory=Rules)
    objects: dict[str, Json] = field(default_factory=dict)
    # Apart, for there are many and what is looked for is hardly ever among them.
    events: dict[str, Json] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)  # numbers by payment method
    told: set[str] = field(default_factory=set)  # what is said only once
    checkouts: Json = field(default_factory=dict)  # what each session was asked for
    pending: dict[str, list[Json]] = field(default_factory=dict)  # lines to be billed
    readers: list[Callable[[Json], None]] = field(default_factory=list)
    asked: Json = field(default_factory=lambda: {"id": None, "idempotency_key": None})
    ahead: int = 0
    moment: int | None = None  # of what happens while a clock is moved
    mark: str = field(default_factory=lambda: secrets.token_hex(4))
    last: int = 0

    def now(self, test_clock: str | None = None) -> int:
        """Seconds since 1970 on this clock, or on that of all without one."""
        if test_clock is not None:
            time: int = self.objects[test_clock]["frozen_time"]
            return time
        if self.moment is not None:
            return self.moment
        return int(clock.now().timestamp()) + self.ahead

    def new_id(self, prefix: str) -> str:
        self.last += 1
        return f"{prefix}_{self.mark}{self.last:06d}"

    def add(self, made: Json, told: str | None = None) -> Json:
        """Keep a new object, and tell of it as `told`."""
        self.objects[made["id"]] = made
        if told:
            self.tell(told, made)
        return made

    def get(self, kind: str, id: str, param: str = "id") -> Json:
        """The object, unless there is none or it was deleted."""
        found = self._of(kind).get(id)
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing(kind, id, param)
        return found

    def every(self, kind: str, **wanted: Any) -> list[Json]:
        """Those of a kind, the newest first; by members where they are not None."""
        by = {name: value for name, value in wanted.items() if value is not None}
        return [
            one
            for one in reversed(self._of(kind).values())
            if one["object"] == kind
            and not one.get("deleted")
            and all(one[name] == value for name, value in by.items())
        ]

    def _of(self, kind: str) -> dict[str, Json]:
        return self.events if kind == "event" else self.objects

    @contextmanager
    def change(self, it: Json, told: str | None = None) -> Iterator[None]:
        """Tell of what is changed inside, with what it was before."""
        before = deepcopy(it)
        yield
        was = {name: before[name] for name in it if before[name] != it[name]}
        if was:
            name = _TOLD_AS.get(it["object"], it["object"])
            self.tell(told or f"{name}.updated", it, was)

    def tell(self, type: str, about: Json, was: Json | None = None) -> None:
        """Record an event with the object as it is now."""
        data = {"object": deepcopy(about)}
        if was is not None:
            data["previous_attributes"] = was
        event: Json = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(about.get("test_clock")),
            "data": data,
            "livemode": False,
            "pending_webhooks": len(self.every("webhook_endpoint")),
            "request": dict(self.asked),
            "type": type,
        }
        self.events[event["id"]] = event
        for read in self.readers:
            read(event)


def shown(books: Books, it: Json, expand: list[str]) -> Json:
    """The object as it is answered, with what `expand` asks for in place of its id."""
    answer = deepcopy(it)
    for path in expand:
        _expand(books, answer, path.split("."), path)
    return answer


def _expand(books: Books, it: Json | list[Json], names: list[str], path: str) -> None:
    if not names or it is None:
        return
    if isinstance(it, list):
        for one in it:
            _expand(books, one, names, path)
        return
    name, *rest = names
    if name not in it:
        raise invalid(f"This property cannot be expanded ({name}).", f"expand[{path}]")
    if isinstance(it[name], str):
        id: str = it[name]
        if id not in books.objects:
            raise invalid(f"This property cannot be expanded ({name}).", "expand")
        it[name] = deepcopy(books.objects[id])
    _expand(books, it[name], rest, path)
