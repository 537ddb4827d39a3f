"""What happened, as tables that a person reads."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from tests.demo.client import Json
from tests.demo.story import Story

_COLOURS = {
    "succeeded": "green",
    "verified": "green",
    "passed": "green",
    "failed": "red",
    "refused": "red",
    "unhealthy": "red",
    "degraded": "yellow",
    "unknown": "yellow",
    "not_attempted": "yellow",
}
NOTHING = "-"
_LOOKED_AT = {"succeeded", "not_applicable"}


def executions(story: Story) -> Table:
    """A line for each execution, and below it one for each of its regions."""
    table = Table(expand=True)
    table.add_column("Task", max_width=24)
    table.add_column("Slot (UTC)", no_wrap=True)
    table.add_column("Region", no_wrap=True)
    table.add_column("Status", max_width=17)
    table.add_column("Resources", justify="right")
    table.add_column("Verdict", max_width=14)
    title = "Error category, code, missing IAM action, advice"
    table.add_column(title, ratio=1, overflow="fold")
    for execution in story.executions:
        for number, row in enumerate(_rows(execution, story.units[execution["id"]])):
            if number == 0:
                table.add_section()
            table.add_row(*row)
    return table


def verification(credentials: Json) -> Table:
    """Each check that verifying these credentials made."""
    how = credentials["role_arn"] or f"access key …{credentials['access_key_last4']}"
    table = Table(
        title=f"{credentials['name']}: {how} is {credentials['status']}",
        title_justify="left",
    )
    table.add_column("Check", no_wrap=True)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("What AWS showed", overflow="fold")
    for check in credentials["checks"]:
        table.add_row(check["check"], coloured(check["outcome"]), check["detail"])
    return table


def coloured(word: str) -> Text:
    return Text(word, style=_COLOURS.get(word, ""))


def slot_of(run: Json) -> str:
    """The slot's time, or how else the run came to be."""
    slot = run["scheduled_for"]
    return f"{slot[11:19]}" if slot else f"by hand {run['created_at'][11:19]}"


def resources_in(units: Iterable[Json]) -> int:
    """How many resources these units read. A listing counts them as `items`, a check
    by verdict."""
    total = 0
    for unit in units:
        counts = unit["counts"]
        listed = unit["kind"] == "list"
        total += counts.get("items", 0) if listed else sum(counts.values())
    return total


def by_region(units: Iterable[Json]) -> dict[str, list[Json]]:
    regions: dict[str, list[Json]] = defaultdict(list)
    for unit in sorted(units, key=lambda unit: str(unit["region"])):
        regions[unit["region"]].append(unit)
    return dict(regions)


def _counted(units: list[Json]) -> str:
    """What was not read is not zero."""
    read = sum(unit["status"] in _LOOKED_AT for unit in units)
    if not read:
        return NOTHING
    count = resources_in(units)
    if read == len(units):
        return str(count)
    return f"at least {count}" if count else NOTHING


def _rows(execution: Json, units: list[Json]) -> Iterator[tuple[str | Text, ...]]:
    regions = by_region(units)
    yield (
        execution["task_name"],
        slot_of(execution),
        "all" if len(regions) != 1 else next(iter(regions)),
        _ended(execution),
        _counted(units),
        coloured(execution["verdict"] or NOTHING),
        _error(execution["error"]),
    )
    if len(regions) > 1:
        for region, those in regions.items():
            yield (
                "",
                "",
                region,
                coloured(_status(those)),
                _counted(those),
                _verdicts(those),
                "",
            )


def _ended(execution: Json) -> Text:
    reason = execution["reason"]
    status = coloured(execution["status"])
    return status + Text(f"\n{reason}") if reason else status


def _status(units: Iterable[Json]) -> str:
    """The units' common status, or how many have which."""
    counts = Counter(unit["status"] for unit in units)
    if len(counts) == 1:
        return str(next(iter(counts)))
    return ", ".join(f"{count} {status}" for status, count in counts.items())


def _verdicts(units: Iterable[Json]) -> str:
    counts: Counter[str] = Counter()
    for unit in units:
        if unit["kind"] == "health":
            counts.update(unit["counts"])
    return ", ".join(f"{n} {verdict}" for verdict, n in counts.items()) or NOTHING


def _error(error: Json | None) -> Text:
    if error is None:
        return Text(NOTHING)
    text = Text()
    text.append(f"{error['category']}\n", style="red")
    text.append(f"code: {error['code']}\n")
    if error["missing_action"]:
        text.append("missing IAM action: ")
        text.append(f"{error['missing_action']}\n", style="bold")
    text.append(f"advice: {error['advice']}")
    return text
