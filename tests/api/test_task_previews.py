"""What a task would do and need, before it is saved."""

from dataclasses import replace
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.aws.engine import actions_for, units_for
from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.aws_account import AWSAccount, AWSCredentials, CredentialsKind
from app.models.subscription import Subscription
from app.models.task import Task
from tests.builders import a_task, make_account, make_credentials, make_task
from tests.conftest import Client
from tests.personae import People
from tests.using import limit as set_limit
from tests.using import use

TASKS = "/api/v1/tasks"


@pytest.fixture
async def account(people: People, owner: AsyncSession) -> AWSAccount:
    account = await make_account(
        owner, people.alice.organization_id, labels={"client": "north"}
    )
    await owner.commit()
    return account


@pytest.fixture
async def olga(client: Client, people: People) -> AsyncClient:
    return client(people.olga)


async def preview(olga: AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await olga.post(f"{TASKS}/preview", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def limit(found: dict[str, Any], name: str) -> tuple[int | None, int | None, str]:
    one = next(one for one in found["plan"]["limits"] if one["name"] == name)
    return one["allowed"], one["needed"], one["verdict"]


async def test_tells_units_calls_and_permissions(
    olga: AsyncClient, account: AWSAccount
) -> None:
    regions = ["eu-central-1", "us-east-1"]
    found = await preview(olga, a_task(account, regions=regions))
    units = units_for("list", ["ec2"], regions)
    assert found["kind"] == "read"
    assert found["units"]["count"] == len(units)
    assert found["units"]["bound"] == "exact"
    told = {(one["key"], one["region"]) for one in found["units"]["items"]}
    assert told == {(unit.key, unit.region) for unit in units}
    assert found["aws_calls_at_least"] > len(units)
    [on_account] = found["permissions"]["accounts"]
    assert (on_account["as_of"], on_account["missing"]) == (None, [])
    assert on_account["unknown"] == list(actions_for(units))
    assert found["permissions"]["needed"] == list(actions_for(units))
    allowed = {
        action
        for policy in found["permissions"]["policies"]
        for statement in policy["Statement"]
        for action in statement["Action"]
    }
    assert allowed == set(actions_for(units))


async def test_tells_the_next_runs_in_both_zones(
    olga: AsyncClient, account: AWSAccount
) -> None:
    found = await preview(olga, a_task(account))
    assert found["schedule_in_words"] == "Every day at 03:00, Europe/Berlin."
    assert len(found["next_runs"]) == 5
    first = found["next_runs"][0]
    assert first["utc"].endswith("Z")
    assert first["local"][11:16] == "03:00"


async def test_saves_nothing(
    olga: AsyncClient, account: AWSAccount, owner: AsyncSession
) -> None:
    await preview(olga, a_task(account))
    for table in (Task, AuditEvent):
        assert await owner.scalar(select(func.count()).select_from(table)) == 0


async def test_of_all_enabled_regions_it_tells_the_most_and_the_least(
    olga: AsyncClient, account: AWSAccount
) -> None:
    body = a_task(
        account,
        services=["ec2", "iam"],
        regions=["all_enabled"],
        parameters={"operations": ["ec2:DescribeInstances", "iam:ListUsers"]},
    )
    found = await preview(olga, body)
    assert found["units"]["bound"] == "at_most"
    assert found["units"]["count"] == len(catalog().regions) + 1
    # One region is enabled in every account, and IAM is asked once; then the regions,
    # and a role assumed and identified for each of three.
    assert found["aws_calls_at_least"] == 2 + 1 + 3 * 2


async def test_counts_the_units_that_it_does_not_show(
    olga: AsyncClient, account: AWSAccount
) -> None:
    found = await preview(olga, a_task(account, regions=["all_enabled"]))
    units = found["units"]
    assert len(units["items"]) == 500
    assert units["not_shown"] == units["count"] - 500 > 0


async def test_says_where_a_service_is_not_offered(
    olga: AsyncClient, account: AWSAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Today's catalog offers everything everywhere: this one keeps SQS at home.
    sqs = replace(catalog().service("sqs"), regions=frozenset({"eu-central-1"}))
    services = {**catalog().services, "sqs": sqs}
    smaller = replace(catalog(), services=services)
    monkeypatch.setattr("app.aws.regions.catalog", lambda: smaller)
    body = a_task(account, services=["sqs"], regions=["eu-central-1", "us-east-1"])
    found = await preview(olga, body)
    at_home, abroad = found["units"]["items"]
    assert at_home["not_applicable"] is None
    assert "is not offered in us-east-1" in abroad["not_applicable"]
    assert found["units"]["not_applicable"] == 1
    # The queues at home, the regions, and a role assumed and identified for each.
    assert found["aws_calls_at_least"] == 1 + 1 + 2 * 2


async def test_an_access_key_is_no_role_to_assume(
    olga: AsyncClient, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    body = a_task(account, services=["sqs"])
    by_role = (await preview(olga, body))["aws_calls_at_least"]
    organization_id = people.alice.organization_id
    key = CredentialsKind.ACCESS_KEY
    await make_credentials(owner, organization_id, account, kind=key, name="Key")
    await owner.commit()
    # The credentials that were verified last are used, for two sessions.
    assert (await preview(olga, body))["aws_calls_at_least"] == by_role - 2


async def test_names_calls_that_cost(olga: AsyncClient, account: AWSAccount) -> None:
    body = a_task(account, type="health_check", services=["sqs"])
    found = await preview(olga, body)
    # Of two calls of STS, the regions, and three of SQS nobody wrote it down.
    assert found["paid_calls"] == {
        "charged": ["cloudwatch:GetMetricStatistics"],
        "not_known": 6,
    }
    costs = a_task(
        account,
        services=["ce"],
        regions=["us-east-1"],
        parameters={"operations": ["ce:GetAnomalyMonitors"]},
    )
    assert (await preview(olga, costs))["paid_calls"]["charged"] == [
        "ce:GetAnomalyMonitors"
    ]


async def test_tells_what_each_account_would_refuse(
    olga: AsyncClient, account: AWSAccount, database: Database
) -> None:
    said = {
        "at": "2026-03-02T06:00:04+00:00",
        "reason": None,
        "error": None,
        "actions": ["ec2:DescribeInstances", "ec2:DescribeVpcs"],
        "denied": {
            "ec2:DescribeVpcs": {
                "decision": "implicit_deny",
                "denied_by": "identity_policies",
            }
        },
    }
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(AWSCredentials)
            .where(AWSCredentials.aws_account_id == account.id)
            .values(preflight=said)
        )
    listings = ["DescribeInstances", "DescribeVpcs", "DescribeSubnets"]
    body = a_task(
        account,
        regions=["us-east-1"],
        parameters={"operations": [f"ec2:{name}" for name in listings]},
    )
    [told] = (await preview(olga, body))["permissions"]["accounts"]
    assert told["account_id"] == str(account.id)
    assert told["missing"] == ["ec2:DescribeVpcs"]
    assert {"ec2:DescribeSubnets"} <= set(told["unknown"])
    assert "ec2:DescribeInstances" not in told["unknown"]


async def test_a_selector_tells_whom_it_finds_now(
    olga: AsyncClient, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    organization_id = people.alice.organization_id
    unready = await make_account(
        owner,
        organization_id,
        account_id="222222222222",
        labels={"client": "north"},
        credentials=None,
    )
    for number, labels, connected in (
        ("333333333333", {"client": "south"}, True),
        ("444444444444", {"client": "north"}, False),
    ):
        await make_account(
            owner,
            organization_id,
            account_id=number,
            name=number,
            labels=labels,
            connected=connected,
        )
    await owner.commit()
    body = a_task(targets={"selector": {"client": "north"}})
    found = await preview(olga, body)
    assert set(found["targets"]["account_ids"]) == {str(account.id), str(unready.id)}
    assert found["targets"]["without_verified_credentials"] == [str(unready.id)]
    # The one that cannot be opened is not asked.
    alone = await preview(olga, a_task(account))
    assert found["aws_calls_at_least"] == alone["aws_calls_at_least"]


async def test_tells_the_effect_on_the_plan(
    olga: AsyncClient, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    organization_id = people.alice.organization_id
    await owner.execute(
        update(Subscription)
        .where(Subscription.organization_id == organization_id)
        .values(plan_code="free")
    )
    for number in range(10):
        await make_task(owner, organization_id, name=f"Task {number}")
    await make_task(owner, organization_id, name="Resting", enabled=False)
    await owner.commit()
    body = a_task(
        account,
        regions=["eu-central-1", "us-east-1", "us-east-2", "us-west-2"],
        schedule={"kind": "cron", "expression": "rate(10 minutes)"},
    )
    found = await preview(olga, body)
    units = found["units"]["count"]
    assert found["plan"]["plan"] == "free"
    assert limit(found, "enabled_tasks") == (10, 11, "exceeded")
    assert limit(found, "shortest_interval_seconds") == (3600, 600, "exceeded")
    assert units > 200
    assert limit(found, "units_per_execution") == (200, units, "exceeded")
    runs = 30 * 24 * 6
    assert limit(found, "executions_per_month") == (1000, runs, "exceeded")
    calls = runs * found["aws_calls_at_least"]
    assert limit(found, "aws_calls_per_month") == (50_000, calls, "exceeded")


@pytest.mark.parametrize(
    ("more", "verdict"), [(0, "within"), (2, "exceeded")], ids=["just", "not"]
)
async def test_what_is_used_already_counts_until_the_month_ends(
    olga: AsyncClient,
    people: People,
    account: AWSAccount,
    database: Database,
    more: int,
    verdict: str,
) -> None:
    acme, most = people.alice.organization_id, 10**6
    await set_limit(database, acme, executions_per_month=most)
    body = a_task(account, schedule={"kind": "cron", "expression": "* * * * *"})
    soon = executions_of(await preview(olga, body))["needed_this_month"]
    await use(database, acme, executions=most - soon + more)
    found = executions_of(await preview(olga, body))
    assert found["needed"] == 30 * 24 * 60 < most
    assert (found["left"], found["verdict"]) == (soon - more, verdict)


def executions_of(found: dict[str, Any]) -> dict[str, Any]:
    limits: list[dict[str, Any]] = found["plan"]["limits"]
    return next(one for one in limits if one["name"] == "executions_per_month")


async def test_a_bound_that_does_not_decide_is_unknown(
    olga: AsyncClient, people: People, account: AWSAccount, owner: AsyncSession
) -> None:
    await owner.execute(update(Subscription).values(plan_code="free"))
    await owner.commit()
    body = a_task(account, regions=["all_enabled"], schedule={"kind": "on_demand"})
    found = await preview(olga, body)
    assert limit(found, "units_per_execution")[2] == "unknown"
    assert limit(found, "aws_calls_per_month") == (50_000, 0, "unknown")
    assert limit(found, "shortest_interval_seconds") == (3600, None, "within")


async def test_a_change_does_not_count_or_clash_with_itself(
    olga: AsyncClient, account: AWSAccount
) -> None:
    made = (await olga.post(TASKS, json=a_task(account))).json()
    clash = await olga.post(f"{TASKS}/preview", json=a_task(account))
    assert clash.status_code == 409
    assert clash.json()["errors"][0]["pointer"] == "/name"
    found = await preview(olga, a_task(account, replaces=made["id"]))
    assert limit(found, "enabled_tasks") == (None, 1, "within")
