"""As much of AWS as the benchmarks ask for, over HTTP, in a process of its own: one
account with Lambda functions, in pages of 50, and DynamoDB tables, each to be described
by a call of its own. Every answer is held back for so long as told."""

import asyncio
import json
import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit

from tests.bench import cloud_guarded
from tests.bench.cloud_place import ACCOUNT, REGION

_PAGE = {"lambda": 50, "dynamodb": 100}


@dataclass(frozen=True)
class Account:
    """`latency` is in seconds. What health checks look at is no resource here."""

    functions: int
    tables: int
    latency: float = 0
    keys: int = 0
    certificates: int = 0

    @property
    def resources(self) -> int:
        return self.functions + self.tables

    @property
    def calls(self) -> int:
        """What listing it takes, an empty last page not counted."""
        pages = -(-self.functions // _PAGE["lambda"]) or 1
        return pages + (-(-self.tables // _PAGE["dynamodb"]) or 1) + self.tables


@contextmanager
def cloud(account: Account) -> Iterator[str]:
    """The URL at which the account is."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(account, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(account: Account, tell: Connection) -> None:
    asyncio.run(_Cloud(account).serve(tell))


@dataclass(frozen=True)
class _Asked:
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: str

    @property
    def operation(self) -> str:
        """Of a query, of a JSON target, or the last step of the path."""
        target = self.headers.get("x-amz-target", "").rpartition(".")[2]
        action = parse_qs(self.body).get("Action", [""])[0]
        return target or action or self.path.strip("/").rpartition("/")[2]


@dataclass(frozen=True)
class _Cloud:
    account: Account

    async def serve(self, tell: Connection) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        tell.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while asked := await _next_request(reader):
            if self.account.latency:
                await asyncio.sleep(self.account.latency)
            body = self._answer(asked).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()

    def _answer(self, asked: _Asked) -> str:
        answers: dict[str, Callable[[_Asked], str]] = {
            "AssumeRole": _keys,
            "GetCallerIdentity": _identity,
            "DescribeRegions": _regions,
            "functions": self._functions,
            "ListTables": self._tables,
            "DescribeTable": _table,
            "GetResources": _no_tags,
        }
        if found := answers.get(asked.operation):
            return found(asked)
        account = self.account
        told = cloud_guarded.answer(
            asked.operation, asked.body, account.keys, account.certificates
        )
        if told is None:
            raise NotImplementedError(asked.operation)
        return told

    def _functions(self, asked: _Asked) -> str:
        start = int(asked.query.get("Marker", ["0"])[0])
        end = min(start + _PAGE["lambda"], self.account.functions)
        page = {"Functions": [_function(n) for n in range(start, end)]}
        rest = {"NextMarker": str(end)} if end < self.account.functions else {}
        return json.dumps({**page, **rest})

    def _tables(self, asked: _Asked) -> str:
        last = json.loads(asked.body).get("ExclusiveStartTableName")
        start = int(last.rpartition("-")[2]) + 1 if last else 0
        end = min(start + _PAGE["dynamodb"], self.account.tables)
        names = [f"table-{n}" for n in range(start, end)]
        more = end < self.account.tables
        return json.dumps(
            {"TableNames": names}
            | ({"LastEvaluatedTableName": names[-1]} if more else {})
        )


async def _next_request(reader: asyncio.StreamReader) -> _Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.split("\r\n")
    headers = {
        name.lower(): text.strip()
        for name, _, text in (x.partition(":") for x in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    url = urlsplit(first.split(" ")[1])
    return _Asked(url.path, parse_qs(url.query), headers, body.decode())


def _function(number: int) -> Mapping[str, object]:
    """About 1 kB."""
    name = f"function-{number:07}"
    return {
        "FunctionName": name,
        "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
        "Runtime": "python3.13",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/service-role/of-a-function",
        "Handler": "main.run",
        "Description": f"{number:07} " + "what it is for " * 35,
        "MemorySize": 128,
        "Timeout": 30,
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }


def _table(asked: _Asked) -> str:
    name = json.loads(asked.body)["TableName"]
    described = {
        "TableName": name,
        "TableArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}",
        "TableStatus": "ACTIVE",
        "ItemCount": 0,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    return json.dumps({"Table": described})


def _keys(_: _Asked) -> str:
    return (
        "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
        "<AccessKeyId>ASIAOFTHEBENCHMARKS0</AccessKeyId>"
        "<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>"
        "<Expiration>2099-01-01T00:00:00Z</Expiration>"
        "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )


def _identity(_: _Asked) -> str:
    return (
        "<GetCallerIdentityResponse><GetCallerIdentityResult>"
        f"<Arn>arn:aws:iam::{ACCOUNT}:root</Arn><UserId>U</UserId>"
        f"<Account>{ACCOUNT}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


def _no_tags(_: _Asked) -> str:
    """Only peers ask for the tags of all resources."""
    return json.dumps({"ResourceTagMappingList": [], "PaginationToken": ""})


def _regions(_: _Asked) -> str:
    return (
        "<DescribeRegionsResponse><regionInfo><item>"
        f"<regionName>{REGION}</regionName>"
        "<optInStatus>opt-in-not-required</optInStatus>"
        "</item></regionInfo></DescribeRegionsResponse>"
    )
