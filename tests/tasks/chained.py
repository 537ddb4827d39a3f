"""Tasks that run after each other, for tests to start and end as they like."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.core.db import Database, Login
from app.models.aws_account import AWSAccount
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.run import Status, TaskExecution, TaskRun
from app.models.task import RunEnd, Task, TaskDependency
from app.services import runs
from app.services.outbox import OutboxKind
from app.tasks import outbox
from app.tasks.worker import Worker
from tests.builders import make_task
from tests.personae import People

Told = dict[str, tuple[str, str | None]]

ENDS = {">": RunEnd.SUCCEEDED, "!": RunEnd.FAILED, ".": RunEnd.FINISHED}


@dataclass
class Rota:
    """Acme's tasks by their names, each on its one account, and a worker."""

    database: Database
    worker: Worker
    account: AWSAccount
    people: People
    tasks: dict[str, Task]

    async def make(self, *links: str, **options: dict[str, Any]) -> None:
        """`a>b` is b after a succeeded, `a!b` after it failed, `a.b` after any end;
        `options` are those of tasks, by name."""
        async with self.database.unit_of_work(Login.OWNER) as session:
            for name in sorted({name for link in links for name in (link[0], link[2])}):
                if name not in self.tasks:
                    given = {"accounts": (self.account,)} | options.get(name, {})
                    self.tasks[name] = await make_task(
                        session, self.account.organization_id, name=name, **given
                    )
            for link in links:
                session.add(
                    TaskDependency(
                        organization_id=self.account.organization_id,
                        task_id=self.tasks[link[2]].id,
                        after_task_id=self.tasks[link[0]].id,
                        run_end=ENDS[link[1]],
                    )
                )

    async def start(self, name: str) -> UUID:
        async with self.database.unit_of_work(
            Login.APP, organization_id=self.account.organization_id
        ) as session:
            run_id, _ = await runs.start(
                session,
                self.people.olga.actor,
                self.tasks[name].id,
                idempotency_key=None,
            )
        return run_id

    async def end(self, name: str, status: Status = Status.SUCCEEDED) -> None:
        """End the unfinished runs of the task, as workers do."""
        async with self.database.unit_of_work(Login.OWNER) as session:
            unfinished = update(TaskExecution).where(
                TaskExecution.task_id == self.tasks[name].id,
                TaskExecution.status.in_((Status.QUEUED, Status.RUNNING)),
            )
            # One after another: a task is at work once on an account.
            runs_of_task = await session.scalars(
                select(TaskRun.id).where(
                    TaskRun.task_id == self.tasks[name].id,
                    TaskRun.status.in_((Status.QUEUED, Status.RUNNING)),
                )
            )
            ended = list(runs_of_task)
            for run_id in ended:
                of_run = unfinished.where(TaskExecution.run_id == run_id)
                await session.execute(of_run.values(status=Status.RUNNING))
                await session.execute(of_run.values(status=status))
        for run_id in ended:
            await self.settle(run_id)

    async def settle(self, run_id: UUID) -> None:
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=self.account.organization_id
        ) as session:
            await runs.settle(session, self.account.organization_id, run_id)

    async def advances(self) -> list[UUID]:
        """The messages that wait to be delivered."""
        async with self.database.unit_of_work(Login.OWNER) as session:
            waiting = select(OutboxMessage.id).where(
                OutboxMessage.kind == OutboxKind.CHAIN_ADVANCE,
                OutboxMessage.status == OutboxStatus.PENDING,
            )
            return list(await session.scalars(waiting))

    async def deliver(self) -> None:
        for message_id in await self.advances():
            await outbox.deliver(self.worker, message_id)

    async def told(self, root: UUID | None = None) -> Told:
        """Status and reason of each task's last run, of one chain or at all."""
        names = {task.id: name for name, task in self.tasks.items()}
        async with self.database.unit_of_work(Login.OWNER) as session:
            statement = select(TaskRun).order_by(TaskRun.id)
            if root is not None:
                of_chain = (TaskRun.id == root) | (TaskRun.root_run_id == root)
                statement = statement.where(of_chain)
            found = (await session.scalars(statement)).all()
        return {names[run.task_id]: (run.status.value, run.reason) for run in found}

    async def runs_of(self, name: str) -> list[TaskRun]:
        async with self.database.unit_of_work(Login.OWNER) as session:
            of_task = TaskRun.task_id == self.tasks[name].id
            found = await session.scalars(
                select(TaskRun).where(of_task).order_by(TaskRun.id)
            )
            return list(found)

    async def change(self, name: str, **values: Any) -> None:
        async with self.database.unit_of_work(Login.OWNER) as session:
            of_task = update(Task).where(Task.id == self.tasks[name].id)
            await session.execute(of_task.values(**values))
