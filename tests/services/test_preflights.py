"""One verification tells every action that the account's tasks would be refused."""

from typing import Any
from uuid import UUID

from app.aws.simulation import ACTION
from app.core.db import Login
from app.models.aws_account import AWSAccount, AWSCredentials
from app.models.task import TaskType
from app.services import policies
from app.services.task_types import task_type
from tests.builders import make_task
from tests.customer import Customer

SERVICES = ("ec2", "rds", "dynamodb", "sqs", "elasticache")
LACKING = 7


def needed() -> list[str]:
    declared = task_type(TaskType.RESOURCE_LIST)
    return sorted(declared.actions(declared.plan(SERVICES, ["us-east-1"], {})))


async def with_task(customer: Customer, credentials_id: UUID) -> set[str]:
    """A task over these services on the account; the actions that it needs."""
    async with customer.database.unit_of_work(Login.OWNER) as session:
        row = await session.get_one(AWSCredentials, credentials_id)
        account = await session.get_one(AWSAccount, row.aws_account_id)
        await make_task(
            session,
            customer.organization_id,
            name="Everything of five services",
            accounts=(account,),
            type=TaskType.RESOURCE_LIST,
            services=SERVICES,
        )
    return set(needed())


async def preflight(customer: Customer, credentials_id: UUID) -> dict[str, Any]:
    path = f"/api/v1/aws-credentials/{credentials_id}/preflight"
    answer = await customer.alice.get(path)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_role_that_lacks_seven_actions_is_told_all_seven_at_once(
    customer: Customer,
) -> None:
    wanted = needed()
    assert len(wanted) >= 30
    lacking = wanted[:: len(wanted) // LACKING][:LACKING]
    granted = [action for action in wanted if action not in lacking]
    arn = customer.make_role(customer.asks_for_id, actions=[*granted, ACTION])
    credentials_id = await customer.connect_role(arn)
    await customer.verify(credentials_id)
    assert await with_task(customer, credentials_id) == set(wanted)
    shown = await customer.verify(credentials_id)
    assert shown["status"] == "verified"
    check = shown["checks"][-1]
    assert (check["check"], check["outcome"]) == ("permissions", "failed")
    for action in lacking:
        assert action in check["detail"]
    assert f"{LACKING} of the {len(wanted)} actions" in check["detail"]
    found = await preflight(customer, credentials_id)
    assert [one["action"] for one in found["missing"]] == lacking
    assert {one["decision"] for one in found["missing"]} == {"implicit_deny"}
    assert {task["name"] for one in found["missing"] for task in one["tasks"]} == {
        "Everything of five services"
    }
    assert (found["outcome"], found["needed"]) == ("failed", len(wanted))
    assert found["unknown_actions"] == []


async def test_a_role_that_may_do_it_all_passes(customer: Customer) -> None:
    arn = customer.make_role(customer.asks_for_id, actions=[*needed(), ACTION])
    credentials_id = await customer.connect_role(arn)
    await customer.verify(credentials_id)
    await with_task(customer, credentials_id)
    shown = await customer.verify(credentials_id)
    assert shown["checks"][-1]["outcome"] == "passed"
    found = await preflight(customer, credentials_id)
    assert (found["outcome"], found["missing"]) == ("passed", [])


async def test_without_the_right_to_simulate_nothing_is_known_and_it_says_so(
    customer: Customer,
) -> None:
    arn = customer.make_role(customer.asks_for_id, actions=needed())
    credentials_id = await customer.connect_role(arn)
    shown = await customer.verify(credentials_id)
    assert shown["status"] == "verified"
    check = shown["checks"][-1]
    assert (check["check"], check["outcome"]) == ("permissions", "unknown")
    assert check["error"]["missing_action"] == ACTION
    assert ACTION in check["detail"]
    await with_task(customer, credentials_id)
    found = await preflight(customer, credentials_id)
    assert found["outcome"] == "unknown"
    assert found["unknown_actions"] == needed()


async def test_a_task_made_since_is_known_only_as_far_as_was_asked(
    customer: Customer,
) -> None:
    arn = customer.make_role(customer.asks_for_id, actions=[ACTION])
    credentials_id = await customer.connect_role(arn)
    await customer.verify(credentials_id)
    await with_task(customer, credentials_id)
    found = await preflight(customer, credentials_id)
    # What is looked at by default was asked about before there was a task.
    by_default = set(policies.of_catalog().actions)
    assert {one["action"] for one in found["missing"]} == set(needed()) & by_default
    assert set(found["unknown_actions"]) == set(needed()) - by_default


async def test_before_any_verification_nothing_is_known(customer: Customer) -> None:
    arn = customer.make_role(customer.asks_for_id)
    credentials_id = await customer.connect_role(arn)
    found = await preflight(customer, credentials_id)
    assert (found["at"], found["outcome"]) == (None, "unknown")
