"""A unit being read, without AWS: what the executor does around `record_listing` and
`record_findings`, for tests to say only what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.hostile import content_hash
from app.aws.unit import Finding, Item, Verdict
from app.core.clock import now
from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import ExecutionUnit, TaskExecution, UnitStatus
from app.models.task import Task, TaskType
from app.services import findings, inventory
from app.services.decisions.exclusions import parse
from app.services.execution_work import NOT_ASKED, end_unit
from app.services.inventory import ReadCounts
from app.services.scopes import Found, record_failed
from app.services.staging import stage
from tests.builders import make_account, make_task
from tests.builders_runs import (
    CATALOG,
    an_error,
    claim_of,
    make_execution,
    make_unit,
    unit_of,
)
from tests.personae import Persona

LISTING = "ec2:DescribeInstances"
CHECK = "ec2:instance_status"


def instance(
    id: str,
    *,
    state: str = "running",
    name: str | None = None,
    volatile: frozenset[str] = frozenset(),
    ordered: frozenset[str] = frozenset(),
    **members: Any,
) -> Item:
    document = {"InstanceId": id, "State": state, **members}
    return Item(
        type="ec2:instance",
        id=id,
        arn=f"arn:aws:ec2:eu-central-1:123456789012:instance/{id}",
        name=name,
        state=state,
        region="eu-central-1",
        document=document,
        content_hash=content_hash(document, volatile=volatile, ordered=ordered),
    )


def judged(
    id: str,
    verdict: Verdict = "healthy",
    reason: str = "The status is ok.",
    **facts: Any,
) -> Finding:
    return Finding(
        type="ec2:instance",
        id=id,
        arn=None,
        name=None,
        region="eu-central-1",
        verdict=verdict,
        reason=reason,
        facts=facts,
    )


@dataclass(frozen=True)
class Reader:
    """One task on one account, run again and again."""

    database: Database
    account: AWSAccount
    task: Task

    async def begin(
        self, *, kind: str, key: str, catalog: str = CATALOG
    ) -> tuple[TaskExecution, ExecutionUnit]:
        async with self.database.unit_of_work(Login.OWNER) as session:
            execution = await make_execution(
                session, self.task, self.account, catalog_version=catalog
            )
            return execution, await make_unit(session, execution, kind=kind, key=key)

    async def list(
        self,
        *items: Item,
        key: str = LISTING,
        catalog: str = CATALOG,
        stale_at: datetime | None = None,
    ) -> tuple[TaskExecution, ReadCounts]:
        execution, unit = await self.begin(kind="list", key=key, catalog=catalog)
        return execution, await self.record(execution, unit, items, stale_at=stale_at)

    async def record(
        self,
        execution: TaskExecution,
        unit: ExecutionUnit,
        items: Sequence[Item],
        *,
        stale_at: datetime | None = None,
    ) -> ReadCounts:
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=self.account.organization_id
        ) as session:
            with inventory.spool() as spool:
                spool.add(items)
                await stage(session, spool)
                found = await inventory.record_listing(
                    session,
                    claim_of(execution),
                    unit_of(unit),
                    spool,
                    rule=execution.catalog_version or CATALOG,
                    stale_at=lambda _: stale_at,
                )
            await self._end(session, execution, unit, found)
            return ReadCounts(**found.counts)

    async def _end(
        self,
        session: AsyncSession,
        execution: TaskExecution,
        unit: ExecutionUnit,
        found: Found,
    ) -> None:
        claim, ended = claim_of(execution), UnitStatus.SUCCEEDED
        await end_unit(session, claim, unit.id, ended, asked=NOT_ASKED, found=found)

    async def check(
        self,
        *judged: Finding,
        key: str = CHECK,
        catalog: str = CATALOG,
        stale_at: datetime | None = None,
    ) -> tuple[TaskExecution, Found]:
        execution, unit = await self.begin(kind="health", key=key, catalog=catalog)
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=self.account.organization_id
        ) as session:
            account = await session.get_one(AWSAccount, execution.aws_account_id)
            asked = unit_of(unit)
            with findings.spool(asked, parse(account.exclusions)) as spool:
                spool.add(judged)
                await stage(session, spool)
                found = await findings.record_findings(
                    session,
                    claim_of(execution),
                    asked,
                    spool,
                    rule=execution.catalog_version or CATALOG,
                    stale_at=lambda _: stale_at,
                )
            await self._end(session, execution, unit, found)
            return execution, found

    async def fail(self, *, kind: str = "health", key: str = CHECK) -> TaskExecution:
        execution, unit = await self.begin(kind=kind, key=key)
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=self.account.organization_id
        ) as session:
            claim, asked = claim_of(execution), unit_of(unit)
            await record_failed(session, claim, asked, error=an_error())
        return execution


async def make_reader(
    database: Database,
    persona: Persona,
    *,
    account_id: str = "123456789012",
    type: TaskType = TaskType.HEALTH_CHECK,
    name: str = "Nightly",
    labels: dict[str, str] | None = None,
    exclusions: list[dict[str, Any]] | None = None,
    checks: Sequence[str] = (),
) -> Reader:
    async with database.unit_of_work(Login.OWNER) as session:
        tenant = persona.organization_id
        account = await make_account(
            session,
            tenant,
            account_id=account_id,
            name=f"Account {account_id}",
            labels=labels,
            exclusions=exclusions,
        )
        task = await make_task(
            session,
            tenant,
            accounts=(account,),
            type=type,
            name=f"{name} {account_id}",
            parameters={"checks": list(checks)} if checks else None,
        )
        return Reader(database, account, task)


def in_an_hour() -> datetime:
    return now() + timedelta(hours=1)
