"""The judge: plain SQL, the ledger of the fake AWS, and arithmetic of its own. It
imports nothing of the product, and never asks it anything."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from tests.chaos.plan import Plan, TaskPlan

Row = Any  # asyncpg ships no types


class Outage(Protocol):
    """When (seconds since 1970) a process could do nothing; None means until now."""

    @property
    def pid(self) -> int: ...
    @property
    def role(self) -> str: ...
    @property
    def began(self) -> float: ...
    @property
    def ended(self) -> float | None: ...


@dataclass
class Verdict:
    """Counts of what must not be, and of what happened; `findings` are sentences."""

    slots: int = 0
    lost: int = 0
    duplicated: int = 0
    wedged: int = 0
    effects: int = 0
    effects_doubled: int = 0
    effects_invented: int = 0
    effects_unrecorded: int = 0
    premature: int = 0
    stale_writes: int = 0
    foreign_rows: int = 0
    interrupted: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    detections: list[float] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    WRONG = (
        *("lost", "duplicated", "wedged", "effects_doubled", "effects_invented"),
        *("effects_unrecorded", "premature", "stale_writes", "foreign_rows"),
    )

    @property
    def wrong(self) -> dict[str, int]:
        """What must be empty."""
        counts = asdict(self)
        return {name: counts[name] for name in self.WRONG if counts[name]}

    def found(self, name: str, sentence: str, count: int = 1) -> None:
        setattr(self, name, getattr(self, name) + count)
        self.findings.append(f"{name}: {sentence}")


async def judge(
    connection: asyncpg.Connection,
    plan: Plan,
    ledger: Path,
    outages: Iterable[Outage] = (),
) -> Verdict:
    """Everything is over: what is still unfinished is wedged."""
    verdict = Verdict(slots=plan.slots)
    await _judge_slots(connection, plan, verdict)
    await _judge_executions(connection, plan, verdict)
    await _judge_started(connection, plan, verdict)
    await _judge_ends(connection, verdict)
    await _judge_effects(connection, plan, ledger, verdict)
    outages = list(outages)
    await _judge_writes(connection, outages, verdict)
    await _judge_walls(connection, verdict)
    await _measure_detection(connection, outages, verdict)
    return verdict


# ── slots ────────────────────────────────────────────────────────────────────────

_RUNS = """
SELECT task_id, scheduled_for, coalesce(scheduled_until, scheduled_for) AS until, slots,
  status, reason, recorded_at, at,
  CASE WHEN status NOT IN ('queued', 'running')
    THEN pg_xact_commit_timestamp(task_runs.xmin) END AS ended_at
FROM task_runs JOIN chaos.runs ON run_id = id
WHERE trigger = 'schedule' ORDER BY scheduled_for
"""


# Between the look at what is unfinished and the record: two statements that are waited
# for, 15 s each at the most.
_DECIDING = timedelta(seconds=30)


async def _judge_slots(
    connection: asyncpg.Connection, plan: Plan, verdict: Verdict
) -> None:
    runs: dict[UUID, list[Row]] = defaultdict(list)
    for run in await connection.fetch(_RUNS):
        runs[run["task_id"]].append(run)
    for task in plan.tasks:
        _judge_task(task, runs[task.task_id], verdict)


def _judge_task(task: TaskPlan, runs: list[Row], verdict: Verdict) -> None:
    expected = list(task.slots())
    covered: Counter[Any] = Counter()
    for run in runs:
        inside = [s for s in expected if run["scheduled_for"] <= s <= run["until"]]
        covered.update(inside)
        name = f"{task.task_id} at {run['scheduled_for']:%H:%M:%S}"
        if len(inside) != run["slots"] or run["scheduled_for"] not in inside:
            verdict.found("duplicated", f"{name} counts slots that there are not")
        if run["recorded_at"] < run["until"]:
            verdict.found("premature", f"{name} was recorded before it was due")
        if run["reason"] == "scheduler_down":
            if run["recorded_at"] - run["until"] < task.grace:
                verdict.found("premature", f"{name} was given up within its grace")
        elif run["reason"] == "overlap" and not _was_busy(run, runs):
            verdict.found("lost", f"{name} was skipped as overlapping with nothing")
    for slot in expected:
        if not covered[slot]:
            verdict.found("lost", f"{task.task_id} at {slot:%H:%M:%S} has no record")
        elif covered[slot] > 1:
            verdict.found(
                "duplicated",
                f"{task.task_id} at {slot:%H:%M:%S} has {covered[slot]} records",
                covered[slot] - 1,
            )


def _was_busy(skipped: Row, runs: list[Row]) -> bool:
    """Whether another run of the task was unfinished when this one was decided on."""
    return any(
        run["status"] != "skipped"
        and run["at"] <= skipped["at"]
        and (run["ended_at"] is None or run["ended_at"] >= skipped["at"] - _DECIDING)
        for run in runs
    )


_EXECUTIONS = """
SELECT r.task_id, r.id, r.status, count(e.id) AS executions,
  count(DISTINCT e.aws_account_id) AS accounts
FROM task_runs r LEFT JOIN task_executions e ON e.run_id = r.id
GROUP BY r.task_id, r.id, r.status
"""


async def _judge_executions(
    connection: asyncpg.Connection, plan: Plan, verdict: Verdict
) -> None:
    """A run that was not skipped has one execution for each account."""
    accounts = {task.task_id: task.accounts for task in plan.tasks}
    for run in await connection.fetch(_EXECUTIONS):
        wanted = accounts.get(run["task_id"], 1)
        wanted = 0 if run["status"] == "skipped" and not run["executions"] else wanted
        if run["executions"] < wanted:
            verdict.found("lost", f"run {run['id']} lacks executions")
        if run["executions"] > max(wanted, run["accounts"]):
            verdict.found("duplicated", f"run {run['id']} has too many executions")


async def _judge_started(
    connection: asyncpg.Connection, plan: Plan, verdict: Verdict
) -> None:
    """One run for each idempotency key, however often it was sent."""
    rows = await connection.fetch("SELECT id FROM task_runs WHERE trigger = 'manual'")
    recorded = {row["id"] for row in rows}
    for key, answered in plan.started.items():
        if len(set(answered)) > 1:
            verdict.found("duplicated", f"the key {key} was answered by two runs")
        if not set(answered) <= recorded:
            verdict.found("lost", f"the key {key} was answered by a run that is not")
    if len(recorded) > len(plan.started):
        extra = len(recorded) - len(plan.started)
        verdict.found("duplicated", f"{extra} runs were started twice", extra)


# ── ends ─────────────────────────────────────────────────────────────────────────

_UNFINISHED = """
SELECT 'execution' AS what, id, status, lease_until::text AS more FROM task_executions
  WHERE status IN ('queued', 'running')
UNION ALL
SELECT 'run', id, status, NULL FROM task_runs WHERE status IN ('queued', 'running')
UNION ALL
SELECT 'outbox message', id, kind, error FROM outbox, chaos.clock
  WHERE status = 'dead'
  OR (status = 'pending'
    AND available_at < clock_timestamp() + ahead - interval '1 minute')
UNION ALL
SELECT 'unit', u.id, u.status, NULL FROM execution_units u
  JOIN task_executions e ON e.id = u.execution_id
  WHERE u.status IN ('pending', 'running') AND e.status NOT IN ('queued', 'running')
UNION ALL
SELECT 'execution without result', e.id, e.status, NULL FROM task_executions e
  WHERE e.status IN ('succeeded', 'failed', 'interrupted')
  AND NOT EXISTS (SELECT FROM task_results t WHERE t.execution_id = e.id)
"""
_ENDS = """
SELECT CASE WHEN reason IS NULL THEN status ELSE status || '(' || reason || ')' END
  AS how, count(*) AS count
FROM task_executions GROUP BY 1
"""


async def _judge_ends(connection: asyncpg.Connection, verdict: Verdict) -> None:
    for row in await connection.fetch(_UNFINISHED):
        text = f"{row['what']} {row['id']} is {row['status']} ({row['more']})"
        verdict.found("wedged", text)
    for row in await connection.fetch(_ENDS):
        verdict.ends[row["how"]] = row["count"]
        if row["how"].startswith("interrupted"):
            verdict.interrupted += row["count"]


# ── effects ──────────────────────────────────────────────────────────────────────

_ACTS = """
SELECT u.execution_id, u.key, u.status, e.status AS execution, e.task_id
FROM execution_units u JOIN task_executions e ON e.id = u.execution_id
WHERE u.kind = 'act'
"""
_UNTOUCHED = ("pending", "not_attempted")


async def _judge_effects(
    connection: asyncpg.Connection, plan: Plan, ledger: Path, verdict: Verdict
) -> None:
    done = Counter(read_ledger(ledger))
    verdict.effects = done.total()
    for effect, times in done.items():
        if times > 1:
            verdict.found("effects_doubled", f"{effect}, {times} times", times - 1)
    steps = {task.task_id: task.steps for task in plan.tasks}
    succeeded: Counter[UUID] = Counter()
    known = set()
    for act in await connection.fetch(_ACTS):
        effect = f"{act['execution_id']}:{act['key'].rpartition('#')[2]}"
        known.add(effect)
        succeeded[act["execution_id"]] += act["status"] == "succeeded"
        if act["status"] == "succeeded" and effect not in done:
            verdict.found("effects_invented", f"{effect} is recorded as done")
        elif act["status"] != "succeeded" and effect in done:
            is_told = act["execution"] == "interrupted"
            if not is_told or act["status"] in _UNTOUCHED:
                verdict.found(
                    "effects_unrecorded",
                    f"{effect} was done, and its unit is {act['status']}"
                    f" in an execution that is {act['execution']}",
                )
    for effect in done.keys() - known:
        verdict.found("effects_unrecorded", f"{effect} was done, and nobody knows")
    for row in await connection.fetch(
        "SELECT id, task_id FROM task_executions"
        " WHERE kind = 'mutate' AND status = 'succeeded'"
    ):
        if succeeded[row["id"]] != steps[row["task_id"]]:
            verdict.found(
                "effects_invented", f"{row['id']} succeeded with steps undone"
            )


def read_ledger(ledger: Path) -> list[str]:
    lines = ledger.read_text().splitlines() if ledger.exists() else []
    return [json.loads(line)["effect"] for line in lines]


# ── leases ───────────────────────────────────────────────────────────────────────

# A worker wrote although the lease was another's; or an execution at work was taken
# from its owner without its having been queued first.
_STALE = """
SELECT of, execution_id, at, actor, coalesce(old_owner, new_owner) AS owner
FROM chaos.writes
WHERE actor LIKE 'worker:%' AND of = 'execution'
  AND old_owner IS DISTINCT FROM substr(actor, 8)
UNION ALL
SELECT of, execution_id, at, actor, new_owner FROM chaos.writes
WHERE actor LIKE 'worker:%' AND of = 'unit'
  AND new_owner IS DISTINCT FROM substr(actor, 8)
UNION ALL
SELECT of, execution_id, at, actor, old_owner FROM chaos.writes
WHERE of = 'execution' AND old_status = 'running' AND new_status = 'running'
  AND old_owner IS DISTINCT FROM new_owner
"""
_EXTENDED = """
SELECT execution_id, extract(epoch FROM at)::float8 AS at,
  split_part(new_owner, ':', 2)::int AS pid
FROM chaos.writes
WHERE of = 'execution' AND old_status = 'running' AND new_status = 'running'
  AND old_fence = new_fence AND new_lease > old_lease AND new_owner LIKE '%:%:%'
"""
_MOMENT = 0.5  # a statement that was under way when its sender was stopped


async def _judge_writes(
    connection: asyncpg.Connection, outages: list[Outage], verdict: Verdict
) -> None:
    for row in await connection.fetch(_STALE):
        verdict.found(
            "stale_writes",
            f"{row['actor']} wrote {row['of']} of {row['execution_id']}, whose lease"
            f" {row['owner']} had, at {row['at']:%H:%M:%S}",
        )
    by_pid: dict[int, list[Outage]] = defaultdict(list)
    for outage in outages:
        by_pid[outage.pid].append(outage)
    for row in await connection.fetch(_EXTENDED):
        for out in by_pid[row["pid"]]:
            if out.began + _MOMENT < row["at"] < (out.ended or float("inf")):
                verdict.found(
                    "stale_writes",
                    f"the lease of {row['execution_id']} was extended while its owner"
                    " could not have",
                )


# ── walls ────────────────────────────────────────────────────────────────────────

_FOREIGN = """
SELECT e.id FROM task_executions e JOIN aws_accounts a ON a.id = e.aws_account_id
  WHERE a.organization_id <> e.organization_id
UNION ALL
SELECT e.id FROM task_executions e JOIN task_runs r ON r.id = e.run_id
  WHERE r.organization_id <> e.organization_id
UNION ALL
SELECT t.task_id FROM task_targets t JOIN aws_accounts a ON a.id = t.aws_account_id
  WHERE a.organization_id <> t.organization_id
UNION ALL
SELECT u.id FROM execution_units u JOIN task_executions e ON e.id = u.execution_id
  WHERE u.organization_id <> e.organization_id
"""


async def _judge_walls(connection: asyncpg.Connection, verdict: Verdict) -> None:
    for row in await connection.fetch(_FOREIGN):
        verdict.found("foreign_rows", f"{row['id']} refers to another tenant's row")


# ── detection ────────────────────────────────────────────────────────────────────

# What a worker held in the moment it went, and when that was taken from it.
_TAKEN = """
WITH spans AS (
  SELECT execution_id, at, new_status, split_part(new_owner, ':', 2) AS pid,
    lead(at) OVER seq AS next_at, lead(actor) OVER seq AS next_actor
  FROM chaos.writes
  WHERE of = 'execution' AND (old_fence <> new_fence OR old_status <> new_status)
  WINDOW seq AS (PARTITION BY execution_id ORDER BY id)
)
SELECT extract(epoch FROM next_at)::float8 AS taken_at FROM spans
WHERE new_status = 'running' AND pid = $1 AND next_actor = 'beat.reap'
  AND at < to_timestamp($2) AND next_at >= to_timestamp($2)
"""


async def _measure_detection(
    connection: asyncpg.Connection, outages: list[Outage], verdict: Verdict
) -> None:
    for out in outages:
        if out.role in {"reader", "changer"}:
            rows = await connection.fetch(_TAKEN, str(out.pid), out.began)
            verdict.detections += [row["taken_at"] - out.began for row in rows]


def percentile(values: list[float], share: float) -> float | None:
    """The value below which this share of all lies; None of none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
