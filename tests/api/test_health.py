"""Health over HTTP: never a verdict that does not hold."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.aws.unit import Verdict
from app.core.clock import now
from app.core.db import Database, Login
from app.models.task import Task, TaskType, TaskVersion
from app.services import health
from app.services.paging import Page
from tests.builders import make_account, make_task
from tests.conftest import Client
from tests.personae import People, Persona
from tests.services.reading import (
    CHECK,
    Reader,
    in_an_hour,
    instance,
    judged,
    make_reader,
)

URL = "/api/v1/health"
VOLUMES = "ec2:volume_status"
_READ_LONG_AGO_ELSEWHERE = text("""
INSERT INTO scopes (id, organization_id, aws_account_id, kind, service, key, verdict,
  counts, region, as_of, stale_at)
SELECT uuidv7(), organization_id, aws_account_id, kind, service, key, verdict, counts,
  'us-east-1', now() - interval '2 days', now() - interval '1 day'
FROM scopes
""")


@pytest.fixture
async def reader(database: Database, people: People) -> Reader:
    """Of a task with one check."""
    return await make_reader(
        database, people.alice, labels={"client": "south"}, checks=(CHECK,)
    )


@pytest.fixture
async def of_two(database: Database, people: People) -> Reader:
    return await make_reader(database, people.alice, checks=(CHECK, VOLUMES))


@pytest.fixture
async def of_all(database: Database, people: People) -> Reader:
    """Of a task that names no check."""
    return await make_reader(database, people.alice)


async def accounts(client: Client, persona: Persona, **params: str) -> list[Any]:
    answer = await client(persona).get(URL, params=params)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def summary(client: Client, persona: Persona) -> Any:
    answer = await client(persona).get(f"{URL}/summary")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ec2(client: Client, people: People) -> dict[str, Any]:
    (account,) = await accounts(client, people.alice)
    (service,) = [one for one in account["services"] if one["service"] == "ec2"]
    return {**service, "account": account["verdict"]}


async def test_the_worst_verdict_decides_and_says_of_when_it_is(
    client: Client, people: People, of_two: Reader
) -> None:
    await of_two.check(judged("i-1"), judged("i-2", "unhealthy"), stale_at=in_an_hour())
    await of_two.check(judged("v-1"), key=VOLUMES, stale_at=in_an_hour())
    found = await ec2(client, people)
    assert (found["verdict"], found["account"]) == ("unhealthy", "unhealthy")
    assert found["counts"] == {"healthy": 2, "unhealthy": 1}
    assert found["summary"] == "1 of 3 resources: unhealthy."
    assert found["as_of"] is not None


async def test_a_verdict_older_than_promised_is_unknown_and_stale(
    client: Client,
    people: People,
    reader: Reader,
    move_clock: Callable[[str], Awaitable[None]],
) -> None:
    await reader.check(judged("i-1"), stale_at=in_an_hour())
    assert (await ec2(client, people))["verdict"] == "healthy"
    await move_clock("2 hours")
    found = await ec2(client, people)
    assert (found["verdict"], found["reason"]) == ("unknown", "stale")
    assert found["counts"] == {}
    assert found["not_known"] == {"stale": 1}
    assert found["account"] == "unknown"


async def test_one_stale_check_among_fresh_ones_is_not_healthy(
    client: Client,
    people: People,
    of_two: Reader,
    move_clock: Callable[[str], Awaitable[None]],
) -> None:
    await of_two.check(judged("v-1"), key=VOLUMES, stale_at=in_an_hour())
    await of_two.check(judged("i-1"))
    await move_clock("2 hours")
    found = await ec2(client, people)
    assert (found["verdict"], found["reason"]) == ("unknown", "stale")
    assert found["summary"] == "1 of 2 reads not known: 1 stale."


async def test_regions_that_say_the_same_are_of_their_own_time(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    await reader.check(judged("i-1"), stale_at=in_an_hour())
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(_READ_LONG_AGO_ELSEWHERE)
        (version,) = await session.scalars(select(TaskVersion))
        version.regions = ["eu-central-1", "us-east-1"]
    found = await ec2(client, people)
    assert (found["verdict"], found["counts"]) == ("unknown", {"healthy": 1})
    assert found["summary"] == "1 of 2 reads not known: 1 stale."
    async with database.unit_of_work(Login.OWNER) as session:
        (version,) = await session.scalars(select(TaskVersion))
        version.regions = ["eu-central-1"]  # and the other one is watched no more
    found = await ec2(client, people)
    assert (found["verdict"], found["not_known"]) == ("healthy", {})
    assert datetime.fromisoformat(found["as_of"]) > now() - timedelta(days=1)


async def test_a_check_that_its_task_makes_no_more_says_nothing(
    client: Client, people: People, reader: Reader
) -> None:
    # It was named once; a task that names none makes no such check of EC2.
    await reader.check(judged("v-1", "unhealthy"), key="ec2:DescribeVpcs")
    found = await ec2(client, people)
    assert (found["verdict"], found["reason"]) == ("unknown", "not_read")
    await reader.check(judged("i-1"))
    found = await ec2(client, people)
    assert (found["verdict"], found["counts"]) == ("healthy", {"healthy": 1})


async def test_a_generic_check_beside_curated_ones_is_watched(
    client: Client, people: People, of_all: Reader
) -> None:
    await of_all.check(judged("i-1"))
    await of_all.check(judged("p-1", "unhealthy"), key="ec2:DescribeIpamPools")
    assert (await ec2(client, people))["verdict"] == "unhealthy"


async def test_a_check_that_never_read_makes_the_rest_no_answer(
    client: Client, people: People, of_two: Reader
) -> None:
    await of_two.check(judged("i-1"))
    found = await ec2(client, people)
    assert (found["verdict"], found["reason"]) == ("unknown", "not_read")
    assert found["summary"] == "1 of 2 reads not known: 1 not_read."
    await of_two.check(judged("v-1", "unhealthy"), key=VOLUMES)
    assert (await ec2(client, people))["verdict"] == "unhealthy"


async def test_a_check_that_is_excluded_is_not_waited_for(
    client: Client, people: People, database: Database
) -> None:
    rule = {"service": "ec2", "key": VOLUMES, "by": "Olga", "reason": "old"}
    reader = await make_reader(
        database, people.alice, exclusions=[rule], checks=(CHECK, VOLUMES)
    )
    await reader.check(judged("i-1"))
    assert (await ec2(client, people))["verdict"] == "healthy"


async def test_a_failed_check_is_unknown_with_the_category(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.check(judged("i-1"))
    await reader.fail()
    found = await ec2(client, people)
    assert (found["verdict"], found["reason"]) == ("unknown", "AWSPermissionError")


async def test_a_watched_service_that_was_never_read_is_unknown(
    client: Client, people: People, reader: Reader
) -> None:
    found = await ec2(client, people)
    assert (found["verdict"], found["reason"]) == ("unknown", "not_read")


async def test_what_no_enabled_check_looks_at_is_not_watched(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    await reader.check(judged("i-1"))
    async with database.unit_of_work(Login.OWNER) as session:
        (await session.get_one(Task, reader.task.id)).enabled = False
    found = await ec2(client, people)
    assert (found["verdict"], found["account"]) == ("not_watched", "not_watched")


async def test_a_service_that_is_only_listed_is_not_watched(
    client: Client, people: People, database: Database
) -> None:
    lister = await make_reader(database, people.alice, type=TaskType.RESOURCE_LIST)
    await lister.list(instance("i-1"))
    found = await ec2(client, people)
    assert found["verdict"] == "not_watched"


async def test_a_region_that_is_watched_no_more_says_nothing(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    await reader.check(judged("i-1", "unhealthy"))
    async with database.unit_of_work(Login.OWNER) as session:
        (await session.get_one(Task, reader.task.id)).enabled = False
        await make_task(
            session,
            people.alice.organization_id,
            accounts=(reader.account,),
            type=TaskType.HEALTH_CHECK,
            regions=("us-east-1",),
            name="Elsewhere",
        )
    found = await ec2(client, people)
    assert (found["verdict"], found["reason"]) == ("unknown", "not_read")


async def test_an_account_that_nobody_looks_at_is_not_watched(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await make_account(session, people.alice.organization_id)
    (account,) = await accounts(client, people.alice)
    assert (account["verdict"], account["services"]) == ("not_watched", [])


async def test_a_selector_watches_the_accounts_that_carry_its_labels(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        tenant = people.alice.organization_id
        for account_id, client_name in (("1" * 12, "north"), ("2" * 12, "south")):
            await make_account(
                session,
                tenant,
                account_id=account_id,
                name=client_name,
                labels={"client": client_name},
            )
        await make_task(
            session,
            tenant,
            selector={"client": ["north"]},
            type=TaskType.HEALTH_CHECK,
            regions=("all_enabled",),
        )
    found = await accounts(client, people.alice)
    assert {one["account_id"]: one["verdict"] for one in found} == {
        "1" * 12: "unknown",
        "2" * 12: "not_watched",
    }


async def test_what_is_excluded_is_never_healthy(
    client: Client, people: People, database: Database
) -> None:
    rule = {"service": "ec2", "by": "Olga", "reason": "old"}
    reader = await make_reader(
        database, people.alice, exclusions=[rule], checks=(CHECK,)
    )
    await reader.check(judged("i-1"))
    found = await ec2(client, people)
    assert (found["verdict"], found["counts"]) == ("excluded", {})


async def test_a_reachable_resource_is_reachable_and_not_healthy(
    client: Client, people: People, reader: Reader
) -> None:
    await reader.check(judged("sg-1", "reachable"))
    assert (await ec2(client, people))["verdict"] == "reachable"


async def test_filters_by_account_and_service(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    other = await make_reader(database, people.alice, account_id="222222222222")
    found = await accounts(client, people.alice, account_id=str(other.account.id))
    assert [one["id"] for one in found] == [str(other.account.id)]
    found = await accounts(client, people.alice, service="s3")
    assert [one["services"] for one in found] == [[], []]


async def test_a_member_sees_the_health_of_their_accounts_only(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    north = await make_reader(
        database, people.alice, account_id="222222222222", labels={"client": "north"}
    )
    found = await accounts(client, people.clara)
    assert [one["id"] for one in found] == [str(north.account.id)]
    assert await accounts(client, people.mallory) == []


async def test_all_accounts_are_summed_up_and_the_worst_shown_first(
    client: Client, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_AT_ONCE", Page(2))
    monkeypatch.setattr(health, "SHOWN_FIRST", 4)
    told: list[Verdict] = ["healthy", "degraded", "healthy", "unhealthy"]
    for number, verdict in enumerate(told, 1):
        one = await make_reader(
            database, people.alice, account_id=f"{number}" * 12, checks=(CHECK,)
        )
        await one.check(judged("i-1", verdict))
    async with database.unit_of_work(Login.OWNER) as session:
        tenant = people.alice.organization_id
        await make_account(session, tenant, account_id="5" * 12, name="Nobody looks")
        await make_account(session, tenant, account_id="6" * 12, connected=False)
    found = await summary(client, people.alice)
    assert found["accounts"] == 6
    assert found["verdicts"] == {
        "healthy": 2,
        "degraded": 1,
        "unhealthy": 1,
        "not_watched": 1,
    }
    shown = [(one["account_id"][0], one["verdict"]) for one in found["first"]]
    assert shown == [
        ("4", "unhealthy"),
        ("2", "degraded"),
        ("5", "not_watched"),
        ("1", "healthy"),
    ]


async def test_a_summary_is_of_the_accounts_that_one_sees(
    client: Client, people: People, database: Database, reader: Reader
) -> None:
    north = await make_reader(
        database, people.alice, account_id="222222222222", labels={"client": "north"}
    )
    found = await summary(client, people.clara)
    assert (found["accounts"], found["verdicts"]) == (1, {"unknown": 1})
    assert [one["id"] for one in found["first"]] == [str(north.account.id)]
    nothing = {"accounts": 0, "verdicts": {}, "first": []}
    assert await summary(client, people.mallory) == nothing
