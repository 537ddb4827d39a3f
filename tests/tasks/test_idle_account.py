"""An account in which nothing happens: however often it is read, and however its
metrics move and its lists are shuffled, its history does not grow."""

import itertools
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.core.db import Login
from app.models.inventory import Finding, Resource, ResourceVersion, ScopeRead
from app.models.run import Status, TaskExecution
from app.models.task import Task, TaskType
from tests.aws.fake_aws import Asked
from tests.tasks.faked import Faked

RUNS = 24
QUEUE = "sqs:GetQueueAttributes"
TABLE = "dynamodb:DescribeTable"
SCALING = "autoscaling:DescribeAutoScalingGroups"
GROUPS = "ec2:DescribeSecurityGroups"
TABLES = ("dynamodb:ListTables", {"TableNames": ["t"], "LastEvaluatedTableName": None})

_moving = itertools.count(1)


def queue(asked: Asked) -> Mapping[str, Any]:
    name = asked.params["QueueUrl"].rpartition("/")[2]
    attributes = {
        "QueueArn": f"arn:aws:sqs:eu-central-1:123456789012:{name}",
        "ApproximateNumberOfMessages": str(next(_moving)),
        "ApproximateNumberOfMessagesNotVisible": str(next(_moving)),
        "VisibilityTimeout": "30",
    }
    return {"Attributes": attributes}


def table(asked: Asked) -> Mapping[str, Any]:
    name = asked.params["TableName"]
    described = {
        "TableName": name,
        "TableArn": f"arn:aws:dynamodb:eu-central-1:123456789012:table/{name}",
        "TableStatus": "ACTIVE",
        "ItemCount": next(_moving),
        "TableSizeBytes": next(_moving) * 1000,
    }
    return {"Table": described}


def security_groups(_: Asked) -> Mapping[str, Any]:
    """The same rules and tags in another order each time."""
    ranges = [{"CidrIp": f"10.{n}.0.0/16"} for n in range(5)]
    tags = [{"Key": f"k{n}", "Value": "v"} for n in range(5)]
    at = next(_moving) % 5
    group = {
        "GroupId": "sg-1",
        "GroupName": "web",
        "Tags": tags[at:] + tags[:at],
        "IpPermissions": [{"IpProtocol": "tcp", "IpRanges": ranges[at:] + ranges[:at]}],
    }
    return {"SecurityGroups": [group], "NextToken": None}


async def tally(faked: Faked) -> dict[str, int]:
    async with faked.database.unit_of_work(Login.OWNER) as session:
        return {
            model.__tablename__: await session.scalar(
                select(func.count()).select_from(model)
            )
            or 0
            for model in (Resource, ResourceVersion, Finding, ScopeRead)
        }


async def run(faked: Faked, task: Task) -> TaskExecution:
    execution = await faked.run(task)
    assert (execution.status, execution.error) == (Status.SUCCEEDED, None)
    return execution


async def test_24_reads_of_an_idle_account_add_reads_and_nothing_else(
    faked: Faked,
) -> None:
    faked.fake.answers |= {
        QUEUE: queue,
        TABLE: table,
        GROUPS: security_groups,
        TABLES[0]: TABLES[1],
    }
    lists = await faked.make_task(QUEUE, TABLE, GROUPS)
    checks = await faked.make_task("dynamodb:table", type=TaskType.HEALTH_CHECK)
    for task in (lists, checks):
        await run(faked, task)
    first = await tally(faked)
    assert first["resource_versions"] == first["resources"] > 0
    assert first["findings"] > 0
    for _ in range(RUNS - 1):
        for task in (lists, checks):
            await run(faked, task)
    assert await tally(faked) == {**first, "scope_reads": first["scope_reads"] * RUNS}


async def test_a_real_change_among_moving_metrics_is_one_version(faked: Faked) -> None:
    faked.fake.answers |= {TABLE: table, TABLES[0]: TABLES[1]}
    task = await faked.make_task(TABLE)
    await run(faked, task)

    def encrypted(asked: Asked) -> Mapping[str, Any]:
        described = {**table(asked)["Table"], "DeletionProtectionEnabled": True}
        return {"Table": described}

    faked.fake.answers[TABLE] = encrypted
    for _ in range(3):
        await run(faked, task)
    assert (await tally(faked))["resource_versions"] == 2


async def test_another_order_is_a_version_where_the_order_means_something(
    faked: Faked,
) -> None:
    group: dict[str, Any] = {
        "AutoScalingGroupARN": "arn:aws:autoscaling:::autoScalingGroup:web",
        "AutoScalingGroupName": "web",
        "AvailabilityZones": ["eu-central-1a", "eu-central-1b"],
        "TerminationPolicies": ["OldestInstance", "Default"],
    }
    task = await faked.make_task(SCALING)
    versions = []
    for member in (None, "AvailabilityZones", "TerminationPolicies"):
        if member is not None:
            group = {**group, member: group[member][::-1]}
        answer = {"AutoScalingGroups": [group], "NextToken": None}
        faked.fake.answers[SCALING] = answer
        await run(faked, task)
        versions.append((await tally(faked))["resource_versions"])
    assert versions == [1, 1, 2]


async def test_what_goes_and_comes_back_has_both_dates(faked: Faked) -> None:
    faked.fake.answers |= {TABLE: table}
    task = await faked.make_task(TABLE)
    for names in (["a", "b"], ["b"], ["a", "b"]):
        faked.fake.answers[TABLES[0]] = {**TABLES[1], "TableNames": names}
        await run(faked, task)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        reads = (
            await session.scalars(select(ScopeRead.read_at).order_by(ScopeRead.read_at))
        ).all()
        versions = await session.execute(
            select(ResourceVersion.from_at, ResourceVersion.until_at)
            .join(Resource, Resource.id == ResourceVersion.resource_id)
            .where(Resource.identity == "a")
            .order_by(ResourceVersion.from_at)
        )
        intervals = [tuple(row) for row in versions]
        [returned] = await session.scalars(
            select(Resource).where(Resource.identity == "a")
        )
    assert intervals == [(reads[0], reads[1]), (reads[2], None)]
    assert (returned.first_seen_at, returned.gone_at) == (reads[0], None)
