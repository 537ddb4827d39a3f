"""Where the drills are played: the real worker on a real database, several AWS accounts
that answer from the fake, and each told which call of which region goes wrong."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.aws.regions import HOME_REGION
from app.aws.unit import GLOBAL
from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import new_id
from app.models.aws_account import AWSAccount
from app.models.inventory import Finding, Scope, ScopeRead
from app.models.run import ExecutionUnit, Status, TaskExecution
from app.models.task import OnError, TaskType
from app.services.claims import Claim
from app.tasks import executions
from app.tasks.stopping import Stop
from app.tasks.worker import Worker
from tests.aws.fake_aws import ACCOUNT, Asked, FakeAWS
from tests.aws.faults import Fault
from tests.aws.health.answers import ANSWERS
from tests.builders import make_account, make_task
from tests.builders_runs import make_execution, make_run
from tests.claiming import take_one
from tests.truth.drills import Call, Drill, Injection, Place, UnitName

LANES = 4
BEFORE: UnitName = ("", "")  # stands for what is asked before the first unit
PREAMBLE = (
    ("sts", "AssumeRole"),
    ("sts", "GetCallerIdentity"),
    ("ec2", "DescribeRegions"),
)


@dataclass(frozen=True)
class Scene:
    """One execution to be played: some drills, none of which makes a call that another
    makes, in some regions, and the injection that each unit has, if any. `before` is
    one that comes to pass before the first unit."""

    drills: Sequence[Drill]
    regions: Sequence[str]
    plan: Mapping[UnitName, Injection] = field(default_factory=dict)
    before: Injection | None = None

    @cached_property
    def _owners(self) -> dict[Call, Drill]:
        return {call: drill for drill in self.drills for call in drill.declared()}

    def unit_of(self, asked: Asked) -> UnitName | None:
        """The unit that makes this call; None if it is none of a unit."""
        drill = self._owners.get((asked.service, asked.operation))
        if drill is None:
            return None
        if drill.is_global:
            return drill.key, GLOBAL
        # With one region only, a unit may ask elsewhere, too.
        return drill.key, asked.region if len(self.regions) > 1 else self.regions[0]


_NOTHING = Scene((), ())


@dataclass
class Lane:
    """One AWS account. It plays one execution at a time, so that whatever is asked in
    its name belongs to that one."""

    account: AWSAccount
    scene: Scene = _NOTHING
    asked: dict[UnitName, list[tuple[str, Place]]] = field(default_factory=dict)
    reached: set[UnitName] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, scene: Scene) -> None:
        self.scene, self.asked, self.reached = scene, {}, set()

    def judge_before(self, asked: Asked) -> Fault | None:
        """The fault of a call that is made before the first unit."""
        injection = self.scene.before
        if injection is None or injection.place.operation != asked.operation:
            return None
        self.reached.add(BEFORE)
        return injection.fault

    def judge(self, asked: Asked) -> Fault | None:
        """The fault that the plan has for this call."""
        unit = self.scene.unit_of(asked)
        if unit is None:
            return None
        with self._lock:
            before = self.asked.setdefault(unit, [])
            call = (asked.service, asked.operation)
            nth = sum(place.call == call for _, place in before)
            place = Place(*call, nth)
            before.append((asked.region, place))
            injection = self.scene.plan.get(unit)
            if injection is None or injection.place != place:
                return None
            self.reached.add(unit)
            return injection.fault


@dataclass(frozen=True)
class Ended:
    """How a unit ended, and what was kept of it. `facts` are all texts beside its
    findings."""

    status: str
    error: Mapping[str, Any] | None
    was_read: bool = False
    verdict: str | None = None
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Played:
    """One execution that came to its end."""

    status: Status
    error: Mapping[str, Any] | None
    units: Mapping[UnitName, Ended]
    asked: Mapping[UnitName, list[tuple[str, Place]]]
    reached: frozenset[UnitName]


class Stage:
    """`fake` must reach every session that the worker makes."""

    def __init__(self, fake: FakeAWS, database: Database, worker: Worker) -> None:
        self.lanes: list[Lane] = []
        self.fake = fake
        self._database = database
        self._worker = worker
        self._by_key: dict[str, Lane] = {}
        self._identified: set[str] = set()
        self._fell: dict[UUID, asyncio.Future[Mapping[str, Any] | None]] = {}
        fake.hold_still = True
        fake.judge = self._judge
        fake.answers = {
            **ANSWERS,
            "sts:AssumeRole": self._keys,
            "sts:GetCallerIdentity": self._identity,
            "ec2:DescribeRegions": _regions,
        }

    async def open(self, organization_id: UUID) -> None:
        async with self._database.unit_of_work(Login.OWNER) as session:
            for number in range(1, LANES + 1):
                account = await make_account(
                    session,
                    organization_id,
                    account_id=f"{number:012d}",
                    name=f"Lane {number}",
                )
                self.lanes.append(Lane(account))

    async def play(self, lane: Lane, scene: Scene) -> Played:
        """Run the units through the worker to their end."""
        lane.begin(scene)
        id = await self._queue(lane, scene)
        fell = await self._run(id)
        async with self._database.unit_of_work(Login.OWNER) as session:
            execution = await session.get_one(TaskExecution, id)
            return Played(
                execution.status,
                execution.error or fell,
                await _ends(session, execution),
                lane.asked,
                frozenset(lane.reached),
            )

    async def _run(self, id: UUID) -> Mapping[str, Any] | None:
        """Through the worker; what it fell over, in place of an error it recorded. The
        lanes take each other's executions, as many as they queue."""
        assert await take_one(self._worker, self._work), "nothing could be claimed"
        fell = await self._what_befell(id)
        del self._fell[id]
        return fell

    async def _work(self, worker: Worker, claim: Claim, stop: Stop) -> None:
        working = executions.run(worker, claim, stop)
        [fell] = await asyncio.gather(working, return_exceptions=True)
        facts = {"category": None, "code": repr(fell)}
        befell = self._what_befell(claim.execution_id)
        befell.set_result(None if fell is None else facts)

    def _what_befell(self, id: UUID) -> asyncio.Future[Mapping[str, Any] | None]:
        made = asyncio.get_running_loop().create_future
        return self._fell.setdefault(id, made())

    async def _queue(self, lane: Lane, scene: Scene) -> UUID:
        is_list = scene.drills[0].kind == "list"
        keys = [one.key for one in scene.drills]
        # A global unit is asked once, whatever regions its task names.
        regions = [HOME_REGION if one == GLOBAL else one for one in scene.regions]
        async with self._database.unit_of_work(Login.OWNER) as session:
            task = await make_task(
                session,
                lane.account.organization_id,
                accounts=(lane.account,),
                name=str(new_id()),
                type=TaskType.RESOURCE_LIST if is_list else TaskType.HEALTH_CHECK,
                services=tuple(sorted({one.service for one in scene.drills})),
                regions=tuple(regions),
                parameters={"operations" if is_list else "checks": keys},
                on_error=OnError.ISOLATE,
            )
            run = await make_run(session, task)
            execution = await make_execution(
                session, task, lane.account, run=run, status=Status.QUEUED
            )
            return execution.id

    # ── the fake's side ──────────────────────────────────────────────────────────

    def _judge(self, asked: Asked) -> Fault | None:
        lane = self._lane_of(asked)
        if lane is None or asked.is_the_sdks_own:
            return None
        is_before = self._is_preamble(asked)
        return lane.judge_before(asked) if is_before else lane.judge(asked)

    def _lane_of(self, asked: Asked) -> Lane | None:
        if asked.operation != "AssumeRole":
            return self._by_key.get(asked.signed_by)
        account = asked.params["RoleArn"].split(":")[4]
        return next(one for one in self.lanes if one.account.account_id == account)

    def _is_preamble(self, asked: Asked) -> bool:
        """What is asked before any unit: who we are, and the account's regions."""
        if asked.operation == "GetCallerIdentity":
            is_first = asked.signed_by not in self._identified
            self._identified.add(asked.signed_by)
            return is_first
        of_account = "AllRegions" in asked.params
        return asked.operation == "AssumeRole" or (
            asked.operation == "DescribeRegions" and of_account
        )

    def _keys(self, asked: Asked) -> Mapping[str, Any]:
        lane = self._lane_of(asked)
        assert lane is not None
        key = f"ASIA{len(self._by_key):016d}"
        self._by_key[key] = lane
        return {
            "Credentials": {
                "AccessKeyId": key,
                "SecretAccessKey": "a-secret-of-the-fake",
                "SessionToken": "a-token-of-the-fake",
                "Expiration": now() + timedelta(hours=1),
            }
        }

    def _identity(self, asked: Asked) -> Mapping[str, Any]:
        lane = self._by_key.get(asked.signed_by)
        return {"Account": lane.account.account_id if lane else ACCOUNT}


def _regions(asked: Asked) -> Mapping[str, Any]:
    states = [
        {"RegionName": one, "OptInStatus": "opt-in-not-required"}
        for one in sorted(catalog().regions)
    ]
    return {"Regions": states} if "AllRegions" in asked.params else {}


async def _ends(
    session: AsyncSession, execution: TaskExecution
) -> dict[UnitName, Ended]:
    scopes = {
        (one.key, one.region): one
        for one in await session.scalars(
            select(Scope).where(Scope.aws_account_id == execution.aws_account_id)
        )
    }
    reads = await session.scalars(
        select(ScopeRead.scope_id).where(ScopeRead.execution_id == execution.id)
    )
    facts = await _facts(session, execution)
    read = set(reads)
    units = await session.scalars(
        select(ExecutionUnit).where(ExecutionUnit.execution_id == execution.id)
    )
    ended = {}
    for unit in units:
        scope = scopes.get((unit.key, unit.region))
        ended[unit.key, unit.region] = Ended(
            unit.status,
            unit.error,
            was_read=scope is not None and scope.id in read,
            verdict=scope.verdict if scope else None,
            facts=frozenset(facts.get(scope.id, ())) if scope else frozenset(),
        )
    return ended


async def _facts(
    session: AsyncSession, execution: TaskExecution
) -> dict[UUID, list[str]]:
    """All texts beside the findings that this execution read, by scope."""
    rows = await session.execute(
        select(Finding.scope_id, Finding.facts)
        .join(ScopeRead, ScopeRead.id == Finding.from_read)
        .where(ScopeRead.execution_id == execution.id)
    )
    found: dict[UUID, list[str]] = {}
    for scope, facts in rows:
        found.setdefault(scope, []).extend(str(one) for one in facts.values())
    return found
