"""Statuses: which may follow which, and what the parts say about the whole.

The names are stored as text; an unknown one raises ValueError or KeyError.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

Kind = Literal["run", "execution", "unit"]
WorkStatus = Literal[
    "queued", "running", "succeeded", "failed", "interrupted", "cancelled", "skipped"
]

_NOTHING: frozenset[str] = frozenset()
_ENDS = frozenset({"succeeded", "failed", "interrupted", "cancelled", "skipped"})
_UNREAD = frozenset({"failed", "cancelled", "not_attempted"})
_UNIT_ENDS = _UNREAD | {"succeeded", "not_applicable"}

MOVES: Mapping[Kind, Mapping[str, frozenset[str]]] = {
    # A run may be summed up only when its executions have ended, so queued may end.
    "run": {
        "queued": _ENDS | {"running"},
        # All its executions are queued again.
        "running": _ENDS | {"queued"},
        **dict.fromkeys(_ENDS, _NOTHING),
    },
    "execution": {
        # Failed unstarted: its deadline passed in the queue.
        "queued": frozenset({"running", "failed", "cancelled", "skipped"}),
        # Queued again: the worker was lost or shut down, or a retry was decided.
        # Skipped: it turned out that there is nothing to look at.
        "running": _ENDS | {"queued"},
        # A person's resolution of an interrupted one is recorded beside it.
        **dict.fromkeys(_ENDS, _NOTHING),
    },
    "unit": {
        "pending": _UNIT_ENDS - {"succeeded"} | {"running"},
        # Pending again: the execution went back to the queue.
        "running": _UNIT_ENDS - {"not_attempted"} | {"pending"},
        **dict.fromkeys(_UNIT_ENDS, _NOTHING),
        # Tried again, as long as the execution goes on; what was read stands.
        **dict.fromkeys(_UNREAD, frozenset({"pending"})),
    },
}


class RollUp(NamedTuple):
    """`reason` is the code stored beside the status, where there is one."""

    status: WorkStatus
    reason: str | None
    sentence: str


def may_move(kind: Kind, old: str, new: str) -> bool:
    """Whether `new` may follow `old`. A status does not follow itself."""
    return new in MOVES[kind][old]


def has_ended(kind: Literal["run", "execution"], status: str) -> bool:
    """Whether it is over for good. (A unit's end may be taken back by a retry.)"""
    return not MOVES[kind][status]


def run_status(executions: Iterable[str]) -> RollUp:
    """A run has succeeded only if all its executions have; the worst decides."""
    counts = _counted("execution", executions)
    total = counts.total()
    if not total:
        return RollUp("skipped", "no_targets", "No account is targeted.")
    if counts["queued"] == total:
        return RollUp("queued", None, f"{_of(total, total)} queued.")
    unfinished = counts["queued"] + counts["running"]
    if unfinished:
        return RollUp("running", None, f"{_of(unfinished, total)} not finished.")
    worst: tuple[WorkStatus, ...] = ("interrupted", "failed", "cancelled", "skipped")
    for status in worst:
        if counts[status]:
            return RollUp(status, None, f"{_of(counts[status], total)} {status}.")
    return RollUp("succeeded", None, f"{_of(total, total)} succeeded.")


def execution_status(units: Iterable[str]) -> RollUp:
    """One failed unit fails its execution; units that were not looked at never count
    as a success."""
    counts = _counted("unit", units)
    total = counts.total()
    if not total:
        return RollUp("skipped", "no_targets", "There is nothing to look at.")
    unfinished = counts["pending"] + counts["running"]
    if unfinished:
        return RollUp(
            "running", None, f"{_of(unfinished, total, 'unit')} not finished."
        )
    if counts["failed"]:
        return RollUp("failed", None, f"{_of(counts['failed'], total, 'unit')} failed.")
    stopped = counts["cancelled"] + counts["not_attempted"]
    if stopped:
        return RollUp("cancelled", None, f"{_of(stopped, total, 'unit')} not read.")
    read = counts["succeeded"]
    return RollUp("succeeded", None, f"{_of(read, total, 'unit')} read, none failed.")


def _counted(kind: Kind, statuses: Iterable[str]) -> Counter[str]:
    counts = Counter(statuses)
    unknown = counts.keys() - MOVES[kind].keys()
    if unknown:
        raise ValueError(f"Not a status of a {kind}: {sorted(unknown)}")
    return counts


def _of(part: int, total: int, noun: str = "execution") -> str:
    return f"{part} of {total} {noun}{'' if total == 1 else 's'}"
