"""What codes, statuses and events mean, as sentences for people."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple


class Sentence(NamedTuple):
    """`at` is None for what holds now."""

    at: datetime | None
    code: str
    text: str


def instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


# Why slots, runs and executions were not run, or ended as they did.
REASONS: Mapping[str, str] = {
    "billing": "the subscription did not allow it",
    "cancelled": "somebody cancelled it before a worker began",
    "chain_interrupted": (
        "something that it runs after did not end as it asks for, or was skipped itself"
    ),
    "deleted": "the task was deleted",
    "disabled": "the task was disabled",
    "excluded": "the account's owner excluded all that it would have read",
    "no_targets": "the task had no account to look at",
    "not_recordable": "the database refused its row, and the task was disabled",
    "outcome_unknown": "AWS did not answer the change, which may have had its effect",
    "overlap": "an earlier run of the task had not ended",
    "plan_limit": "the plan's limit was reached",
    "rescheduled": "the task got another schedule before they were recorded",
    "restored": "the database was restored, and what became of it was lost",
    "schedule_unreadable": "the schedule could not be read, and the task was disabled",
    "scheduler_down": "no beat ran, and they were late by more than the task's grace",
    "timed_out": "its time was up",
    "worker_lost": "its worker was lost",
}
DISABLED: Mapping[str, str] = {
    "by_user": "A member disabled it",
    "deleted": "It was deleted",
    "no_targets": "It was disabled when its last account was disconnected",
    "plan_limit": "It was paused, for the plan allows fewer tasks or longer intervals",
    "schedule_unreadable": "It was disabled, for its schedule cannot be read",
    "not_recordable": "It was disabled, for the database refused the row of a slot",
}
_ENDS: Mapping[str, str] = {
    "succeeded": "It succeeded",
    "failed": "It failed",
    "interrupted": "It was interrupted in a change whose outcome is unknown",
    "cancelled": "It was cancelled",
    "skipped": "It was skipped",
}
_QUEUED_AGAIN: Mapping[str, str] = {
    "worker_lost": "Its worker was lost: the lease ran out, and it was queued again.",
    "released": "Its worker was asked to stop and gave it back; it was queued again.",
}
_ABOUT_A_CHANGE: Mapping[str, str] = {
    "intended": "A worker was about to do {unit} in {region}.",
    "withdrawn": "{unit} in {region} was not sent.",
    "done": "{unit} in {region} was done.",
    "not_done": "{unit} in {region} was not done.",
    "outcome_unknown": "Whether {unit} in {region} was done is not known.",
}


def because(reason: str | None) -> str:
    """What follows a statement: its reason, and a full stop."""
    return f": {REASONS.get(reason, reason)}." if reason else "."


def of_move(
    at: datetime, old: str | None, new: str | None, reason: str | None
) -> Sentence | None:
    """A change of status. None for a retry, of which an event of its own tells."""
    if new == "running":
        return Sentence(at, "claimed", "A worker began it.")
    if new == "queued":
        if reason == "retry":
            return None
        said = _QUEUED_AGAIN.get(reason or "", f"It was queued again{because(reason)}")
        return Sentence(at, reason or "queued", said)
    said = _ENDS.get(new or "", f"It went from {old} to {new}")
    return Sentence(at, new or "moved", said + because(reason))


def of_event(at: datetime, kind: str, detail: Mapping[str, Any], who: str) -> Sentence:
    """Anything else that was recorded of an execution."""
    if kind == "retried":
        return Sentence(at, kind, _retried(detail))
    if kind == "resolved":
        found = "done" if detail["outcome"] == "done" else "not done"
        said = f"{who} found that it was {found}: {detail['note']}"
        return Sentence(at, kind, said)
    if kind in _ABOUT_A_CHANGE:
        return Sentence(at, kind, _ABOUT_A_CHANGE[kind].format(**detail))
    return Sentence(at, kind, f"It was {kind}.")


def _retried(detail: Mapping[str, Any]) -> str:
    until = instant(datetime.fromisoformat(detail["not_before"]))
    return (
        f"It failed{failure(detail['error'])} The task's policy tries it again:"
        f" retry {detail['retry_no']}, not before {until}."
    )


def failure(error: Mapping[str, Any] | None) -> str:
    """What an error says, after "It failed"."""
    if error is None:
        return "."
    missing = error.get("missing_action")
    lacks = f", {missing} is not allowed" if missing else ""
    return f" with {error['category']} {error['code']}{lacks}."


def gap(since: datetime, until: datetime, slots: int, reason: str | None) -> Sentence:
    """Slots that are recorded as one."""
    said = f"{slots} slots from {instant(since)} to {instant(until)} were not run"
    return Sentence(since, reason or "gap", said + because(reason))
