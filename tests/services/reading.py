"""A unit being read, without AWS: what the executor does around `record_listing` and
`record_findings`, for tests to say only what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.aws.hostile import content_hash
from app.aws.unit import Finding, Item, Unit, Verdict
from app.core.clock import now
from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.run import ExecutionUnit, TaskExecution
from app.models.task import Task, TaskType
from app.services import findings, inventory
from app.services.decisions.exclusions import parse
from app.services.findings import FindingCounts
from app.services.inventory import ReadCounts
from app.services.scopes import record_failed_scope
from app.services.staging import stage
from tests.builders import make_account, make_task
from tests.builders_runs import CATALOG, an_error, make_execution, make_unit
from tests.personae import Persona

LISTING = "ec2:DescribeInstances"
CHECK = "ec2:instance_status"


def instance(
    id: str,
    *,
    state: str = "running",
    name: str | None = None,
    volatile: frozenset[str] = frozenset(),
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
        content_hash=content_hash(document, volatile=volatile),
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
            row = await session.get_one(TaskExecution, execution.id)
            unit_row = await session.get_one(ExecutionUnit, unit.id)
            with inventory.spool() as spool:
                spool.add(items)
                await stage(session, spool)
                return await inventory.record_listing(
                    session,
                    row,
                    unit_row,
                    spool,
                    rule=row.catalog_version or CATALOG,
                    stale_at=stale_at,
                )

    async def check(
        self,
        *judged: Finding,
        key: str = CHECK,
        catalog: str = CATALOG,
        stale_at: datetime | None = None,
    ) -> tuple[TaskExecution, FindingCounts]:
        execution, unit = await self.begin(kind="health", key=key, catalog=catalog)
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=self.account.organization_id
        ) as session:
            row = await session.get_one(TaskExecution, execution.id)
            unit_row = await session.get_one(ExecutionUnit, unit.id)
            account = await session.get_one(AWSAccount, row.aws_account_id)
            asked = Unit("health", unit_row.service, unit_row.region, unit_row.key)
            with findings.spool(asked, parse(account.exclusions)) as spool:
                spool.add(judged)
                await stage(session, spool)
                counts = await findings.record_findings(
                    session,
                    row,
                    unit_row,
                    spool,
                    rule=row.catalog_version or CATALOG,
                    stale_at=stale_at,
                )
            return execution, counts

    async def fail(self, *, kind: str = "health", key: str = CHECK) -> TaskExecution:
        execution, unit = await self.begin(kind=kind, key=key)
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=self.account.organization_id
        ) as session:
            row = await session.get_one(TaskExecution, execution.id)
            unit_row = await session.get_one(ExecutionUnit, unit.id)
            await record_failed_scope(session, row, unit_row, error=an_error())
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
            session, tenant, accounts=(account,), type=type, name=f"{name} {account_id}"
        )
        return Reader(database, account, task)


def in_an_hour() -> datetime:
    return now() + timedelta(hours=1)
