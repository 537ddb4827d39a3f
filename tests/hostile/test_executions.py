"""What other people wrote into their AWS resources, or what stands between us and AWS,
fails its own unit and nothing else."""

import json
from collections.abc import Mapping
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.inventory import Resource
from app.models.run import UnitStatus
from tests.aws.faults import Body, Refused
from tests.truth.drills import Drill, Injection, Place
from tests.truth.stage import Ended, Scene, Stage

REGION = "eu-west-1"
SECRETS = Drill("list", "secretsmanager:ListSecrets", is_curated=False)
TASKS = Drill("list", "ecs:DescribeServices", is_curated=False)
NEIGHBOURS = (
    Drill("list", "sns:ListTopics", is_curated=False),
    Drill("list", "dynamodb:DescribeTable", is_curated=False),
)
ARN = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:"


def secret(number: int, **members: Any) -> dict[str, Any]:
    return {"ARN": f"{ARN}{number}", "Name": f"secret-{number}", **members}


def tagged(text: str) -> dict[str, Any]:
    return secret(1, Tags=[{"Key": "note", "Value": text}])


HOSTILE: Mapping[str, list[dict[str, Any]]] = {
    "NUL in a description": [secret(1, Description="a\x00b")],
    "NUL in a tag": [tagged("a\x00b")],
    "NUL in an id": [{"ARN": f"{ARN}\x00", "Name": "n"}],
    "lone surrogate": [secret(1, Description="a \ud800 b")],
    "bidi override": [secret(1, Description="invoice\u202efdp.exe")],
    "bidi isolate": [tagged("\u2066isolated\u2069")],
    "1 MiB tag": [tagged("x" * 1024 * 1024)],
    "1 MiB of tags": [secret(1, Tags=[{"Key": "k", "Value": "x" * 250}] * 5_000)],
    "duplicate ids": [secret(1), secret(2), secret(1)],
    "a duplicate far away": [*(secret(n) for n in range(2_500)), secret(0)],
}


async def play(
    stage: Stage, drill: Drill, injection: Injection | None = None
) -> dict[str, Ended]:
    """The drill beside its neighbours; how each unit ended."""
    plan = {(drill.key, REGION): injection} if injection else {}
    scene = Scene([drill, *NEIGHBOURS], [REGION], plan)
    played = await stage.play(stage.lanes[0], scene)
    assert played.error is None or played.error["category"], played.error
    return {key: ended for (key, _), ended in played.units.items()}


async def count(owner: AsyncSession, service: str) -> int:
    found = select(func.count()).where(Resource.service == service)
    return await owner.scalar(found) or 0


async def must_fail_alone(
    owner: AsyncSession, ended: Mapping[str, Ended], drill: Drill
) -> Mapping[str, Any]:
    """The error of the drill's unit, whose neighbours kept what they found."""
    failed = ended[drill.key]
    assert failed.status == UnitStatus.FAILED
    assert not failed.was_read
    assert failed.error is not None
    assert failed.error["category"] == "AWSServiceError"
    assert await count(owner, drill.service) == 0
    for neighbour in NEIGHBOURS:
        assert ended[neighbour.key].status == UnitStatus.SUCCEEDED
        assert await count(owner, neighbour.service) > 0
    return failed.error


@pytest.mark.parametrize("items", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_data_fails_its_unit_alone(
    stage: Stage, owner: AsyncSession, items: list[dict[str, Any]]
) -> None:
    answer = {"SecretList": items, "NextToken": None}
    stage.fake.answers["secretsmanager:ListSecrets"] = answer
    error = await must_fail_alone(owner, await play(stage, SECRETS), SECRETS)
    assert error["code"] == "hostile_or_oversized"
    assert error["operation"] == "ListSecrets"
    json.dumps(error).encode()


@pytest.mark.parametrize("levels", [70, 300, 1_000, 100_000])
async def test_depth_fails_its_unit_alone(
    stage: Stage, owner: AsyncSession, levels: int
) -> None:
    nested = '{"a":' * levels + "1" + "}" * levels
    hook = f'{{"hookDetails":{nested}}}'
    service = (
        f'{{"serviceArn":"s","deploymentConfiguration":{{"lifecycleHooks":[{hook}]}}}}'
    )
    body = Body("deep", f'{{"services":[{service}]}}'.encode())
    place = Place("ecs", "DescribeServices", 0)
    ended = await play(stage, TASKS, Injection(place, body, "AWSServiceError"))
    error = await must_fail_alone(owner, ended, TASKS)
    assert error["code"] in {"hostile_or_oversized", "RecursionError"}


BAD: Mapping[str, bytes] = {
    "no JSON": b"<html><body>Sign in</body></html>",
    "half of it": b'{"SecretList":[{"ARN":"a"',
    "a list": b"[]",
    "a number": b"7",
    "empty": b"",
    "of another type": b'{"SecretList":"a text"}',
    "items of another type": b'{"SecretList":["a","b"]}',
    "an item without an id": b'{"SecretList":[{"Name":"n"}]}',
    "a date that is none": b'{"SecretList":[{"ARN":"a","CreatedDate":"soon"}]}',
    "invalid UTF-8": b'{"SecretList":[{"ARN":"\xff\xfe"}]}',
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
async def test_a_body_that_is_none_of_the_protocol_fails_its_unit_alone(
    stage: Stage, owner: AsyncSession, body: bytes
) -> None:
    place = Place("secretsmanager", "ListSecrets", 0)
    injection = Injection(place, Body("bad", body), "AWSServiceError")
    error = await must_fail_alone(owner, await play(stage, SECRETS, injection), SECRETS)
    assert error["code"]
    assert error["advice"]


async def test_a_page_that_repeats_fails_its_unit_alone(
    stage: Stage, owner: AsyncSession
) -> None:
    again = {"SecretList": [], "NextToken": "again"}
    stage.fake.answers["secretsmanager:ListSecrets"] = again
    error = await must_fail_alone(owner, await play(stage, SECRETS), SECRETS)
    assert error["code"] == "repeated_token"


CORPUS = (
    "<script>alert(1)</script>",
    '=cmd|"/C calc"!A0',
    "line\r\nHTTP/1.1 200 OK\r\n\r\n",
    "<!channel> <!here>",
    "[click](javascript:alert(1))",
    "\x1b[2J\x1b[31mred",
    '{"event":"forged","level":"critical"}\n{"event":"second"}',
    "{{7*7}} ${7*7} %s %n",
    "\u2028\u2029\x85",
)


@pytest.mark.parametrize("text", CORPUS)
async def test_what_aws_says_never_splits_or_colours_a_log_line(
    stage: Stage, logged: StringIO, text: str
) -> None:
    place = Place("secretsmanager", "ListSecrets", 0)
    denial = f"User: {text} is not authorized to perform: a:B on resource: {text}"
    for fault in (Refused("AccessDenied", 403, denial), Refused(text, 400, text)):
        ended = await play(stage, SECRETS, Injection(place, fault, "any"))
        assert ended[SECRETS.key].status == UnitStatus.FAILED
    lines = logged.getvalue().split("\n")[:-1]
    assert len(lines) > 4
    for line in lines:
        assert set(json.loads(line)) >= {"event", "level"}
        assert line.isprintable()
    assert not any(json.loads(line)["event"] == "forged" for line in lines)
