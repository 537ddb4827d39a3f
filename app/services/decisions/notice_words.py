"""What a notice says: how grave it is, its title, and its further sentences, from
recorded facts. Whoever renders them escapes them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from app.core.notice import NoticeEvent, Severity
from app.services.decisions.notice_titles import (
    FATES,
    TITLES,
    Facts,
    Happened,
    cut,
    named_task,
    plain,
)
from app.services.decisions.sentences import REASONS, instant

MOST_OF_TITLE = 300
MOST_OF_LINE = 600
MOST_NAMED = 5  # resources


class Words(NamedTuple):
    severity: Severity
    title: str
    lines: tuple[str, ...]


def words(happened: Happened) -> Words:
    """What is said of it."""
    title = cut(TITLES[happened.event](happened), MOST_OF_TITLE)
    lines = tuple(cut(line, MOST_OF_LINE) for line in _lines(happened))
    return Words(severity_of(happened), title, lines)


# ── how grave ────────────────────────────────────────────────────────────────────

# Whether a person has to do something: limits, AWS's own failures and the network pass
# by themselves more often than not; a key that is not accepted reads nothing at all.
_BY_CATEGORY: Mapping[str, Severity] = {
    "AWSAuthenticationError": Severity.CRITICAL,
    "AWSPermissionError": Severity.ERROR,
    "AWSConfigurationError": Severity.ERROR,
    "AWSServiceLimitError": Severity.WARNING,
    "AWSServiceError": Severity.WARNING,
    "AWSConnectivityError": Severity.WARNING,
}
_BY_EVENT: Mapping[NoticeEvent, Severity] = {
    NoticeEvent.EXECUTION_SUCCEEDED: Severity.INFO,
    NoticeEvent.EXECUTION_FAILED: Severity.ERROR,
    NoticeEvent.EXECUTION_INTERRUPTED: Severity.CRITICAL,
    NoticeEvent.EXECUTION_CANCELLED: Severity.INFO,
    NoticeEvent.EXECUTION_SKIPPED: Severity.WARNING,
    NoticeEvent.EXECUTION_RECOVERED: Severity.INFO,
    NoticeEvent.HEALTH_DEGRADED: Severity.WARNING,
    NoticeEvent.HEALTH_RECOVERED: Severity.INFO,
    NoticeEvent.RESOURCE_CHANGED: Severity.INFO,
    NoticeEvent.PROBLEM_OPENED: Severity.ERROR,
    NoticeEvent.PROBLEM_CLOSED: Severity.INFO,
    NoticeEvent.CREDENTIALS_INVALID: Severity.CRITICAL,
    NoticeEvent.CREDENTIALS_RECOVERED: Severity.INFO,
    NoticeEvent.SUBSCRIPTION_CHANGED: Severity.INFO,
    NoticeEvent.SUBSCRIPTION_READ_ONLY: Severity.ERROR,
    NoticeEvent.USAGE_NEAR: Severity.WARNING,
    NoticeEvent.USAGE_REACHED: Severity.ERROR,
    NoticeEvent.CHANNEL_FAILING: Severity.ERROR,
    NoticeEvent.CHANNEL_RECOVERED: Severity.INFO,
    NoticeEvent.TEST: Severity.INFO,
}
_FAILURES = frozenset({NoticeEvent.EXECUTION_FAILED, NoticeEvent.PROBLEM_OPENED})
# Somebody meant it, or it is about to be made up for.
_MEANT = frozenset({"cancelled", "deleted", "disabled", "excluded", "rescheduled"})
# Nothing of the task runs until somebody does something.
_STOPPED = frozenset({"billing", "not_recordable", "plan_limit", "schedule_unreadable"})
_UNPAID = frozenset({"past_due", "unpaid", "paused"})
_OVER = frozenset({"canceled", "incomplete_expired"})


def severity_of(happened: Happened) -> Severity:
    """By the event, and where it is a failure by its category."""
    event, detail = happened.event, happened.detail
    usual = _BY_EVENT[event]
    if event in _FAILURES and happened.error is not None:
        return _BY_CATEGORY.get(str(happened.error.get("category")), usual)
    if event is NoticeEvent.EXECUTION_SKIPPED:
        return _of_reason(detail.get("reason"))
    if event is NoticeEvent.HEALTH_DEGRADED and detail.get("verdict") == "unhealthy":
        return Severity.ERROR
    if event is NoticeEvent.SUBSCRIPTION_CHANGED:
        return _of_subscription(detail)
    return usual


def _of_reason(reason: str | None) -> Severity:
    if reason in _MEANT:
        return Severity.INFO
    return Severity.ERROR if reason in _STOPPED else Severity.WARNING


def _of_subscription(detail: Facts) -> Severity:
    status = detail.get("status")
    if status == detail.get("status_before"):
        return Severity.INFO
    if status in _UNPAID:
        return Severity.ERROR
    return Severity.WARNING if status in _OVER else Severity.INFO


# ── further sentences ────────────────────────────────────────────────────────────


def _lines(happened: Happened) -> Iterator[str]:
    event, detail = happened.event, happened.detail
    if happened.task and event in (
        NoticeEvent.PROBLEM_OPENED,
        NoticeEvent.PROBLEM_CLOSED,
    ):
        yield f"Met by the task {named_task(happened)}."
    yield from _why(happened)
    if event is NoticeEvent.PROBLEM_CLOSED:
        yield from _life(detail)
    elif happened.error is not None:
        yield from _failure(happened.error)
    yield from _health(happened)
    yield from _resources(detail)
    unread = detail.get("units_not_read")
    if unread:
        units = "1 unit was" if unread == 1 else f"{unread} units were"
        yield f"{units} not read, and what they would have told is not known."
    yield from _FURTHER.get(event, ())


def _why(happened: Happened) -> Iterator[str]:
    detail = happened.detail
    reason = str(detail.get("reason") or "")
    if reason in REASONS:
        yield f"Why: {REASONS[reason]}."
    elif reason and happened.event is not NoticeEvent.CREDENTIALS_INVALID:
        yield f"Why: {plain(reason)}."
    since, until = _at(detail, "scheduled_for"), _at(detail, "scheduled_until")
    if since and until:
        yield f"From {instant(since)} to {instant(until)}."
    elif since:
        yield f"It was due at {instant(since)}."
    if happened.event is NoticeEvent.EXECUTION_RECOVERED:
        before = (
            "was interrupted" if detail.get("before") == "interrupted" else "failed"
        )
        yield f"The time before, it {before}."


def _life(detail: Facts) -> Iterator[str]:
    count = detail.get("count") or 1
    first, last = _at(detail, "first_at"), _at(detail, "last_at")
    if first and last and count > 1:
        yield f"It struck {count} times, from {instant(first)} to {instant(last)}."
    elif first:
        yield f"It struck once, at {instant(first)}."
    yield "The task that met it has succeeded since."


def _failure(error: Facts) -> Iterator[str]:
    """What AWS said, to which call, and what to do about it."""
    code = plain(str(error.get("code") or "no code"))
    message = plain(str(error.get("message") or ""), MOST_OF_LINE - 100)
    category = plain(str(error.get("category") or "Failed"))
    yield f"{category}, {code}{': ' if message else ''}{message}"
    if error.get("operation"):
        call = f"{error.get('service')}:{error['operation']}"
        region = f" in {error['region']}" if error.get("region") else ""
        request = f", request {error['request_id']}" if error.get("request_id") else ""
        yield f"{plain(f'The call was {call}{region}{request}', MOST_OF_LINE - 1)}."
    if error.get("missing_action"):
        yield f"Missing is the permission {plain(str(error['missing_action']))}."
    if error.get("advice"):
        yield plain(str(error["advice"]), MOST_OF_LINE)


def _health(happened: Happened) -> Iterator[str]:
    detail = happened.detail
    if happened.event in (NoticeEvent.HEALTH_DEGRADED, NoticeEvent.HEALTH_RECOVERED):
        before = detail.get("before")
        yield (
            f"Before, it was {plain(str(before))}."
            if before
            else "It had no verdict before."
        )
        counts = detail.get("counts") or {}
        told = ", ".join(
            f"{counts[name]} {plain(str(name))}" for name in counts if counts[name]
        )
        if told:
            yield f"Resources: {told}."


def _resources(detail: Facts) -> Iterator[str]:
    """Some of those that a listing found otherwise, and how many there are more."""
    named = (detail.get("resources") or [])[:MOST_NAMED]
    for one in named:
        called = f" ({plain(str(one['name']))})" if one["name"] else ""
        what = f"{plain(str(one['type']))} {plain(str(one['identity']))}"
        yield f"{str(one['fate']).capitalize()}: {what}{called}."
    more = sum((detail.get("counts") or {}).get(fate, 0) for fate in FATES) - len(named)
    if named and more > 0:
        yield f"And {more:,} more."


_FURTHER: Mapping[NoticeEvent, tuple[str, ...]] = {
    NoticeEvent.EXECUTION_INTERRUPTED: (
        "Whether its change had its effect is not known.",
        "A person has to look, and to say on its page what was found.",
    ),
    NoticeEvent.CREDENTIALS_INVALID: (
        "Nothing of this account is read until they are verified again.",
    ),
    NoticeEvent.SUBSCRIPTION_READ_ONLY: (
        "Everything can be read and exported; due runs are skipped.",
        "Soon after the invoice is settled everything goes on.",
    ),
    NoticeEvent.CHANNEL_FAILING: (
        "What it is not told now waits, and is told once it can be.",
    ),
    NoticeEvent.TEST: ("Whoever reads this is told what this channel is for.",),
}


def _at(detail: Facts, name: str) -> datetime | None:
    text = detail.get(name)
    return None if text is None else datetime.fromisoformat(str(text))
