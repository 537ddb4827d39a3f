"""Schedules over HTTP: what they mean and when they would run."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import Response

from tests.conftest import Client
from tests.personae import People

PREVIEW = "/api/v1/schedules/preview"


async def ask(client: Client, people: People, **body: Any) -> Response:
    return await client(people.victor).post(PREVIEW, json=body)


async def test_tells_a_schedule_in_words_and_in_both_zones(
    client: Client, people: People
) -> None:
    schedule = {
        "kind": "weekly",
        "days": ["fri", "mon"],
        "time": "09:30",
        "timezone": "Asia/Kolkata",
    }
    answer = await ask(client, people, schedule=schedule, count=3)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["in_words"] == "Every Monday and Friday at 09:30, Asia/Kolkata."
    assert found["schedule"] == {**schedule, "days": ["mon", "fri"]}
    assert found["shortest_interval_seconds"] == 3 * 86_400
    assert [run["utc"][11:] for run in found["runs"]] == ["04:00:00Z"] * 3
    assert {run["local"][11:] for run in found["runs"]} == {"09:30:00+05:30"}
    first = datetime.fromisoformat(found["runs"][0]["utc"])
    assert timedelta() < first - datetime.now(UTC) <= timedelta(days=4)


async def test_points_out_what_clock_changes_do(client: Client, people: People) -> None:
    schedule = {
        "kind": "daily",
        "time": "02:30",
        "timezone": "Europe/Berlin",
        "starts_at": "2099-03-28T00:00:00",
    }
    answer = await ask(client, people, schedule=schedule, count=3)
    found = answer.json()
    notes = {run["local"]: run["note"] for run in found["runs"]}
    assert notes["2099-03-28T02:30:00+01:00"] is None
    assert "skip 02:30" in notes["2099-03-29T03:00:00+02:00"]
    assert "skip runs once" in found["clock_changes"]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("rate(1 hour)", "Every hour, counted from"),
        ("cron(0 9 * * ? *)", "09:00"),
        ("0 9 * * 1-5", "09:00"),
    ],
)
async def test_reads_both_dialects_of_cron(
    client: Client, people: People, expression: str, words: str
) -> None:
    schedule = {"kind": "cron", "expression": expression}
    answer = await ask(client, people, schedule=schedule)
    assert answer.status_code == 200, answer.text
    assert words in answer.json()["in_words"]
    assert len(answer.json()["runs"]) == 5


async def test_a_schedule_that_ends_has_fewer_runs(
    client: Client, people: People
) -> None:
    schedule = {"kind": "once", "at": "2100-01-01T12:00:00"}
    found = (await ask(client, people, schedule=schedule)).json()
    assert [run["utc"] for run in found["runs"]] == ["2100-01-01T12:00:00Z"]
    assert found["shortest_interval_seconds"] is None


async def test_on_demand_has_no_run(client: Client, people: People) -> None:
    found = (await ask(client, people, schedule={"kind": "on_demand"})).json()
    assert found["runs"] == []
    assert found["in_words"] == "Only when asked."


async def test_starts_from_the_databases_time(
    client: Client,
    people: People,
    move_clock: Callable[[str], Awaitable[None]],
) -> None:
    await move_clock("20 hours")
    schedule = {"kind": "cron", "expression": "* * * * *"}
    found = (await ask(client, people, schedule=schedule)).json()
    first = datetime.fromisoformat(found["runs"][0]["utc"])
    assert first - datetime.now(UTC) > timedelta(hours=19, minutes=59)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/schedule"),
        ({"schedule": {"kind": "on_demand"}, "count": 51}, "/count"),
        ({"schedule": {"kind": "on_demand"}, "zone": "UTC"}, "/zone"),
        (
            {"schedule": {"kind": "on_demand", "time": "09:00"}},
            "/schedule/time",
        ),
        (
            {"schedule": {"kind": "monthly", "day": {"a": 1}, "time": "09:00"}},
            "/schedule/day",
        ),
        ({"schedule": {"kind": "cron", "expression": "rate(1 hour"}}, "/schedule"),
        (
            {"schedule": {"kind": "daily", "time": "09:00", "timezone": "\x00"}},
            "/schedule/timezone",
        ),
    ],
)
async def test_names_the_member_at_fault(
    client: Client, people: People, body: dict[str, Any], pointer: str
) -> None:
    answer = await ask(client, people, **body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_nobody_asks_without_signing_in(client: Client) -> None:
    answer = await client(None).post(PREVIEW, json={"schedule": {"kind": "on_demand"}})
    assert answer.status_code == 401
