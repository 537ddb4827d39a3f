"""Chains: what is recorded of the tasks that run after others, once a run has ended.

A run that was not started by another one is the root of a chain; a chain holds at most
one run of each task that its root can reach. All that takes part is looked at each time
one of its runs ends, so that nothing is forgotten while dependencies change.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from app.core.actor import Actor
from app.models.run import TaskRun, Trigger
from app.models.task import Task
from app.schemas.runs import RunRead
from app.services import run_records, runs, task_dependencies, usage
from app.services.decisions.chains import Link, due_followers
from app.services.decisions.usage import PLAN_LIMIT, Allowances
from app.services.paging import Page, Slice, paginate
from app.services.run_records import Start, Startable
from app.services.scoping import visible_tasks

INTERRUPTED = "chain_interrupted"


class _Held(NamedTuple):
    """What nobody else starts meanwhile, and what the plan leaves for it."""

    tasks: Sequence[Startable]
    allowances: Allowances


async def advance(session: AsyncSession, organization_id: UUID, run_id: UUID) -> int:
    """Record a run of each task whose turn it is in the chain of a run that has ended;
    how many. `session` is a system session. To be told twice does no harm: who comes
    second waits for the first and finds nothing to do."""
    root = await _lock_root(session, organization_id, run_id)
    links = await task_dependencies.links_from(
        session, organization_id, root.task_id, made_until=root.created_at
    )
    count = 0
    held: _Held | None = None
    # What was skipped has ended already, and may be what others wait for.
    while due := due_followers(links, root.task_id, await _statuses(session, root)):
        held = held or await _hold(session, root, links)
        starts = await _starts(session, root, due, held)
        recorded = await run_records.record(session, starts)
        # Else the same would be due for ever.
        assert len(recorded) == len(due)
        count += len(recorded)
    return count


async def _lock_root(
    session: AsyncSession, organization_id: UUID, run_id: UUID
) -> Row[*tuple[Any, ...]]:
    ended = await session.execute(
        select(TaskRun.root_run_id).where(
            TaskRun.organization_id == organization_id, TaskRun.id == run_id
        )
    )
    root = await session.execute(
        select(TaskRun.organization_id, TaskRun.id, TaskRun.task_id, TaskRun.created_at)
        .where(
            TaskRun.organization_id == organization_id,
            TaskRun.id == (ended.scalar_one() or run_id),
        )
        # Executions of a chained run refer to it and need not wait.
        .with_for_update(key_share=True)
    )
    return root.one()


async def _statuses(
    session: AsyncSession, root: Row[*tuple[Any, ...]]
) -> dict[UUID, str]:
    of_chain = await session.execute(
        select(TaskRun.task_id, TaskRun.status).where(
            TaskRun.organization_id == root.organization_id,
            or_(TaskRun.id == root.id, TaskRun.root_run_id == root.id),
        )
    )
    return {task_id: status.value for task_id, status in of_chain}


async def _hold(
    session: AsyncSession, root: Row[*tuple[Any, ...]], links: Iterable[Link[UUID]]
) -> _Held:
    """Keep all that may be started from others: who waits for the month of a plan must
    not wait for a task any more."""
    tasks = await run_records.startable(
        session, root.organization_id, {link.task for link in links}, lock=True
    )
    return _Held(tasks, await usage.allowance(session, root.organization_id))


async def _starts(
    session: AsyncSession,
    root: Row[*tuple[Any, ...]],
    due: Mapping[UUID, bool],
    held: _Held,
) -> list[Start]:
    tasks = [task for task in held.tasks if task.id in due]
    busy = await run_records.in_the_way(session, tasks)
    targets = await run_records.targets(session, tasks)
    paused = await run_records.paused_targets(session, tasks)
    starts = []
    for task in tasks:
        accounts = targets[task.id]
        skipped = _why_skipped(
            task,
            accounts,
            starts=due[task.id],
            is_busy=task.id in busy,
            is_paused=bool(paused[task.id]),
        ) or held.allowances.take(root.organization_id, len(accounts))
        starts.append(
            Start(
                task,
                Trigger.CHAINED,
                accounts=accounts,
                paused=paused[task.id],
                skipped=skipped,
                root_run_id=root.id,
            )
        )
    return starts


def _why_skipped(
    task: Startable,
    accounts: Collection[UUID],
    *,
    starts: bool,
    is_busy: bool,
    is_paused: bool,
) -> str | None:
    if not starts:
        return INTERRUPTED
    if not task.enabled:
        return "disabled"
    if not accounts:
        return PLAN_LIMIT if is_paused else "no_targets"
    return "overlap" if is_busy else None


async def runs_of(
    session: AsyncSession, actor: Actor, run_id: UUID, page: Page
) -> Slice[Any]:
    """The runs of the chain that a run belongs to, as far as the actor sees their
    tasks, in the order in which they were recorded: the root first. Raises NotFound."""
    run = await runs.get(session, actor, run_id)
    root_id = run.root_run_id or run.id
    shown: Bundle[Any] = Bundle(
        "run",
        *(getattr(TaskRun, name) for name in RunRead.model_fields),
        Task.name.label("task_name"),
    )
    statement = (
        select(shown)
        .select_from(TaskRun)
        .join(Task, Task.id == TaskRun.task_id)
        .where(
            TaskRun.organization_id == actor.organization_id,
            or_(TaskRun.id == root_id, TaskRun.root_run_id == root_id),
            visible_tasks(actor),
        )
    )
    return await paginate(session, statement, page, by=[TaskRun.id], descending=False)
