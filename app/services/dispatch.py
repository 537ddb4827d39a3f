"""One tick of the rota: turns tasks that are due into recorded runs, each slot
exactly once, or into one gap record."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import column, select, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import execute
from app.models.aws_account import AWSAccount
from app.models.task import Overlap
from app.services import usage
from app.services.decisions.impossible import ImpossibleSchedule
from app.services.decisions.labels import matches
from app.services.decisions.misfire import MOST_RUNS_AT_ONCE, decide_due
from app.services.decisions.schedule_input import read_schedule
from app.services.decisions.schedules import Schedule, not_before
from app.services.decisions.usage import PLAN_LIMIT, Allowances
from app.services.due_records import MOST_ROWS, Advance, Batch, DueTask, write
from app.services.usage import Terms

log = structlog.get_logger(__name__)

# Why a task is given up, as the reason of its last slot and of being disabled.
UNREADABLE = "schedule_unreadable"
NOT_RECORDABLE = "not_recordable"

# What the database says of a row that it will never take.
REFUSALS = (IntegrityError, DataError)

Key = tuple[UUID, UUID]  # organization, task


class _Connected(NamedTuple):
    id: UUID
    labels: dict[str, str]
    paused: bool


class Dispatched(NamedTuple):
    """How many tasks were gone through, and whether more may be due by now."""

    tasks: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Situation:
    """Which tasks have a run that is not finished, and the accounts of each task: those
    it names, or those its selector finds now; apart, those of them that the plan
    pauses. And what the plans leave."""

    busy: set[Key]
    targets: dict[Key, Sequence[UUID]]
    paused: dict[Key, Sequence[UUID]]
    allowances: Allowances


# What has waited longest. The rows are found by `ix_tasks_next_run_at` alone and locked
# before anything else is asked about them. A lock that lets others refer to the task: a
# manual start waits for no tick, and makes none skip the task.
CLAIM_OLDEST = text("""
WITH moment AS MATERIALIZED (SELECT app_now() AS now WHERE NOT is_paused()),
due AS MATERIALIZED (
  SELECT
    t.id, t.organization_id, t.kind, t.schedule::text AS schedule, t.timezone,
    t.next_run_at, t.priority, t.overlap, t.misfire_grace_seconds, t.timeout_seconds,
    t.selector::text AS selector, t.version
  FROM tasks t
  WHERE t.enabled AND t.next_run_at <= (SELECT now FROM moment)
  ORDER BY t.next_run_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
)
SELECT due.id, organization_id, kind, schedule, timezone, next_run_at, priority,
  overlap, misfire_grace_seconds, timeout_seconds, selector, v.id,
  (SELECT now FROM moment)
FROM due CROSS JOIN LATERAL (
  SELECT id FROM task_versions
  WHERE organization_id = due.organization_id AND task_id = due.id
    AND version = due.version LIMIT 1) AS v
-- in one order, so that neighbours in an index are written together
ORDER BY organization_id, due.id
""")

# Of each tenant that has something due an equal share, so that nobody waits behind the
# many of another. The tenants are found by going from one to the next in
# `ix_tasks_turns`, never by reading what is due.
CLAIM_IN_TURN = text("""
WITH RECURSIVE moment AS MATERIALIZED (
  SELECT app_now() AS now WHERE NOT is_paused()
), tenants (organization_id) AS (
  (SELECT organization_id FROM tasks WHERE enabled ORDER BY organization_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT t.organization_id FROM tasks t
    WHERE t.enabled AND t.organization_id > tenants.organization_id
    ORDER BY t.organization_id LIMIT 1)
  FROM tenants WHERE organization_id IS NOT NULL
), waiting AS MATERIALIZED (
  SELECT tenants.organization_id, count(*) OVER () AS tenants
  FROM tenants CROSS JOIN LATERAL (
    SELECT FROM tasks t
    WHERE t.enabled AND t.organization_id = tenants.organization_id
      AND t.next_run_at <= (SELECT now FROM moment) LIMIT 1) AS any_due
), due AS MATERIALIZED (
  SELECT share.* FROM waiting CROSS JOIN LATERAL (
    SELECT
      t.id, t.organization_id, t.kind, t.schedule::text AS schedule, t.timezone,
      t.next_run_at, t.priority, t.overlap, t.misfire_grace_seconds, t.timeout_seconds,
      t.selector::text AS selector, t.version
    FROM tasks t
    WHERE t.enabled AND t.organization_id = waiting.organization_id
      AND t.next_run_at <= (SELECT now FROM moment)
    ORDER BY t.next_run_at LIMIT greatest(1, :limit / waiting.tenants)
    FOR NO KEY UPDATE SKIP LOCKED) AS share
  LIMIT :limit
)
SELECT due.id, organization_id, kind, schedule, timezone, next_run_at, priority,
  overlap, misfire_grace_seconds, timeout_seconds, selector, v.id,
  (SELECT now FROM moment)
FROM due CROSS JOIN LATERAL (
  SELECT id FROM task_versions
  WHERE organization_id = due.organization_id AND task_id = due.id
    AND version = due.version LIMIT 1) AS v
ORDER BY organization_id, due.id
""")

# Few organizations have an account that is paused: they are found by what they have.
_PAUSED = text("""
SELECT t.organization_id, t.task_id, array_agg(t.aws_account_id) AS accounts
FROM aws_accounts a
JOIN task_targets t
  ON t.organization_id = a.organization_id AND t.aws_account_id = a.id
WHERE a.organization_id = ANY (CAST(:organizations AS uuid[]))
  AND a.paused_at IS NOT NULL AND t.task_id = ANY (CAST(:tasks AS uuid[]))
GROUP BY t.organization_id, t.task_id
""")

# Asked once the tasks are locked, so that what the last tick committed is seen.
_OF_TASKS = text("""
SELECT k.organization_id, k.task_id,
  unfinished.id IS NOT NULL AS busy,
  ARRAY (
    SELECT t.aws_account_id FROM task_targets t
    WHERE t.organization_id = k.organization_id AND t.task_id = k.task_id) AS targets
FROM unnest(CAST(:organizations AS uuid[]), CAST(:tasks AS uuid[]))
  AS k (organization_id, task_id)
LEFT JOIN LATERAL (
  SELECT r.id FROM task_runs r
  WHERE r.organization_id = k.organization_id AND r.task_id = k.task_id
    AND r.status IN ('queued', 'running') LIMIT 1) AS unfinished ON true
""").columns(*map(column, ("organization_id", "task_id", "busy", "targets")))
_SITUATION = usage.with_terms(_OF_TASKS.subquery("of_tasks"))


async def dispatch_due(
    session: AsyncSession,
    *,
    limit: int,
    in_turn: bool = False,
    one_by_one: bool = False,
) -> Dispatched:
    """Record up to `limit` due tasks, advance them from their slot, and hint their
    executions: those that waited longest, or of each tenant `in_turn` its share.

    `session` is a system session: any number of beats may tick at once, since a task
    that another one holds is skipped and each slot is unique. Where the database
    refuses a row (IntegrityError, DataError), nothing is recorded; asked again with
    `one_by_one`, it records all others, and gives up the task whose row it was.
    """
    claim = CLAIM_IN_TURN if in_turn else CLAIM_OLDEST
    rows = await session.execute(claim, {"limit": limit})
    due = [DueTask._make(row) for row in rows]
    if not due:
        return Dispatched(0, more=False)
    situation = await _situation(session, due)
    plan = _write_one_by_one if one_by_one else _write_together
    advances = await plan(session, due, situation)
    again = [a.next_run_at for a in advances if a.next_run_at is not None]
    is_behind = any(next_run_at <= due[0].now for next_run_at in again)
    more = in_turn or len(due) == limit or len(advances) < len(due) or is_behind
    return Dispatched(len(advances), more)


async def _write_together(
    session: AsyncSession, due: Sequence[DueTask], situation: _Situation
) -> list[Advance]:
    batch = Batch(due[0].now)
    for task in due:
        if batch.is_full:
            break
        _plan(batch, task, situation)
    await write(session, batch)
    return batch.advances


async def _write_one_by_one(
    session: AsyncSession, due: Sequence[DueTask], situation: _Situation
) -> list[Advance]:
    written = []
    for task in due:
        batch = Batch(task.now)
        _plan(batch, task, situation)
        try:
            async with session.begin_nested():
                await write(session, batch)
        except REFUSALS as error:
            planned = sum(one.reason is None for one in batch.executions)
            situation.allowances.give_back(task.organization_id, planned)
            batch = Batch(task.now)
            _give_up(batch, task, NOT_RECORDABLE, str(error.orig))
            await write(session, batch)
        written += batch.advances
    return written


async def _situation(session: AsyncSession, due: Sequence[DueTask]) -> _Situation:
    keys = {
        "organizations": [task.organization_id for task in due],
        "tasks": [task.id for task in due],
    }
    rows = [tuple(row) for row in await execute(session, _SITUATION, keys)]
    terms = {row[0]: Terms._make(row[4:]) for row in rows}
    situation = _Situation(
        busy={(organization, task) for organization, task, busy, *_ in rows if busy},
        targets={(row[0], row[1]): row[3] for row in rows},
        paused=await _paused(session, keys),
        allowances=await usage.allowances(session, terms, now=due[0].now),
    )
    # The paused ones are asked for last: what was paused or goes on between the two
    # questions is among the ones or the others.
    for key, paused in situation.paused.items():
        named = situation.targets[key]
        situation.targets[key] = [one for one in named if one not in paused]
    selecting = [
        (task, json.loads(task.selector)) for task in due if task.selector is not None
    ]
    accounts = await _connected_accounts(
        session, {task.organization_id for task, _ in selecting}
    )
    for task, selector in selecting:
        key = (task.organization_id, task.id)
        found = [
            (account_id, paused)
            for account_id, labels, paused in accounts[task.organization_id]
            if matches(selector, labels)
        ]
        situation.targets[key] = [id for id, paused in found if not paused]
        situation.paused[key] = [id for id, paused in found if paused]
    return situation


async def _paused(
    session: AsyncSession, keys: Mapping[str, Sequence[UUID]]
) -> dict[Key, Sequence[UUID]]:
    """The paused accounts that tasks name, where they name any."""
    rows = await session.execute(_PAUSED, keys)
    return {(row.organization_id, row.task_id): row.accounts for row in rows}


async def _connected_accounts(
    session: AsyncSession, organizations: set[UUID]
) -> dict[UUID, list[_Connected]]:
    accounts: dict[UUID, list[_Connected]] = defaultdict(list)
    if organizations:
        is_paused = AWSAccount.paused_at.is_not(None)
        statement = select(
            AWSAccount.organization_id, AWSAccount.id, AWSAccount.labels, is_paused
        ).where(AWSAccount.organization_id.in_(organizations), AWSAccount.connected)
        for organization_id, id, labels, paused in await session.execute(statement):
            accounts[organization_id].append(_Connected(id, labels, paused))
    return accounts


def _plan(batch: Batch, task: DueTask, situation: _Situation) -> None:
    try:
        schedule = read_schedule(task.schedule, default_timezone=task.timezone)
    except ImpossibleSchedule as error:
        _give_up(batch, task, UNREADABLE, error.detail)
        return
    key = (task.organization_id, task.id)
    targets, busy = situation.targets[key], key in situation.busy
    paused = situation.paused.get(key, ())
    due = decide_due(
        schedule,
        slot=task.next_run_at,
        now=batch.now,
        grace=timedelta(seconds=task.misfire_grace_seconds),
        at_most=_runs_at_once(len(targets) + len(paused)),
    )
    if due.gap is not None:
        gap = due.gap
        slots = (gap.scheduled_until, gap.slots)
        batch.record(task, gap.scheduled_for, skipped=gap.reason, gap=slots)
    for slot in due.runs:
        reason = _why_skipped(batch, task, situation, busy=busy)
        if reason is not None:
            batch.record(task, slot, skipped=reason)
            continue
        run_id = _plan_slot(batch, task, schedule, slot, targets)
        for account_id in paused:
            batch.execute(task, run_id, account_id, skipped=PLAN_LIMIT)
        busy = True
    batch.advance(task, due.next_slot)


def _runs_at_once(accounts: int) -> int:
    return max(1, min(MOST_RUNS_AT_ONCE, MOST_ROWS // (accounts + 1)))


def _give_up(batch: Batch, task: DueTask, reason: str, why: str) -> None:
    log.error("dispatch.gave_up", task_id=str(task.id), reason=reason, why=why)
    batch.give_up(task, reason)


def _why_skipped(
    batch: Batch, task: DueTask, situation: _Situation, *, busy: bool
) -> str | None:
    """Why a slot is recorded and not run; None if it is run, and then its executions
    are taken of what the plan leaves."""
    key = (task.organization_id, task.id)
    executions = len(situation.targets[key])
    if not executions:
        return PLAN_LIMIT if situation.paused.get(key) else "no_targets"
    if busy and task.overlap == Overlap.SKIP:
        return "overlap"
    reason = situation.allowances.take(task.organization_id, executions)
    if reason == PLAN_LIMIT:
        batch.refused[task.organization_id] += executions
    return reason


def _plan_slot(
    batch: Batch,
    task: DueTask,
    schedule: Schedule,
    slot: datetime,
    targets: Sequence[UUID],
) -> UUID:
    run_id = batch.record(task, slot)
    start = not_before(schedule, slot, task.id)
    delayed = start if start > batch.now else None
    for account_id in targets:
        batch.execute(task, run_id, account_id, delayed)
    return run_id
