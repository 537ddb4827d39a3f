"""Webhooks: every event is sent, signed, to every endpoint that wants it; and what a
test wants to go wrong on the way."""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict

from tests.fakestripe.books import Books, Json

RETRY_SECONDS = 0.2  # doubled each time; Stripe itself takes hours


class Knobs(BaseModel):
    """How the post works from now on."""

    model_config = ConfigDict(extra="forbid")

    held: bool = False  # nothing goes out until it is released
    copies: int = 1  # of each event
    drop: list[str] = []  # types of events that get lost; "*" is every one
    reorder: bool = False  # what waits goes out in any order
    delay_seconds: float = 0
    signature: Literal["right", "wrong", "missing"] = "right"
    age_seconds: int = 0  # how old the signature says it is
    livemode: bool | None = None  # what the event says, instead of the truth
    account: str | None = None  # says that it is of a connected account
    retries: int = 3


@dataclass
class Letter:
    """One event on its way to one endpoint; `answers` has a status for each try, and 0
    where nobody answered."""

    event: Json
    endpoint: Json
    status: Literal["waiting", "delivered", "failed", "lost"] = "waiting"
    answers: list[int] = field(default_factory=list)

    def told(self) -> Json:
        return {
            "event": self.event["id"],
            "type": self.event["type"],
            "url": self.endpoint["url"],
            "status": self.status,
            "answers": self.answers,
        }


@dataclass
class Post:
    books: Books
    knobs: Knobs = field(default_factory=Knobs)
    secrets: dict[str, str] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    dice: random.Random = field(default_factory=random.Random)
    _rounds: set["asyncio.Task[None]"] = field(default_factory=set)

    def take(self, event: Json) -> None:
        """A new event: to be sent soon, unless the post is held."""
        for endpoint in self.books.every("webhook_endpoint"):
            wanted = endpoint["enabled_events"]
            if "*" in wanted or event["type"] in wanted:
                self.letters.append(Letter(event, endpoint))
        if self.letters and not self.knobs.held:
            self.send_soon()

    def send_soon(self) -> None:
        one = asyncio.get_running_loop().create_task(self._round())
        self._rounds.add(one)
        one.add_done_callback(self._rounds.discard)

    async def settle(self) -> None:
        """Wait until nothing is on its way."""
        while self._rounds:
            await asyncio.gather(*self._rounds)

    async def _round(self) -> None:
        await asyncio.sleep(self.knobs.delay_seconds)
        waiting = [one for one in self.letters if one.status == "waiting"]
        if self.knobs.reorder:
            self.dice.shuffle(waiting)
        await self.send(waiting)

    async def release(self, order: list[str] | None) -> list[Letter]:
        """Send what waits: all of it, or these events in this order, as often as each
        is named; then the others are lost."""
        waiting = [one for one in self.letters if one.status == "waiting"]
        if order is None:
            await self.send(waiting)
            return waiting
        by_event = {one.event["id"]: one for one in waiting}
        for one in waiting:
            if one.event["id"] not in order:
                one.status = "lost"
        await self.send([by_event[id] for id in order], again=True)
        return waiting

    async def send(self, letters: Iterable[Letter], *, again: bool = False) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            for one in letters:
                if one.status != "waiting" and not again:
                    continue
                one.status = "lost"  # until it is known better; nobody sends it twice
                if not {"*", one.event["type"]} & set(self.knobs.drop):
                    for _ in range(self.knobs.copies):
                        await self._deliver(client, one)

    async def _deliver(self, client: httpx.AsyncClient, letter: Letter) -> None:
        for number in range(self.knobs.retries + 1):
            await asyncio.sleep(RETRY_SECONDS * 2**number if number else 0)
            body, headers = self.signed(
                letter.event, self.secrets[letter.endpoint["id"]]
            )
            try:
                url = letter.endpoint["url"]
                answer = await client.post(url, content=body, headers=headers)
            except httpx.TransportError:
                letter.answers.append(0)
            else:
                letter.answers.append(answer.status_code)
                if answer.is_success:
                    letter.status = "delivered"
                    return
        letter.status = "failed"

    def signed(self, event: Json, secret: str) -> tuple[bytes, dict[str, str]]:
        """A body and its headers, as the knobs want them."""
        shown = dict(event)
        if self.knobs.livemode is not None:
            shown["livemode"] = self.knobs.livemode
        if self.knobs.account is not None:
            shown["account"] = self.knobs.account
        body = json.dumps(shown, indent=2).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.knobs.signature == "missing":
            return body, headers
        at = int(time.time()) - self.knobs.age_seconds
        key = secret if self.knobs.signature == "right" else f"not {secret}"
        digest = hmac.new(key.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
        return body, {**headers, "Stripe-Signature": f"t={at},v1={digest}"}
