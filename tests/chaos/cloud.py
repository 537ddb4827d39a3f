"""As much of AWS as chaos needs, over HTTP, in a process of its own: roles, a listing,
and SQS, each of whose messages is written to an append-only ledger before it is
answered. `python -m tests.chaos.cloud PORT LEDGER SEED`.

The harness steers it over `/control`: how long answers are held back before and after
the effect, or that they are held until it lets them go.
"""

import asyncio
import hashlib
import json
import os
import random
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

LOOPBACK = "127.0.0.1"


@dataclass
class Manners:
    """Seconds: an answer is held back for up to `before` before its effect and up to
    `after` after it; one in `slow_every` for `slow`. Answers to the operation `hold`
    ("*" is any) are held after the effect as long as it says so; with `drop` the
    connection is then cut without an answer, once per effect."""

    before: float = 0.05
    after: float = 0.05
    slow: float = 2.0
    slow_every: int = 8
    hold: str = ""
    drop: bool = False


class Ledger:
    """What was really done, in the order in which it was: one line of JSON each, on
    the disk before anybody is told."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, line: dict[str, Any]) -> None:
        os.write(self._file, (json.dumps(line) + "\n").encode())
        os.fsync(self._file)


@dataclass
class Cloud:
    ledger: Ledger
    chance: random.Random
    manners: Manners = field(default_factory=Manners)
    dropped: set[str] = field(default_factory=set)
    steered: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connection, LOOPBACK, port)
        await server.serve_forever()

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while asked := await _next_request(reader):
                answer = await self._answer(*asked)
                if answer is None:
                    writer.transport.abort()
                    return
                head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(answer)}\r\n\r\n"
                writer.write(head.encode() + answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # who asked was killed
        finally:
            writer.close()

    async def _answer(
        self, path: str, headers: dict[str, str], body: str
    ) -> bytes | None:
        if path == "/control":
            async with self.steered:
                self.manners = Manners(**json.loads(body or "{}"))
                self.steered.notify_all()
            return b"{}"
        manners = self.manners
        await asyncio.sleep(self.chance.uniform(0, manners.before))
        operation = _operation(headers, body)
        if operation == "SendMessage":
            return await self._send_message(json.loads(body), manners)
        await self._pause(manners, operation)
        return _ANSWERS[operation](headers, body).encode()

    async def _send_message(
        self, asked: dict[str, Any], manners: Manners
    ) -> bytes | None:
        text = str(asked["MessageBody"])
        self.ledger.write({"at": time.time(), "effect": text})
        if manners.drop and text not in self.dropped:
            self.dropped.add(text)
            return None
        await self._pause(manners, "SendMessage")
        digest = hashlib.md5(text.encode()).hexdigest()  # noqa: S324 — SQS's own choice
        return json.dumps({"MessageId": text, "MD5OfMessageBody": digest}).encode()

    async def _pause(self, manners: Manners, operation: str) -> None:
        is_slow = self.chance.randrange(manners.slow_every) == 0
        await asyncio.sleep(
            manners.slow if is_slow else self.chance.uniform(0, manners.after)
        )
        async with self.steered:
            await self.steered.wait_for(
                lambda: self.manners.hold not in {"*", operation}
            )


async def _next_request(
    reader: asyncio.StreamReader,
) -> tuple[str, dict[str, str], str] | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")
    headers = {
        name.lower(): text.strip()
        for name, _, text in (line.partition(":") for line in lines)
    }
    if headers.get("expect") == "100-continue":
        raise ConnectionError("nobody asks so here")
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return first.split(" ")[1], headers, body.decode()


def _operation(headers: dict[str, str], body: str) -> str:
    """Of a JSON target, or of a query."""
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    return target or parse_qs(body)["Action"][0]


_ROLE = re.compile(r"arn:aws:iam::([0-9]{12}):role/")
_KEY = re.compile(r"Credential=ASIA([0-9]{12})")


def _keys(_: dict[str, str], body: str) -> str:
    """Temporary keys that tell by their id of which account they are."""
    found = _ROLE.search(parse_qs(body)["RoleArn"][0])
    assert found is not None
    return (
        "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
        f"<AccessKeyId>ASIA{found[1]}KEYS</AccessKeyId>"
        "<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>"
        "<Expiration>2099-01-01T00:00:00Z</Expiration>"
        "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )


def _identity(headers: dict[str, str], _: str) -> str:
    found = _KEY.search(headers["authorization"])
    assert found is not None
    return (
        "<GetCallerIdentityResponse><GetCallerIdentityResult>"
        f"<Arn>arn:aws:iam::{found[1]}:root</Arn><UserId>U</UserId>"
        f"<Account>{found[1]}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


def _groups(_: dict[str, str], __: str) -> str:
    return (
        "<ListGroupsResponse><ListGroupsResult><IsTruncated>false</IsTruncated><Groups>"
        "<member><Path>/</Path><GroupName>operators</GroupName>"
        "<GroupId>AGPAOFTHECHAOSHARNES</GroupId>"
        "<Arn>arn:aws:iam::123456789012:group/operators</Arn>"
        "<CreateDate>2024-01-01T00:00:00Z</CreateDate></member>"
        "</Groups></ListGroupsResult></ListGroupsResponse>"
    )


def _regions(_: dict[str, str], __: str) -> str:
    return (
        "<DescribeRegionsResponse><regionInfo><item>"
        "<regionName>eu-central-1</regionName>"
        "<optInStatus>opt-in-not-required</optInStatus>"
        "</item></regionInfo></DescribeRegionsResponse>"
    )


_ANSWERS = {
    "AssumeRole": _keys,
    "GetCallerIdentity": _identity,
    "ListGroups": _groups,
    "DescribeRegions": _regions,
}


def main() -> None:
    port, ledger, seed = sys.argv[1:]
    chance = random.Random(seed)  # noqa: S311 — picks delays, not secrets
    asyncio.run(Cloud(Ledger(ledger), chance).serve(int(port)))


if __name__ == "__main__":
    main()
