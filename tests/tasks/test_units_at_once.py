"""Units side by side: how many, and what becomes of those in flight when one fails or
somebody asks to stop."""

import threading
from collections import Counter

import pytest
from sqlalchemy import select

from app.aws.concurrency import AT_ONCE
from app.core.clock import monotonic
from app.core.db import Login
from app.models.inventory import Resource, Scope, ScopeRead
from app.models.run import Status, UnitStatus
from app.models.task import OnError
from app.tasks.executions import ALL_ENABLED
from app.tasks.stopping import StopReason
from tests.aws.fake_aws import Asked
from tests.aws.faults import Fault, Refused
from tests.tasks.faked import REGION, Faked

FAILS, IN_FLIGHT, WAITS = (
    "lambda:ListFunctions",
    "sns:ListTopics",
    "logs:DescribeLogGroups",
)


class Meeting:
    """One unit fails while another is in its first call of two; the third waits for
    room."""

    def __init__(self, faked: Faked, *, stops: bool) -> None:
        self._faked = faked
        self._stops = stops
        self._in_flight = threading.Event()
        self._has_failed = threading.Event()

    def judge(self, asked: Asked) -> Fault | None:
        if asked.operation == "ListFunctions":
            assert self._in_flight.wait(10)
            self._has_failed.set()
            return Refused("AccessDeniedException", 403)
        if asked.operation == "ListTopics" and "NextToken" not in asked.params:
            self._in_flight.set()
            assert self._has_failed.wait(10)
            if self._stops:
                wait_for_stop(self._faked)
        return None


def wait_for_stop(faked: Faked) -> None:
    """Be in flight until the execution was asked to stop."""
    pause, until = threading.Event(), monotonic() + 10
    while faked.stop is None or faked.stop.reason is None:
        assert monotonic() < until
        pause.wait(0.01)


def limit(faked: Faked, units_at_once: int) -> None:
    faked.worker.settings = faked.worker.settings.model_copy(
        update={"units_at_once": units_at_once}
    )


def asked_of(faked: Faked) -> Counter[str]:
    return Counter(asked.operation for asked in faked.fake.ledger)


@pytest.mark.parametrize("region", [REGION, ALL_ENABLED])
async def test_stop_ends_units_in_flight_before_their_next_call(
    faked: Faked, region: str
) -> None:
    """Whether units begin one by one or, the regions being known, with their plan."""
    limit(faked, 2)
    faked.fake.answers["ec2:DescribeRegions"] = {
        "Regions": [{"RegionName": REGION, "OptInStatus": "opt-in-not-required"}]
    }
    faked.fake.judge = Meeting(faked, stops=True).judge
    task = await faked.make_task(
        FAILS, IN_FLIGHT, WAITS, on_error=OnError.STOP, regions=[region]
    )
    execution = await faked.run(task)
    units = await faked.units(execution.id)
    assert {key: units[key].status for key in units} == {
        FAILS: UnitStatus.FAILED,
        IN_FLIGHT: UnitStatus.CANCELLED,
        WAITS: UnitStatus.NOT_ATTEMPTED,
    }
    assert execution.status == Status.FAILED
    assert execution.error is not None
    assert execution.error["category"] == "AWSPermissionError"
    assert (units[IN_FLIGHT].calls, units[IN_FLIGHT].counts) == (1, {})
    assert asked_of(faked)["ListTopics"] == 1
    assert asked_of(faked)["DescribeLogGroups"] == 0


async def test_isolated_units_in_flight_and_those_to_come_go_on(faked: Faked) -> None:
    limit(faked, 2)
    faked.fake.judge = Meeting(faked, stops=False).judge
    task = await faked.make_task(FAILS, IN_FLIGHT, WAITS, on_error=OnError.ISOLATE)
    execution = await faked.run(task)
    units = await faked.units(execution.id)
    assert {key: units[key].status for key in units} == {
        FAILS: UnitStatus.FAILED,
        IN_FLIGHT: UnitStatus.SUCCEEDED,
        WAITS: UnitStatus.SUCCEEDED,
    }
    assert execution.status == Status.FAILED
    assert asked_of(faked)["ListTopics"] == 2


async def test_two_units_that_end_at_the_same_moment_both_succeed(faked: Faked) -> None:
    """Neither is the last one while the other is still being recorded."""
    limit(faked, 2)
    both = threading.Barrier(2, timeout=10)

    def judge(asked: Asked) -> None:
        if asked.operation == "ListTopics" and "NextToken" in asked.params:
            both.wait()

    faked.fake.judge = judge
    task = await faked.make_task(IN_FLIGHT, regions=[REGION, "eu-west-1"])
    execution = await faked.run(task)
    assert execution.status == Status.SUCCEEDED


async def test_no_more_units_are_read_at_a_time_than_the_setting_says(
    faked: Faked,
) -> None:
    limit(faked, 3)
    reading, most, lock = set[str](), [0], threading.Lock()
    all_are_there = threading.Barrier(3, timeout=10)

    def judge(asked: Asked) -> None:
        if not asked.operation.startswith("ListT"):
            return
        with lock:
            reading.add(asked.region)
            most[0] = max(most[0], len(reading))
        all_are_there.wait()
        with lock:
            if "NextToken" in asked.params:
                reading.discard(asked.region)

    faked.fake.judge = judge
    regions = ["eu-central-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-1"]
    task = await faked.make_task(IN_FLIGHT, regions=[*regions, "us-west-2"])
    execution = await faked.run(task)
    assert execution.status == Status.SUCCEEDED
    assert most == [3]


@pytest.mark.parametrize(
    ("reason", "status", "unit_status"),
    [
        (StopReason.CANCELLED, Status.CANCELLED, UnitStatus.CANCELLED),
        (StopReason.TIMED_OUT, Status.FAILED, UnitStatus.CANCELLED),
        (StopReason.RELEASED, Status.QUEUED, UnitStatus.RUNNING),
        (StopReason.LEASE_LOST, Status.RUNNING, UnitStatus.RUNNING),
    ],
)
async def test_the_calls_that_one_unit_makes_at_once_stop_too(
    faked: Faked, reason: StopReason, status: Status, unit_status: UnitStatus
) -> None:
    described, lock = [0], threading.Lock()
    tables = {"TableNames": [f"table-{n:03}" for n in range(200)]}

    def judge(asked: Asked) -> None:
        if asked.operation != "DescribeTable":
            return
        with lock:
            described[0] += 1
            is_the_one = described[0] == 40
        if is_the_one:
            assert faked.stop is not None
            faked.stop.ask(reason)

    faked.fake.judge = judge
    faked.fake.answers["dynamodb:ListTables"] = {
        **tables,
        "LastEvaluatedTableName": None,
    }
    task = await faked.make_task("dynamodb:DescribeTable")
    execution = await faked.run(task)
    [unit] = (await faked.units(execution.id)).values()
    assert execution.status == status
    assert unit.status == unit_status
    # What was in flight came to its end, and nothing was begun after it.
    assert 40 <= described[0] < 40 + AT_ONCE


@pytest.mark.parametrize("fault", [None, Refused("AccessDeniedException", 403)])
async def test_who_lost_the_lease_while_asking_records_nothing(
    faked: Faked, fault: Fault | None
) -> None:
    def judge(asked: Asked) -> Fault | None:
        if asked.operation != "ListTopics":
            return None
        if "NextToken" not in asked.params:
            faked.now_do(faked.take_lease_away())
            return None
        return fault

    faked.fake.judge = judge
    execution = await faked.run(await faked.make_task(IN_FLIGHT))
    [unit] = (await faked.units(execution.id)).values()
    assert (execution.status, unit.status) == (Status.RUNNING, UnitStatus.RUNNING)
    async with faked.database.unit_of_work(Login.OWNER) as session:
        for model in (Resource, Scope, ScopeRead):
            assert (await session.scalars(select(model))).all() == []
