"""Whether every slot of a minutely task is recorded exactly once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.table import Table

from tests.demo.client import API, Json
from tests.demo.table import NOTHING, coloured

INTERVAL = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Account:
    """What became of a task's slots, from its first to the last that was due."""

    task: str
    due: int
    recorded: int
    lost: tuple[datetime, ...]
    doubled: tuple[datetime, ...]
    without_execution: tuple[datetime, ...]

    @property
    def is_whole(self) -> bool:
        faults = (*self.lost, *self.doubled, *self.without_execution)
        return self.recorded > 0 and not faults

    @property
    def sentence(self) -> str:
        return (
            f"“{self.task}”: {self.due} slots due, {self.recorded} recorded, "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.without_execution)} without an execution"
        )


def account_for(
    task: Json, runs: Iterable[Json], executions: Iterable[Json]
) -> Account:
    """Compare the slots that a task of every minute had with what is recorded.

    A gap record stands for `slots` slots from `scheduled_for` to `scheduled_until`,
    and has no execution; nor has a skipped run.
    """
    executed = Counter(one["run_id"] for one in executions)
    recorded: Counter[datetime] = Counter()
    doubled, without = set(), []
    for run in runs:
        if run["trigger"] != "schedule":
            continue
        slots = _slots_of(run)
        recorded.update(slots)
        count = executed[run["id"]]
        if count > 1:
            doubled.add(slots[0])
        if count == 0 and run["status"] != "skipped":
            without.append(slots[0])
    doubled |= {slot for slot, times in recorded.items() if times > 1}
    due = _due(recorded, task["next_run_at"])
    return Account(
        task["name"],
        len(due),
        sum(recorded.values()),
        tuple(slot for slot in due if slot not in recorded),
        tuple(sorted(doubled)),
        tuple(sorted(without)),
    )


def tell(api: API) -> tuple[list[Table], list[Account]]:
    """The slots of every task that comes each minute, as the API tells them now."""
    tables, accounts = [], []
    for task in api.items("/tasks"):
        expression = task["schedule"].get("expression")
        if expression not in {"rate(1 minute)", "* * * * *"}:
            continue
        runs = list(api.items(f"/tasks/{task['id']}/runs"))
        executions = list(api.items("/executions", task_id=task["id"]))
        accounts.append(account_for(task, runs, executions))
        tables.append(_table(task, runs, executions))
    return tables, accounts


def _slots_of(run: Json) -> list[datetime]:
    first = datetime.fromisoformat(run["scheduled_for"])
    return [first + number * INTERVAL for number in range(run["slots"])]


def _due(recorded: Iterable[datetime], next_run_at: str | None) -> list[datetime]:
    """Every slot from the first one recorded until the one that comes next; of a task
    that is switched off, until the last one recorded."""
    known = sorted(recorded)
    if not known:
        return []
    end = datetime.fromisoformat(next_run_at) if next_run_at else known[-1] + INTERVAL
    return [known[0] + n * INTERVAL for n in range((end - known[0]) // INTERVAL)]


def _table(task: Json, runs: list[Json], executions: list[Json]) -> Table:
    table = Table(
        title=f"{task['name']}: {task['schedule_in_words']}", title_justify="left"
    )
    columns = ("Slot (UTC)", "Slots", "Status", "Reason", "Executions", "Attempts")
    for column in (*columns, "Finished (UTC)"):
        table.add_column(column)
    for run in sorted(runs, key=lambda run: str(run["scheduled_for"])):
        of_run = [one for one in executions if one["run_id"] == run["id"]]
        table.add_row(
            str(run["scheduled_for"])[:19].replace("T", " "),
            str(run["slots"]),
            coloured(run["status"]),
            run["reason"] or NOTHING,
            str(len(of_run)),
            ", ".join(str(one["attempt"]) for one in of_run) or NOTHING,
            (run["finished_at"] or NOTHING)[11:19],
        )
    return table
