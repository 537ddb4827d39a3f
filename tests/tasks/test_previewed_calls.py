"""The calls that a preview counts are those that a run makes, where AWS answers each
listing with one page of nothing."""

from typing import Any

import pytest
from botocore.model import OperationModel
from sqlalchemy import select, update

from app.core.db import Login
from app.models.aws_account import AWSAccount
from app.models.run import Status, TaskResult
from app.models.task import TaskType
from app.schemas.tasks import ALL_ENABLED
from tests.builders import a_task
from tests.conftest import Client
from tests.personae import People
from tests.tasks.faked import REGION, Faked

OF_THE_ACCOUNT = {"AssumeRole", "GetCallerIdentity", "DescribeRegions"}
HOME = {
    "Regions": [{"RegionName": "us-east-1", "OptInStatus": "opt-in-not-required"}],
}


def nothing(model: OperationModel, members: dict[str, Any]) -> dict[str, Any]:
    return members if model.name in OF_THE_ACCOUNT else {}


async def previewed(
    client: Client,
    people: People,
    faked: Faked,
    *keys: str,
    regions: tuple[str, ...] = (REGION,),
    type: TaskType = TaskType.RESOURCE_LIST,
) -> int:
    name = "operations" if type is TaskType.RESOURCE_LIST else "checks"
    body = a_task(
        faked.account,
        type=type.value,
        services=list(dict.fromkeys(key.partition(":")[0] for key in keys)),
        regions=list(regions),
        parameters={name: list(keys)},
    )
    answer = await client(people.olga).post("/api/v1/tasks/preview", json=body)
    assert answer.status_code == 200, answer.text
    calls: int = answer.json()["aws_calls_at_least"]
    return calls


async def made(
    faked: Faked,
    *keys: str,
    regions: tuple[str, ...] = (REGION,),
    type: TaskType = TaskType.RESOURCE_LIST,
) -> int:
    """How many calls reached AWS; the result says the same."""
    faked.fake.dress = nothing
    task = await faked.make_task(*keys, regions=regions, type=type)
    execution = await faked.run(task)
    assert (execution.status, execution.error) == (Status.SUCCEEDED, None)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        recorded = await session.scalar(
            select(TaskResult.calls).where(TaskResult.execution_id == execution.id)
        )
    assert recorded == len(faked.fake.ledger)
    return recorded


@pytest.mark.parametrize(
    "asked",
    [
        {"keys": ("ec2:DescribeInstances",)},
        {
            "keys": ("ec2:DescribeInstances", "ec2:DescribeVpcs", "sqs:ListQueues"),
            "regions": (REGION, "us-east-1"),
        },
        # Once per account: its regions are not asked.
        {"keys": ("iam:ListUsers",)},
        # Fed by another listing, and asked once for each of fixed values.
        {"keys": ("dynamodb:DescribeTable",)},
        {"keys": ("application-autoscaling:DescribeScalableTargets",)},
        # Nobody knows the action: in a session of its own.
        {"keys": ("mediatailor:ListFunctions", "mediatailor:ListChannels")},
        {
            "keys": ("dynamodb:table", "ec2:instance_status"),
            "type": TaskType.HEALTH_CHECK,
        },
    ],
    ids=lambda asked: ",".join(asked["keys"]),
)
async def test_a_run_makes_the_calls_that_were_previewed(
    client: Client, people: People, faked: Faked, asked: dict[str, Any]
) -> None:
    keys, other = asked["keys"], {k: v for k, v in asked.items() if k != "keys"}
    told = await previewed(client, people, faked, *keys, **other)
    assert told == await made(faked, *keys, **other)


async def test_of_all_enabled_regions_the_one_of_every_account_is_sure(
    client: Client, people: People, faked: Faked
) -> None:
    faked.fake.answers["ec2:DescribeRegions"] = HOME
    keys, regions = ("ec2:DescribeInstances", "iam:ListUsers"), (ALL_ENABLED,)
    told = await previewed(client, people, faked, *keys, regions=regions)
    assert told == await made(faked, *keys, regions=regions)


async def test_what_an_account_leaves_out_is_not_counted(
    client: Client, people: People, faked: Faked
) -> None:
    keys = ("ec2:DescribeInstances", "sqs:ListQueues")
    whole = await previewed(client, people, faked, *keys)
    rule = {"by": "Alice", "reason": "noise", "service": "sqs"}
    async with faked.database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(AWSAccount).values(exclusions=[rule]))
    told = await previewed(client, people, faked, *keys)
    # The queue's listing, and a session that may list queues.
    assert told == whole - 3
    assert told == await made(faked, *keys)
