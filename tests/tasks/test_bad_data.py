"""What AWS should never answer: each is a categorised failure of the unit that met it,
with nothing of that unit kept, and nothing lost of what another one wrote."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from app.aws import reading
from app.core.db import Login
from app.models.inventory import Finding, Resource, Scope
from app.models.run import Status, UnitStatus
from app.models.task import TaskType
from tests.aws.fake_aws import Asked
from tests.aws.faults import NOISE, Bare, Body, Fault, Refused, WebPage
from tests.tasks.faked import Faked

BAD, GOOD = "lambda:ListFunctions", "sns:ListTopics"


def function(name: str, **members: Any) -> Mapping[str, Any]:
    arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{name}"
    return {"FunctionName": name, "FunctionArn": arn, **members}


def functions(*items: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Functions": list(items), "NextMarker": None}


ANSWERS = {
    "an item without an id": (functions({"Runtime": "x"}), "unidentified_resource"),
    "an item that comes twice": (
        functions(function("a"), function("b"), function("a")),
        "hostile_or_oversized",
    ),
    "a document over the limit": (
        functions(function("a", Description="x" * 2**20)),
        "hostile_or_oversized",
    ),
    "a page that repeats": (
        {"Functions": [], "NextMarker": "the same again"},
        "repeated_token",
    ),
}
FAULTS: dict[str, tuple[Fault, str, str]] = {
    "a web page": (WebPage("web page", 200), "AWSServiceError", "UnreadableAnswer"),
    "no document": (NOISE, "AWSServiceError", "UnreadableAnswer"),
    "a document of another kind": (
        Body("list", b"[1, 2]"),
        "AWSServiceError",
        "UnreadableAnswer",
    ),
    "nothing": (Bare("nothing", 200), "AWSServiceError", "UnreadableAnswer"),
    "a bare status": (Bare("bare", 503), "AWSServiceError", "503"),
    "a code that nobody knows": (
        Refused("WhoKnowsWhatException", 400),
        "AWSServiceError",
        "WhoKnowsWhatException",
    ),
}


async def outcome(faked: Faked) -> Mapping[str, Any]:
    """Run both; the bad unit's error, once the good one's resources are seen."""
    execution = await faked.run(await faked.make_task(BAD, GOOD))
    units = await faked.units(execution.id)
    assert (units[BAD].status, units[GOOD].status) == (
        UnitStatus.FAILED,
        UnitStatus.SUCCEEDED,
    )
    assert execution.status == Status.FAILED
    async with faked.database.unit_of_work(Login.OWNER) as session:
        kept = set(await session.scalars(select(Resource.type)))
        verdicts = await session.execute(select(Scope.key, Scope.verdict, Scope.error))
        scopes = {key: (verdict, error) for key, verdict, error in verdicts}
    assert kept == {"sns:topic"}
    assert scopes[BAD] == ("unknown", units[BAD].error)
    assert scopes[GOOD] == (None, None)
    error = units[BAD].error
    assert error is not None
    assert (error["service"], error["operation"]) == ("lambda", "ListFunctions")
    return error


@pytest.mark.parametrize("name", ANSWERS)
async def test_a_bad_answer_fails_its_unit(faked: Faked, name: str) -> None:
    faked.fake.answers[BAD], code = ANSWERS[name]
    error = await outcome(faked)
    assert (error["category"], error["code"]) == ("AWSServiceError", code)


@pytest.mark.parametrize("name", FAULTS)
async def test_an_unreadable_answer_fails_its_unit(faked: Faked, name: str) -> None:
    fault, category, code = FAULTS[name]

    def judge(asked: Asked) -> Fault | None:
        return fault if asked.operation == "ListFunctions" else None

    faked.fake.judge = judge
    error = await outcome(faked)
    assert (error["category"], error["code"]) == (category, code)


async def test_a_second_page_that_is_bad_keeps_nothing_of_the_first(
    faked: Faked,
) -> None:
    def judge(asked: Asked) -> Fault | None:
        is_second = asked.operation == "ListFunctions" and "Marker" in asked.params
        return WebPage("web page", 200) if is_second else None

    faked.fake.judge = judge
    await outcome(faked)


async def test_more_resources_than_a_unit_may_hold_fail_it(
    faked: Faked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "UNIT_CAP", 3)
    many = (function(f"function-{n}") for n in range(4))
    faked.fake.answers[BAD] = functions(*many)
    error = await outcome(faked)
    assert (error["category"], error["code"]) == ("AWSServiceLimitError", "unit_cap")


async def test_a_huge_page_is_read_whole(faked: Faked) -> None:
    many = [function(f"function-{n:04}", Description="x" * 500) for n in range(3000)]
    faked.fake.answers[BAD] = functions(*many)
    execution = await faked.run(await faked.make_task(BAD))
    assert execution.status == Status.SUCCEEDED
    [unit] = (await faked.units(execution.id)).values()
    assert (unit.counts["items"], unit.counts["new"]) == (3000, 3000)


async def test_a_word_that_nobody_knows_is_kept_and_is_no_health(faked: Faked) -> None:
    key = "lambda:function"
    state = {"State": "Levitating", "LastUpdateStatus": "Successful"}
    faked.fake.answers[BAD] = functions(function("a", **state))
    faked.fake.answers["lambda:GetFunctionConfiguration"] = function("a", **state)
    task = await faked.make_task(key, type=TaskType.HEALTH_CHECK)
    execution = await faked.run(task)
    assert execution.status == Status.SUCCEEDED
    [unit] = (await faked.units(execution.id)).values()
    assert unit.verdict == "unknown"
    async with faked.database.unit_of_work(Login.OWNER) as session:
        [finding] = (await session.scalars(select(Finding))).all()
    assert finding.verdict == "unknown"
    assert "Levitating" in finding.reason
