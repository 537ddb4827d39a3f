"""How long a listing takes to be written, beside what COPY alone takes for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from app.aws.hostile import content_hash
from app.aws.unit import Item
from app.core.clock import monotonic
from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.inventory import ResourceVersion
from app.models.run import ExecutionUnit, TaskExecution
from app.services import inventory
from app.services.inventory import ReadCounts
from app.services.staging import STAGED_ITEMS, Spool, stage
from tests.builders import make_account, make_task
from tests.builders_runs import claim_of, make_execution, make_unit, unit_of

KEY = "lambda:ListFunctions"
PAGE = 50


def functions(number: int) -> Iterator[list[Item]]:
    """So many resources of about 1 kB each, in pages."""
    for start in range(0, number, PAGE):
        yield [_function(n) for n in range(start, min(start + PAGE, number))]


def _function(number: int) -> Item:
    name = f"function-{number:07}"
    arn = f"arn:aws:lambda:eu-central-1:000000000001:function:{name}"
    document = {
        "FunctionName": name,
        "FunctionArn": arn,
        "Runtime": "python3.13",
        "Role": "arn:aws:iam::000000000001:role/service-role/some-role-of-it",
        "Description": f"{number:07} " + "what it is for " * 40,
        "MemorySize": 128,
        "Layers": [{"Arn": f"{arn}:layer:{n}", "CodeSize": n} for n in range(2)],
    }
    return Item(
        type="lambda:function",
        id=name,
        arn=arn,
        name=name,
        state="Active",
        region="eu-central-1",
        document=document,
        content_hash=content_hash(document),
    )


@dataclass(frozen=True)
class Written:
    """Seconds: of COPY alone into a table with a key and without constraints; of the
    first read of a scope, and of a second one that says the same; and what that second
    one added to the versions."""

    copy: float
    first: float
    second: float
    versions_added: int

    @property
    def copy_by_first(self) -> float:
        return self.copy / self.first

    @property
    def second_by_first(self) -> float:
        return self.second / self.first


async def measure(
    settings: Settings, database: Database, tenant: UUID, number: int, attempt: int
) -> Written:
    """One scope of its own, read twice."""
    with inventory.spool() as spool:
        for page in functions(number):
            spool.add(page)
        copy = await _copy_alone(settings, spool)
        target = await _target(database, tenant, attempt)
        first, _ = await _record(database, tenant, target, spool)
        versions = await _versions(database)
        second, _ = await _record(database, tenant, target, spool)
        added = await _versions(database) - versions
    return Written(copy, first, second, added)


async def _copy_alone(settings: Settings, spool: Spool[Item]) -> float:
    """The same lines into an ordinary table with a primary key."""
    assert settings.database_owner_url is not None
    url = settings.database_owner_url.get_secret_value()
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"))
    try:
        await connection.execute(_ordinary(STAGED_ITEMS, "copied"))
        await connection.execute("ALTER TABLE copied ADD PRIMARY KEY (resource_id)")
        began = monotonic()
        await connection.copy_to_table("copied", source=spool.source())
        took = monotonic() - began
        await connection.execute("DROP TABLE copied")
    finally:
        await connection.close()
    return took


def _ordinary(table: Table, name: str) -> str:
    """The definition of a temporary table as that of one that stays."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    definition = str(CreateTable(table).compile(dialect=dialect))
    staying = definition.replace("TEMPORARY ", "").replace(" ON COMMIT DELETE ROWS", "")
    return staying.replace(table.name, name)


async def _target(
    database: Database, tenant: UUID, attempt: int
) -> tuple[TaskExecution, ExecutionUnit]:
    async with database.unit_of_work(Login.OWNER) as session:
        account = await make_account(
            session, tenant, account_id=f"{attempt:012}", name=f"Written {attempt}"
        )
        task = await make_task(
            session, tenant, accounts=(account,), name=f"Writing {attempt}"
        )
        execution = await make_execution(session, task, account)
        return execution, await make_unit(session, execution, key=KEY)


async def _record(
    database: Database,
    tenant: UUID,
    target: tuple[TaskExecution, ExecutionUnit],
    spool: Spool[Item],
) -> tuple[float, ReadCounts]:
    """Seconds from the spool to the commit."""
    execution, unit = target
    began = monotonic()
    async with database.unit_of_work(Login.WORKER, organization_id=tenant) as session:
        await stage(session, spool)
        found = await inventory.record_listing(
            session,
            claim_of(execution),
            unit_of(unit),
            spool,
            rule="bench",
            stale_at=lambda _: None,
        )
    return monotonic() - began, ReadCounts(**found.counts)


async def _versions(database: Database) -> int:
    async with database.unit_of_work(Login.OWNER) as session:
        statement = text(f"SELECT count(*) FROM {ResourceVersion.__tablename__}")  # noqa: S608 — our own name
        return int((await session.execute(statement)).scalar_one())
